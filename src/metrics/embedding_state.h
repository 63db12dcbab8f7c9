// The vectors of one embedding: how many, their sum, and a bounded sample.
//
// State, per length of vectors: 16 bytes per component for the sum, and the kSampleRows rows with
// the smallest hashes of their request ids (fewer where vectors are longer than 1,024), as floats:
// at most 4.3 MB. Of more than kLengthsMax lengths the largest ones are kept. Which rows these are
// does not depend on order, cut or merge. Cost: about 20 ns per component, most of it reading the
// number. Source of the sample: bottom-k, E. Cohen, H. Kaplan (2007).

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "metrics/typed_state.h"
#include "stats/int128.h"
#include "stats/vector_rows.h"

namespace aiml042::metrics {

/// Vectors of one length.
class EmbeddingPart {
  public:
    static constexpr std::size_t kSampleRows = 1'000;
    static constexpr std::size_t kSampleFloats = kSampleRows * 1'024;

    explicit EmbeddingPart(std::size_t length);

    void add(std::span<const float> vector, std::uint64_t hash);
    void merge(const EmbeddingPart& other);

    [[nodiscard]] std::uint64_t n() const { return n_; }

    [[nodiscard]] std::vector<double> mean() const;

    /// The sampled rows, by hash.
    [[nodiscard]] std::vector<float> sample() const;

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t row = 0;  // In vectors_.
    };

    [[nodiscard]] std::span<const float> vector(std::uint32_t row) const;
    void keep(std::span<const float> vector, std::uint64_t hash);
    [[nodiscard]] bool comes_before(std::uint64_t hash,
                                    std::span<const float> vector,
                                    const Slot& slot) const;

    std::size_t length_;
    std::size_t rows_max_;
    std::uint64_t n_ = 0;
    std::vector<stats::Int128> sums_;  // Units of 2^-60.
    std::vector<Slot> slots_;          // A heap, the last one in front.
    std::vector<float> vectors_;
};

class EmbeddingSample final : public TypedState<EmbeddingSample> {
  public:
    static constexpr std::size_t kLengthsMax = 4;
    static constexpr float kComponentMax = 0x1p20F;  // Larger ones make a vector unusable.

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const EmbeddingSample& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// Adds one row; an empty vector is a missing one.
    void add(std::span<const float> vector, std::uint64_t hash);

    /// Rows, with or without a vector.
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

    [[nodiscard]] std::uint64_t missing() const { return missing_; }

    /// The length that most vectors have, of equally many the largest; 0: there are none.
    [[nodiscard]] std::size_t usual_length() const;

    /// Null: there are none.
    [[nodiscard]] const EmbeddingPart* of_length(std::size_t length) const;

  private:
    void drop_short_ones();

    std::uint64_t rows_ = 0;
    std::uint64_t missing_ = 0;
    std::map<std::size_t, EmbeddingPart> parts_;
};

extern const Family kEmbeddingFamily;

}  // namespace aiml042::metrics
