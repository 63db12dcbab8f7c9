// Bins of equal width, how many of them a rule asks for, and how many values lie in each: what
// other monitors count in.
//
// Pure. Sources: H. A. Sturges (1926); D. P. Doane (1976). The arithmetic is that of numpy 1.24
// (histogram_bin_edges, histogram), so that a bin's edge falls on the same double.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace aiml042::stats {

/// `bins` > 0 bins between lo and hi, one edge more; of one value (lo = hi) from half below it to
/// half above.
[[nodiscard]] std::vector<double> equal_width_edges(double lo, double hi, std::uint32_t bins);

/// Sturges' number of bins for `n` > 0 values over a range of width `range`; 1 for a range of 0.
[[nodiscard]] std::uint32_t sturges_bins(std::uint64_t n, double range);

/// Doane's for these values, ascending, which stand for `n` of them; more bins where they are
/// skewed. 1 where all are equal or there are fewer than three.
[[nodiscard]] std::uint32_t doane_bins(std::span<const double> ascending, std::uint64_t n);

/// How many of `ascending` lie in each bin: an edge belongs to the bin above it, the last one to
/// the last bin; values beyond the edges to none.
[[nodiscard]] std::vector<std::uint64_t> count_between(std::span<const double> ascending,
                                                       std::span<const double> edges);

/// Mean and population standard deviation, in two passes; of at least one value.
struct Spread {
    double mean = 0.0;
    double deviation = 0.0;
};

[[nodiscard]] Spread spread_of(std::span<const double> values);

}  // namespace aiml042::stats
