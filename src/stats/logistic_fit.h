// Logistic regression on one variable: y ~ intercept + slope * x, by maximum likelihood, without a
// penalty.
//
// Cost: about 8 walks over the groups, 20 ns per group and walk. The sums run in the order of the
// groups, so equal groups give equal bits. Source: D. R. Cox (1958), "Two further applications of a
// model for binary regression"; existence: A. Albert and J. A. Anderson (1984).

#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace aiml042::stats {

/// Rows of one x.
struct LogisticGroup {
    double x = 0.0;
    double positives = 0.0;
    double n = 0.0;  // At least the positives.
};

struct LogisticFit {
    double intercept = 0.0;
    double slope = 0.0;
    double intercept_se = 0.0;  // From the inverse of the information.
    double slope_se = 0.0;
};

enum class LogisticFault : std::uint8_t {
    kNone,
    kOneClass,
    kNoVariance,  // All x are equal.
    kSeparated,   // Some x has one class on each side of it: the slope has no bound.
    kNotConverged,
};

struct LogisticAnswer {
    LogisticFault fault = LogisticFault::kNone;
    LogisticFit fit = {};  // Of no meaning with a fault.
};

/// `groups` have ascending, finite x.
[[nodiscard]] LogisticAnswer fit_logistic(std::span<const LogisticGroup> groups);

}  // namespace aiml042::stats
