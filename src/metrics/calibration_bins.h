// Scores and outcomes in bins of equal width: count, exact sum of scores, number of outcomes that
// came true.
//
// State: 32 bytes per bin. Bin of p: min(floor(p M), M - 1), so [lo, hi) and the last one closed.
// Scores in [0, 1].

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/fixed_sum.h"

namespace aiml042::metrics {

class CalibrationBins {
  public:
    struct Bin {
        std::uint64_t n = 0;
        std::uint64_t positives = 0;
        stats::FixedSum scores;
    };

    explicit CalibrationBins(std::uint32_t bins);

    /// One entry per row in both; outcomes are 0 or 1.
    void add(std::span<const double> scores, std::span<const std::uint8_t> outcomes);
    void merge(const CalibrationBins& other);

    [[nodiscard]] std::span<const Bin> bins() const { return bins_; }

    [[nodiscard]] std::uint64_t n() const;
    [[nodiscard]] std::uint64_t positives() const;

    /// sum of n_b / n * |mean outcome - mean score|. Empty without rows; so are the others.
    [[nodiscard]] std::optional<double> expected_error() const;
    /// Root of the debiased squared error: sum of n_b / n * ((mean outcome - mean score)^2 - s^2 /
    /// n_b) over bins with two rows or more, s^2 the sample variance of the outcomes of the bin; 0
    /// where the sum is negative.
    [[nodiscard]] std::optional<double> debiased_error() const;
    /// The largest |mean outcome - mean score| of a non-empty bin.
    [[nodiscard]] std::optional<double> largest_error() const;

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + bins_.capacity() * sizeof(Bin);
    }

  private:
    std::vector<Bin> bins_;
};

}  // namespace aiml042::metrics
