#include "stats/multiplicity.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace aiml042::stats {

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order,
                      [&](std::size_t a, std::size_t b) { return p_values[a] > p_values[b]; });
    std::vector<double> adjusted(p_values.size());
    const auto all = static_cast<double>(p_values.size());
    double least = 1.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        least = std::min(least, p_values[order[i]] * all / (all - static_cast<double>(i)));
        adjusted[order[i]] = least;
    }
    return adjusted;
}

}  // namespace aiml042::stats
