// Numbers of which quantiles are asked: all of them, or a log-linear histogram with its error bound.
//
// With `exact` false the histogram takes over once there are more than kKeptMax values; which of the two it is depends on
// the number of values alone, so cuts and merges do not matter.
// State: 8 bytes per value, or a few KiB. Threads: finished states may be read by many, see Lazy.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "metrics/metric.h"
#include "metrics/typed_state.h"
#include "stats/log_linear_histogram.h"

namespace aiml042::metrics {

class Sample {
  public:
    static constexpr std::size_t kKeptMax = 512;

    explicit Sample(bool exact);

    ~Sample() = default;
    Sample(const Sample& other);
    Sample& operator=(const Sample& other) = delete;

    /// NaN must not come.
    void add(std::span<const double> values);
    void merge(const Sample& other);

    [[nodiscard]] std::uint64_t count() const;

    /// Quantile q by linear interpolation of the sorted values, or of their sizes; with an order-statistic interval when
    /// `confidence` is given. Without values: no value and `empty_reason`.
    [[nodiscard]] Estimate quantile(double q,
                                    bool of_sizes,
                                    std::optional<double> confidence,
                                    std::string_view empty_reason) const;

    /// Counts of the values between their ends in `bins` equal bins; from a histogram each of its bins goes where its
    /// middle lies. Empty without values.
    struct Bar {
        double lo = 0.0;
        double hi = 0.0;
        std::uint64_t n = 0;
    };
    [[nodiscard]] std::vector<Bar> bars(std::uint32_t bins) const;

    [[nodiscard]] bool exact() const { return histogram_ == nullptr; }
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    [[nodiscard]] const std::vector<double>& sorted(bool of_sizes) const;

    void to_histogram();

    bool may_sketch_;
    std::vector<double> kept_;
    std::unique_ptr<stats::LogLinearHistogram> histogram_;
    Lazy<std::vector<double>> sorted_;
    Lazy<std::vector<double>> sorted_sizes_;
};

}  // namespace aiml042::metrics
