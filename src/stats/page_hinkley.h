// Page and Hinkley's test: calls a change when values have exceeded their mean so far by too much
// in sum. It sees rises only.
//
// State: 64 bytes. Cost: about 5 ns per value. After a change it begins anew. Source: E. S. Page
// (1954), "Continuous inspection schemes"; constants as river and frouros have them. The sum is
// forgotten slowly (factor alpha) and never below 0.

#pragma once

#include <cstdint>
#include <optional>

#include "stats/change.h"

namespace aiml042::stats {

class PageHinkley {
  public:
    static constexpr double kDelta = 0.005;  // Rise of the mean that is none.
    static constexpr double kThreshold = 50.0;
    static constexpr double kAlpha = 0.9999;
    static constexpr std::uint64_t kRowsMin = 30;

    explicit PageHinkley(double threshold = kThreshold) : threshold_(threshold) {}

    /// `x` finite. A change: means up to where the sum was last 0, and from there on.
    std::optional<Change> update(double x);

  private:
    double threshold_;
    std::uint64_t n_ = 0;
    double mean_ = 0.0;
    double sum_ = 0.0;
    double total_ = 0.0;
    std::uint64_t n_at_zero_ = 0;
    double total_at_zero_ = 0.0;
};

}  // namespace aiml042::stats
