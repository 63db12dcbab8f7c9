// Area under the ROC curve of two sorted samples, with DeLong's error.
//
// Cost: a binary search per value. Pure. Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson
// (1988).

#pragma once

#include <span>

namespace aiml042::stats {

struct AreaUnderCurve {
    double value = 0.5;     // P(positive > negative) + P(equal) / 2.
    double variance = 0.0;  // Of the value; of a side with one value its part is 0.
};

/// Both ascending and not empty.
[[nodiscard]] AreaUnderCurve area_under_curve(std::span<const double> negatives,
                                              std::span<const double> positives);

}  // namespace aiml042::stats
