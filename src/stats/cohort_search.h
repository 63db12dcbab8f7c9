// Which cohorts account for the difference of a ratio between two sets of rows.
//
// Rows carry a code per dimension (a category, a bin of a number). A cohort is one to three ranges
// of codes, each of another dimension. Half of the rows choose cohorts: the one whose part of the
// difference exceeds its size the most, less a few standard errors; then the same among the rows
// that it leaves, and so on. The other half, which had no say, tests each of them, so that the
// share of false ones stays below `alpha` however many were looked at. What is reported is counted
// over both halves; every row counts for the first cohort that holds it, so that the parts sum to
// the whole.
//
// Sources: the split as in ratio_change.h; honest selection by sample splitting, S. Athey, G.
// Imbens (2016); false discoveries, Y. Benjamini, Y. Hochberg (1995).
//
// Cost: rows/2 * dimensions^2/2 additions of six sums, about 2 ns each per worker, then 0.1 ms per
// pair of dimensions and cohort. Memory: CohortRows, and 96 bytes per pair of codes of two
// dimensions, of `pair_dimensions_max` dimensions at most.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "stats/ratio_change.h"

namespace aiml042::stats {

/// Codes first … last of a dimension.
struct CodeRange {
    std::uint8_t first = 0;
    std::uint8_t last = 0;

    [[nodiscard]] bool holds(std::uint8_t code) const { return code >= first && code <= last; }

    friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

struct CohortDimension {
    std::uint32_t codes = 0;        // Rows have codes below this; at most 256.
    std::vector<CodeRange> ranges;  // What a cohort may ask for.
};

/// Rows of one set.
struct CohortRows {
    std::vector<std::vector<std::uint8_t>> codes;  // By dimension, one per row.
    std::vector<double> part;
    std::vector<double> whole;  // At least 0.
};

/// Both sets, each in two halves that were drawn at random.
struct CohortData {
    std::vector<CohortDimension> dimensions;
    std::array<CohortRows, 2> before;  // [0] chooses, [1] tests.
    std::array<CohortRows, 2> after;
};

struct CohortOptions {
    std::size_t conditions_max = 3;  // 1 to 3.
    std::size_t cohorts_max = 5;
    double rows_min = 50.0;  // Of a cohort, in both sets together.
    double alpha = 0.05;
    std::size_t pair_dimensions_max = 12;  // Those whose own cohorts say most are paired.
};

struct CohortCondition {
    std::size_t dimension = 0;
    CodeRange range;

    friend bool operator==(const CohortCondition&, const CohortCondition&) = default;
};

using CohortConditions = std::vector<CohortCondition>;

struct Cohort {
    CohortConditions where;  // By dimension.
    RatioPair sums;          // Rows that no cohort before it holds.
    double p_value = 1.0;    // That it changed as the others did; one-sided, of the testing half.
    double q_value = 1.0;    // Adjusted for all that were tested.
    double error = 0.0;      // Standard error of its part of the difference, over all rows.
};

struct CohortReport {
    RatioPair all;
    std::vector<Cohort> cohorts;  // In the order they were chosen.
    RatioPair rest;
    std::size_t tested = 0;  // Cohorts that were chosen.
    /// [dimension][code], over all rows.
    std::vector<std::vector<RatioPair>> by_code;
};

/// Calls work(i) for every i below `items`, in any order, on any threads.
using ForEach =
    std::function<void(std::size_t items, const std::function<void(std::size_t)>& work)>;

/// The same report whatever the threads. No cohorts when one of the sets has nothing to count.
[[nodiscard]] CohortReport find_cohorts(const CohortData& data,
                                        const CohortOptions& options,
                                        const ForEach& for_each);

}  // namespace aiml042::stats
