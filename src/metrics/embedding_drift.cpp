#include "metrics/embedding_drift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "metrics/reasons.h"
#include "stats/area_under_curve.h"
#include "stats/multiplicity.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

namespace {

/// Of a sampled row; the sample has more rows than one.
std::vector<double> as_doubles(std::span<const float> row) {
    return {row.begin(), row.end()};
}

/// Whether a sampled row is left out of the centre: all are where half of the rows remain.
bool left_out(const EmbeddingColumn& reference, std::size_t row) {
    return row % 2 == 1 || reference.n >= 2 * reference.sampled();
}

/// The mean of all of the reference's rows but those left out; empty where none is.
std::vector<double> centre_of(const EmbeddingColumn& reference) {
    std::vector<double> sum = reference.mean;
    for (double& component : sum) {
        component *= static_cast<double>(reference.n);
    }
    auto rows = static_cast<double>(reference.n);
    for (std::size_t i = 0; i < reference.sampled(); ++i) {
        if (left_out(reference, i)) {
            const std::span<const float> row = reference.rows().row(i);
            for (std::size_t k = 0; k < sum.size(); ++k) {
                sum[k] -= static_cast<double>(row[k]);
            }
            rows -= 1.0;
        }
    }
    for (double& component : sum) {
        component /= rows;
    }
    return sum;
}

/// Ascending distances to the centre of the rows that count; those without a direction do not.
template <typename Counts>
std::vector<double> distances_of(const EmbeddingColumn& column,
                                 std::span<const double> centre,
                                 const Counts& counts) {
    std::vector<double> out;
    for (std::size_t i = 0; i < column.sampled(); ++i) {
        if (!counts(i)) {
            continue;
        }
        const std::vector<double> row = as_doubles(column.rows().row(i));
        if (const auto distance = cosine_distance(row, centre)) {
            out.push_back(*distance);
        }
    }
    std::ranges::sort(out);
    return out;
}

std::optional<EmbeddingDrift::Distances> compare_distances(const EmbeddingColumn& reference,
                                                           const EmbeddingColumn& current,
                                                           double confidence) {
    const std::vector<double> centre = centre_of(reference);
    const std::vector<double> before =
        distances_of(reference, centre, [&](std::size_t i) { return left_out(reference, i); });
    const std::vector<double> now = distances_of(current, centre, [](std::size_t) { return true; });
    if (before.empty() || now.empty()) {
        return std::nullopt;
    }
    const stats::TwoSample two = stats::compare_sorted(before, now);
    const stats::AreaUnderCurve area = stats::area_under_curve(before, now);
    return EmbeddingDrift::Distances{
        .ks = two.ks,
        .ks_p_value = stats::ks_p_value(two.ks, before, now),
        .wasserstein = two.wasserstein,
        .farther = area.value,
        .farther_interval = stats::auc_interval(
            area.value, std::sqrt(area.variance), now.size(), before.size(), confidence)};
}

/// How far a probability, or an end of its interval, is from telling nothing; in [0, 1].
double told(double probability) {
    return std::fabs(2.0 * probability - 1.0);
}

}  // namespace

EmbeddingColumn EmbeddingColumn::of(const EmbeddingSample& state,
                                    std::optional<std::size_t> length) {
    EmbeddingColumn out;
    out.length = length.value_or(state.usual_length());
    out.missing = state.missing();
    if (const EmbeddingPart* part = state.of_length(out.length)) {
        out.n = part->n();
        out.mean = part->mean();
        out.sample = part->sample();
    }
    out.other = state.rows() - state.missing() - out.n;
    return out;
}

std::size_t EmbeddingColumn::memory_bytes() const {
    return sizeof(*this) + mean.capacity() * sizeof(double) + sample.capacity() * sizeof(float);
}

Hash128 EmbeddingColumn::name() const {
    const auto bytes_of = [](const auto& values) {
        return ByteView(reinterpret_cast<const char*>(values.data()),
                        values.size() * sizeof(values[0]));
    };
    const Hash128 of_mean = hash128(bytes_of(mean), length);
    const Hash128 of_sample = hash128(bytes_of(sample), length);
    const std::array all{
        of_mean.high, of_mean.low, of_sample.high, of_sample.low, n, missing, other};
    return hash128(bytes_of(all), 0);
}

