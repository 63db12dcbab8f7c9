// The mean of numbers in [0, 64), with its interval: count, fixed-point sum, fixed-point sum of
// squares.
//
// State: 48 bytes. Cost: about 2 ns per value. For log-losses and squared errors of probabilities.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "metrics/metric.h"
#include "stats/fixed_sum.h"

namespace aiml042::metrics {

class BoundedMean {
  public:
    void add(std::span<const double> values);
    void merge(const BoundedMean& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// The mean with Student's interval. Without values: no value and `empty_reason`.
    [[nodiscard]] Estimate mean(std::optional<double> confidence,
                                std::string_view empty_reason) const;

  private:
    static constexpr double kSquareScale = 0x1p-6;  // Squares stay below 64.

    std::uint64_t count_ = 0;
    stats::FixedSum sum_;
    stats::FixedSum squares_;  // Of squares times kSquareScale.
};

}  // namespace aiml042::metrics
