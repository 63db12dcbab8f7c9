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

/// What a test of calibration needs of a bin; n and positives need not be whole.
struct BinTally {
    double n = 0.0;
    double positives = 0.0;
    double scores = 0.0;  // Their sum.
};

/// P-value of perfect calibration: the sum over bins of (positives - scores)^2 / (n m (1 - m)), m
/// the mean score, against chi-square with as many degrees as bins (scores were not fitted to these
/// labels), neighbours put together until the variance is at least 5. Empty where it never is.
/// D. W. Hosmer, S. Lemeshow (1980). Simulated level at 5 %: 4.0 to 6.0 % from 100 rows on.
[[nodiscard]] std::optional<double> calibration_p_value(std::span<const BinTally> bins);

/// Murphy's parts of the Brier score over bins: brier = reliability - resolution + uncertainty, but
/// for the spread of scores within a bin. A. H. Murphy (1973).
struct BrierParts {
    double reliability = 0.0;
    double resolution = 0.0;
    double uncertainty = 0.0;
};

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

    /// See calibration_p_value().
    [[nodiscard]] std::optional<double> p_value() const;
    [[nodiscard]] std::optional<BrierParts> brier_parts() const;

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + bins_.capacity() * sizeof(Bin);
    }

  private:
    std::vector<Bin> bins_;
};

}  // namespace aiml042::metrics
