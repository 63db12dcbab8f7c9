// Fairness of binary decisions: rates of groups and the gaps between them, with intervals.
//
// Rates are shares with Wilson's interval. A gap is the largest difference of a rate between two
// groups; its interval is made of Newcombe's score intervals of all pairs, their confidence raised
// so that all hold at once (Bonferroni): from the largest lower end of a pair's distance to the
// largest upper end. So it covers however many groups there are; simulated at 95 %, 2 to 8 groups
// of 50 to 500 rows: 97 to 100 %. The ratio's is made of pairs' ratios by the method of variance
// estimates recovery. Pure.
//
// Sources: DEFINITIONS.json, "fairness"; R. G. Newcombe (1998); A. Donner, G. Y. Zou (2012);
// D. Borkan et al. (2019): AUCs of subgroups.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "metrics/grouped_state.h"
#include "metrics/metric.h"

namespace aiml042::metrics {

enum class Rate : std::uint8_t { kSelection, kTruePositive, kFalsePositive, kPrecision, kAccuracy };

/// Part and whole of a rate.
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> parts_of(const Decisions& group, Rate rate);

/// A group's rate with its interval; reason "empty denominator" where there is none.
[[nodiscard]] Estimate rate_of(const Decisions& group, Rate rate, std::optional<double> confidence);

/// Most groups that gaps are told of: pairs are looked at one by one.
inline constexpr std::size_t kFairGroupsMax = 500;

/// Largest difference of the rate between two groups of `min_n` rows or more; Estimate::groups are
/// the group with the highest and the one with the lowest rate, n the rows of all that took part.
[[nodiscard]] Estimate rate_gap(std::span<const Decisions> groups,
                                Rate rate,
                                std::uint64_t min_n,
                                std::optional<double> confidence);

/// Lowest rate / highest rate.
[[nodiscard]] Estimate rate_ratio(std::span<const Decisions> groups,
                                  Rate rate,
                                  std::uint64_t min_n,
                                  std::optional<double> confidence);

/// The group with the lowest rate; Estimate::groups holds it first.
[[nodiscard]] Estimate lowest_rate(std::span<const Decisions> groups,
                                   Rate rate,
                                   std::uint64_t min_n,
                                   std::optional<double> confidence);

/// ROC AUCs that a group takes part in.
struct GroupAucs {
    std::uint64_t n = 0;     // Labelled events of the group with a score.
    Estimate subgroup = {};  // Within the group.
    Estimate bpsn = {};      // Positives of the others against negatives of the group.
    Estimate bnsp = {};      // Positives of the group against negatives of the others.
};

/// One entry per group code.
[[nodiscard]] std::vector<GroupAucs> group_aucs(const GroupedScores& scores,
                                                std::optional<double> confidence);

}  // namespace aiml042::metrics
