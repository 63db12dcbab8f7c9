// Exact quantiles of values in memory, by selection.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aiml042::stats {

/// The value at position q (n - 1) of the sorted values, linear between neighbours:
/// numpy.quantile's default, q in [0, 1]. Empty for no values. Reorders `values`. Cost: linear.
[[nodiscard]] std::optional<double> quantile(std::vector<double>& values, double q);

/// The same of values already ascending. Cost: constant.
[[nodiscard]] std::optional<double> quantile_sorted(std::span<const double> ascending, double q);

}  // namespace aiml042::stats
