#include "stats/equal_width.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/exact_sum.h"

namespace aiml042::stats {

namespace {

/// Bins of `width` in `range`; no width is one bin.
std::uint32_t bins_of(double range, double width) {
    return width > 0.0 ? static_cast<std::uint32_t>(std::ceil(range / width)) : 1;
}

}  // namespace

std::vector<double> equal_width_edges(double lo, double hi, std::uint32_t bins) {
    AIML_CHECK(bins > 0 && lo <= hi);
    if (lo == hi) {
        lo -= 0.5;
        hi += 0.5;
    }
    const double step = (hi - lo) / static_cast<double>(bins);
    std::vector<double> edges;
    for (std::uint32_t i = 0; i < bins; ++i) {
        edges.push_back(static_cast<double>(i) * step + lo);
    }
    edges.push_back(hi);
    return edges;
}

std::uint32_t sturges_bins(std::uint64_t n, double range) {
    return bins_of(range, range / (std::log2(static_cast<double>(n)) + 1.0));
}

Spread spread_of(std::span<const double> values) {
    AIML_CHECK(!values.empty());
    const auto n = static_cast<double>(values.size());
    ExactSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    Spread out{.mean = sum.value() / n};
    ExactSum squares;
    for (const double value : values) {
        squares.add((value - out.mean) * (value - out.mean));
    }
    out.deviation = std::sqrt(squares.value() / n);
    return out;
}

std::uint32_t doane_bins(std::span<const double> ascending, std::uint64_t n) {
    if (ascending.size() < 3) {
        return 1;
    }
    const double range = ascending.back() - ascending.front();
    const Spread spread = spread_of(ascending);
    if (!(spread.deviation > 0.0)) {
        return 1;
    }
    ExactSum cubes;
    for (const double value : ascending) {
        const double z = (value - spread.mean) / spread.deviation;
        cubes.add(z * z * z);
    }
    const auto rows = static_cast<double>(n);
    const double skew = cubes.value() / static_cast<double>(ascending.size());
    const double skew_error = std::sqrt(6.0 * (rows - 2.0) / ((rows + 1.0) * (rows + 3.0)));
    return bins_of(range,
                   range / (1.0 + std::log2(rows) + std::log2(1.0 + std::fabs(skew) / skew_error)));
}

std::vector<std::uint64_t> count_between(std::span<const double> ascending,
                                         std::span<const double> edges) {
    AIML_CHECK(edges.size() >= 2);
    std::vector<std::uint64_t> out;
    auto begin = std::ranges::lower_bound(ascending, edges.front());
    for (std::size_t i = 1; i < edges.size(); ++i) {
        const bool last = i + 1 == edges.size();
        const auto end = last ? std::upper_bound(begin, ascending.end(), edges[i])
                              : std::lower_bound(begin, ascending.end(), edges[i]);
        out.push_back(static_cast<std::uint64_t>(end - begin));
        begin = end;
    }
    return out;
}

}  // namespace aiml042::stats