std::optional<double> cosine_distance(std::span<const double> a, std::span<const double> b) {
    const double product = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    const double squares = std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                           std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    return squares > 0.0 ? std::optional(std::clamp(1.0 - product / std::sqrt(squares), 0.0, 2.0))
                         : std::nullopt;
}

double EmbeddingDrift::effect() const {
    return std::max(domain ? 2.0 * domain->auc - 1.0 : 0.0,
                    distances ? told(distances->farther) : 0.0);
}

double EmbeddingDrift::effect_max() const {
    double out = domain ? 2.0 * domain->interval.second - 1.0 : 1.0;
    if (distances) {
        out = std::max({out,
                        told(distances->farther_interval.first),
                        told(distances->farther_interval.second)});
    }
    return std::min(out, 1.0);
}

std::optional<double> EmbeddingDrift::p_value() const {
    if (!kernel) {
        return std::nullopt;
    }
    const double smaller =
        distances ? std::min(kernel->p_value, distances->ks_p_value) : kernel->p_value;
    return std::min(1.0, 2.0 * smaller);
}

EmbeddingDrift compare_embeddings(const EmbeddingColumn& reference,
                                  const EmbeddingColumn& current,
                                  double confidence) {
    EmbeddingDrift out;
    out.reference_n = reference.n;
    out.current_n = current.n;
    out.reference_sampled = reference.sampled();
    out.current_sampled = current.sampled();
    if (reference.n == 0 || current.n == 0) {
        return out;
    }
    out.cosine_shift = cosine_distance(reference.mean, current.mean);
    if (std::min(reference.sampled(), current.sampled()) >= 2) {
        out.kernel = stats::kernel_two_sample(reference.rows(), current.rows());
        out.distances = compare_distances(reference, current, confidence);
        out.domain = stats::domain_classifier(reference.rows(), current.rows(), confidence);
    }
    return out;
}

Judgement judge_embedding(const EmbeddingDrift& embedding,
                          std::optional<double> p_adjusted,
                          const DriftOptions& options) {
    if (embedding.reference_n == 0 || embedding.current_n == 0) {
        return {.reason =
                    embedding.reference_n == 0 ? reasons::kNoReferenceValues : reasons::kNoValues};
    }
    Judgement out{.p_adjusted = p_adjusted};
    const bool enough = std::min(embedding.reference_n, embedding.current_n) >= kJudgedRowsMin;
    if (enough && p_adjusted && *p_adjusted <= options.alpha &&
        embedding.effect() > options.embedding_margin) {
        out.verdict = Verdict::kDrifted;
    } else if (enough && embedding.effect_max() < options.embedding_margin) {
        out.verdict = Verdict::kUnchanged;
    } else if (embedding.reference_n < kJudgedRowsMin) {
        out.reason = reasons::kSmallReference;
    } else if (embedding.current_sampled < embedding.current_n) {
        out.reason = reasons::kNearMargin;  // More rows would not be sampled.
    } else {
        out.rows_needed = std::max(kJudgedRowsMin, 2 * embedding.current_n);
    }
    return out;
}

std::vector<Judgement> judge(std::span<const ColumnDrift> columns,
                             std::span<const EmbeddingDrift> embeddings,
                             const DriftOptions& options) {
    std::vector<double> p_values;
    for (const ColumnDrift& column : columns) {
        if (column.shift) {
            p_values.push_back(column.shift->p_value);
        }
    }
    for (const EmbeddingDrift& embedding : embeddings) {
        if (const auto p = embedding.p_value()) {
            p_values.push_back(*p);
        }
    }
    const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
    auto next = adjusted.begin();
    std::vector<Judgement> out;
    for (const ColumnDrift& column : columns) {
        out.push_back(
            judge_column(column, column.shift ? std::optional(*next++) : std::nullopt, options));
    }
    for (const EmbeddingDrift& embedding : embeddings) {
        out.push_back(judge_embedding(
            embedding, embedding.p_value() ? std::optional(*next++) : std::nullopt, options));
    }
    return out;
}

}  // namespace aiml042::metrics
