#include "stats/quantile.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace aiml042::stats {

namespace {

/// numpy's _lerp: from the nearer end, so that both ends are met exactly.
double between(double a, double b, double part) {
    return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1.0 - part);
}

struct Position {
    std::size_t below;
    double part;
};

Position position_of(std::size_t n, double q) {
    AIML_CHECK(q >= 0.0 && q <= 1.0);
    const double position = q * static_cast<double>(n - 1);
    const auto below = std::min(n - 1, static_cast<std::size_t>(position));
    return {below, position - static_cast<double>(below)};
}

}  // namespace

std::optional<double> quantile(std::vector<double>& values, double q) {
    if (values.empty()) {
        return std::nullopt;
    }
    const auto [below, part] = position_of(values.size(), q);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), at, values.end());
    if (part <= 0.0 || below + 1 == values.size()) {
        return *at;
    }
    return between(*at, *std::min_element(at + 1, values.end()), part);
}

std::optional<double> quantile_sorted(std::span<const double> ascending, double q) {
    if (ascending.empty()) {
        return std::nullopt;
    }
    const auto [below, part] = position_of(ascending.size(), q);
    if (part <= 0.0 || below + 1 == ascending.size()) {
        return ascending[below];
    }
    return between(ascending[below], ascending[below + 1], part);
}

}  // namespace aiml042::stats
