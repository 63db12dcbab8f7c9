// An embedding compared with a reference's: where its centre went, whether the distributions of
// vectors differ, and how well the two can be told apart.
//
// All tests read bounded samples (EmbeddingPart), the centres all rows. Distances: 1 - cosine to
// the reference's centre. So that the reference's own rows are no nearer to it by being in it, its
// sampled rows are left out of that centre (every second one where they are more than half of all),
// and only those are compared with the current rows. Pure. Cost for 2 x 1,000 vectors of 768: about
// a second.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "metrics/drift_verdict.h"
#include "metrics/embedding_state.h"
#include "stats/domain_classifier.h"
#include "stats/kernel_two_sample.h"

namespace aiml042::metrics {

/// What is frozen of one side. Immutable.
struct EmbeddingColumn {
    std::size_t length = 0;     // Of vectors; 0: there are none.
    std::uint64_t n = 0;        // Vectors of that length.
    std::uint64_t missing = 0;  // Rows without a vector.
    std::uint64_t other = 0;    // Rows with one of another length, or with components beyond 2^20.
    std::vector<double> mean;
    std::vector<float> sample;

    /// Vectors of `length`, or of the usual one.
    [[nodiscard]] static EmbeddingColumn of(const EmbeddingSample& state,
                                            std::optional<std::size_t> length = std::nullopt);

    [[nodiscard]] stats::VectorRowsView rows() const { return {sample, length}; }

    [[nodiscard]] std::size_t sampled() const { return length > 0 ? sample.size() / length : 0; }

    [[nodiscard]] std::size_t memory_bytes() const;

    /// Equal for equal contents.
    [[nodiscard]] Hash128 name() const;
};

/// 1 - cosine of two vectors, in [0, 2]; empty where one has no direction.
[[nodiscard]] std::optional<double> cosine_distance(std::span<const double> a,
                                                    std::span<const double> b);

struct EmbeddingDrift {
    std::uint64_t reference_n = 0;  // Vectors of the reference's length …
    std::uint64_t current_n = 0;
    std::uint64_t reference_sampled = 0;  // … and how many of them were compared.
    std::uint64_t current_sampled = 0;
    std::optional<double> cosine_shift;       // Between the two centres.
    std::optional<stats::KernelTest> kernel;  // Two rows on both sides.

    struct Distances {
        double ks = 0.0;
        double ks_p_value = 1.0;
        double wasserstein = 0.0;
        double farther = 0.5;  // P(current farther from the centre) + P(as far) / 2.
        stats::Interval farther_interval = {0.0, 1.0};
    };

    std::optional<Distances> distances;
    std::optional<stats::DomainTest> domain;

    /// Lower bound of the total variation distance: the larger of 2 domain.auc - 1 and
    /// |2 farther - 1|; 0 at least. With it, the upper end of what it may be.
    [[nodiscard]] double effect() const;
    [[nodiscard]] double effect_max() const;

    /// Of no change: twice the smaller of the kernel's and the distances'. Empty without them.
    [[nodiscard]] std::optional<double> p_value() const;
};

/// Drifted: significant after adjustment, and the effect exceeds DriftOptions::embedding_margin.
/// Unchanged: effect_max() lies below it.
[[nodiscard]] Judgement judge_embedding(const EmbeddingDrift& embedding,
                                        std::optional<double> p_adjusted,
                                        const DriftOptions& options);

/// One judgement per column and then one per embedding: one family of tests.
[[nodiscard]] std::vector<Judgement> judge(std::span<const ColumnDrift> columns,
                                           std::span<const EmbeddingDrift> embeddings,
                                           const DriftOptions& options);

[[nodiscard]] EmbeddingDrift compare_embeddings(const EmbeddingColumn& reference,
                                                const EmbeddingColumn& current,
                                                double confidence);

}  // namespace aiml042::metrics
