// Many tests at once.

#pragma once

#include <span>
#include <vector>

namespace aiml042::stats {

/// The p-values, in their order, adjusted so that calling those below a level significant keeps the
/// expected share of false ones below it. Y. Benjamini, Y. Hochberg (1995). Cost: a sort.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace aiml042::stats
