// Whether a distribution over bins has moved, by how much, and how sure that is.
//
// Effect: the population stability index of shares with half a row added to each bin, less what two
// samples of one distribution give on average. Null: that index / (1/n + 1/m) is chi-square with
// bins - 1 degrees, whatever the two sizes; with a shift it is non-central, which gives the
// interval and the power. Simulated (reference deciles, n and m from 50 to 10^6, 20,000 runs each):
// false alarms 4.1 to 5.3 % at 5 % from 100 rows a side, intervals cover 92.5 to 98 %. Below 100
// rows use permuted_p_value(). Pure.
//
// Sources: B. Yurdakul (2018): the index under no change; J. Besag, P. Clifford (1991): sequential
// Monte Carlo p-values; R. A. Fisher (1922).

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/interval.h"

namespace aiml042::stats {

struct Shift {
    double effect = 0.0;  // At least 0.
    Interval interval = {};
    double p_value = 1.0;
    std::uint32_t degrees = 0;  // 0: one bin only, so nothing can be told.
};

/// Counts per bin, at least one row on each side.
[[nodiscard]] Shift shift_of_counts(std::span<const std::uint64_t> reference,
                                    std::span<const std::uint64_t> current,
                                    double confidence);

/// The p-value of the same effect over bins of the reference's quantiles, `bins` of them, by
/// drawing the reference's rows anew among all: exact for any sizes and ties. Both ascending and
/// not empty. At least 5e-5 (19,999 draws; fewer once 100 reached the effect). The draws are the
/// same at every call. Cost: about 3 us per draw, for up to 100 rows on the smaller side.
[[nodiscard]] double permuted_p_value(std::span<const double> reference,
                                      std::span<const double> current,
                                      std::uint32_t bins);

/// Two-sided p-value of a 2 x 2 table with these rows: tables as likely as this one or less. Cost:
/// the smallest margin.
[[nodiscard]] double fisher_exact(std::uint64_t a,
                                  std::uint64_t b,
                                  std::uint64_t c,
                                  std::uint64_t d);

/// Counts of both sides with bins put together until each is expected to hold `least` rows on
/// either side under no change; what is left over goes to the last. Empty when there are not two
/// such bins.
struct PooledCounts {
    std::vector<std::uint64_t> reference;
    std::vector<std::uint64_t> current;
};

/// Neighbours, for bins in order.
[[nodiscard]] PooledCounts pool_neighbours(std::span<const std::uint64_t> reference,
                                           std::span<const std::uint64_t> current,
                                           double least);
/// The rare ones, for categories.
[[nodiscard]] PooledCounts pool_rare(std::span<const std::uint64_t> reference,
                                     std::span<const std::uint64_t> current,
                                     double least);

/// Rows of current data at which a shift of `effect` > 0 is found with 80 % probability at level
/// `alpha`, against a reference of `reference_rows`; empty when no number is enough.
[[nodiscard]] std::optional<std::uint64_t> rows_needed(double effect,
                                                       std::uint32_t degrees,
                                                       double alpha,
                                                       std::uint64_t reference_rows);

}  // namespace aiml042::stats
