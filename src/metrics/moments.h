// A mean with its interval: count, exact sum, exact sum of squares.
//
// State: 176 bytes. Cost: about 7 ns per value, 3 ns with rounded squares. The mean is the
// correctly rounded sum divided by n.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "metrics/metric.h"
#include "stats/exact_sum.h"

namespace aiml042::metrics {

class Moments {
  public:
    /// kExact: the variance has all its digits however small it is beside the mean. kRounded: each
    /// square is rounded first, so the variance is off by up to 1e-16 of the squared mean: cheaper,
    /// and enough for an interval.
    enum class Squares : std::uint8_t { kExact, kRounded };

    explicit Moments(Squares squares = Squares::kExact) : kind_(squares) {}

    /// Adds all values (at most kRun at a time is fastest).
    void add(std::span<const double> values);
    void merge(const Moments& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    [[nodiscard]] const stats::ExactSum& sum() const { return sum_; }

    /// Sample variance (divisor n - 1), never negative. Empty below two values or where it is not
    /// finite.
    [[nodiscard]] std::optional<double> variance() const;

    /// The mean with Student's interval (central limit theorem). Without values: no value and
    /// `empty_reason`.
    [[nodiscard]] Estimate mean(std::optional<double> confidence,
                                std::string_view empty_reason) const;

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    Squares kind_;
    std::uint64_t count_ = 0;
    stats::ExactSum sum_;
    stats::ExactSum squares_;
};

}  // namespace aiml042::metrics
