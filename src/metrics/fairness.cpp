#include "metrics/fairness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "stats/binary_ranking.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

/// A group's rate with both ends of its interval.
struct Bounded {
    std::uint32_t group = 0;
    double rate = 0.0;
    double lo = 0.0;
    double hi = 0.0;
};

struct Qualified {
    std::vector<Bounded> rates;
    std::uint64_t n = 0;
    std::string_view reason = {};
};

/// The groups that take part, with intervals that hold for all pairs at once.
Qualified qualified(std::span<const Decisions> groups,
                    Rate rate,
                    std::uint64_t min_n,
                    std::optional<double> confidence) {
    Qualified out;
    for (std::uint32_t code = 0; code < groups.size(); ++code) {
        const auto [part, whole] = parts_of(groups[code], rate);
        if (groups[code].n() >= std::max<std::uint64_t>(1, min_n) && whole > 0) {
            out.rates.push_back(
                {.group = code, .rate = static_cast<double>(part) / static_cast<double>(whole)});
            out.n += groups[code].n();
        }
    }
    const auto k = static_cast<double>(out.rates.size());
    if (out.rates.size() < 2) {
        out.reason = reasons::kTooFewGroups;
    } else if (out.rates.size() > kFairGroupsMax) {
        out.reason = reasons::kTooManyGroups;
    } else if (confidence) {
        const double each = 1.0 - (1.0 - *confidence) / (k * (k - 1.0) / 2.0);
        for (Bounded& one : out.rates) {
            const auto [part, whole] = parts_of(groups[one.group], rate);
            std::tie(one.lo, one.hi) =
                stats::wilson(static_cast<double>(part), static_cast<double>(whole), each);
        }
    }
    return out;
}

double square(double x) {
    return x * x;
}

/// Newcombe's interval of a.rate - b.rate.
stats::Interval difference(const Bounded& a, const Bounded& b) {
    const double d = a.rate - b.rate;
    return {d - std::sqrt(square(a.rate - a.lo) + square(b.hi - b.rate)),
            d + std::sqrt(square(a.hi - a.rate) + square(b.rate - b.lo))};
}

/// Donner and Zou's interval of a.rate / b.rate.
stats::Interval quotient(const Bounded& a, const Bounded& b) {
    const double cross = a.rate * b.rate;
    const auto root = [&](double end_a, double end_b) {
        return std::sqrt(std::max(
            0.0, square(cross) - end_a * end_b * (2.0 * a.rate - end_a) * (2.0 * b.rate - end_b)));
    };
    const double low_whole = b.hi * (2.0 * b.rate - b.hi);
    const double high_whole = b.lo * (2.0 * b.rate - b.lo);
    const double low = low_whole > 0.0 ? (cross - root(a.lo, b.hi)) / low_whole : a.lo / b.hi;
    const double high = high_whole > 0.0 ? (cross + root(a.hi, b.lo)) / high_whole
                                         : std::numeric_limits<double>::infinity();
    return {std::max(0.0, low), high};
}

/// Interval of the largest distance between two rates.
stats::Interval gap_interval(const std::vector<Bounded>& rates) {
    stats::Interval out{0.0, 0.0};
    for (std::size_t i = 0; i < rates.size(); ++i) {
        for (std::size_t k = i + 1; k < rates.size(); ++k) {
            const auto [lo, hi] = difference(rates[i], rates[k]);
            out.first = std::max({out.first, lo, -hi});
            out.second = std::max({out.second, hi, -lo});
        }
    }
    return out;
}

/// Interval of the smallest quotient of two rates.
stats::Interval ratio_interval(const std::vector<Bounded>& rates) {
    stats::Interval out{1.0, 1.0};
    for (const Bounded& a : rates) {
        for (const Bounded& b : rates) {
            if (&a != &b) {
                const auto [lo, hi] = quotient(a, b);
                out.first = std::min(out.first, lo);
                out.second = std::min(out.second, hi);
            }
        }
    }
    return out;
}

/// Sum over `a` of values of `b` below, equal ones half. Both ascending.
double pairs_above(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (const double value : a) {
        const auto [first, last] = std::equal_range(b.begin(), b.end(), value);
        sum += static_cast<double>(first - b.begin()) + 0.5 * static_cast<double>(last - first);
    }
    return sum;
}

Estimate auc_of(double above,
                std::optional<double> se,
                std::size_t positives,
                std::size_t negatives,
                std::optional<double> confidence) {
    if (positives == 0 || negatives == 0) {
        return {.n = positives + negatives, .reason = reasons::kOneClass};
    }
    const double pairs = static_cast<double>(positives) * static_cast<double>(negatives);
    Estimate out{.value = std::clamp(above / pairs, 0.0, 1.0), .n = positives + negatives};
    if (confidence) {
        out.interval = stats::auc_interval(*out.value, se, positives, negatives, *confidence);
    }
    return out;
}

const GroupedDecisions& decisions_of(const State& state) {
    return as<GroupedDecisions>(state);
}

/// An Estimate over groups, or why there are no groups at all.
template <typename Formula>
Estimate over_groups(const State& state, const Formula& formula) {
    const GroupedDecisions& decisions = decisions_of(state);
    return decisions.groups().empty() ? Estimate{.reason = decisions.reason()}
                                      : formula(decisions.groups());
}

template <Rate kRate>
Estimate gap(const State& state, const FinishOptions& options) {
    return over_groups(state, [&](std::span<const Decisions> groups) {
        return rate_gap(groups, kRate, options.min_n, options.confidence);
    });
}

Estimate parity_ratio(const State& state, const FinishOptions& options) {
    return over_groups(state, [&](std::span<const Decisions> groups) {
        return rate_ratio(groups, Rate::kSelection, options.min_n, options.confidence);
    });
}

/// The larger of both gaps; both intervals hold at once.
Estimate equalized_odds(const State& state, const FinishOptions& options) {
    return over_groups(state, [&](std::span<const Decisions> groups) {
        std::optional<double> each;
        if (options.confidence) {
            each = 1.0 - (1.0 - *options.confidence) / 2.0;
        }
        const Estimate tpr = rate_gap(groups, Rate::kTruePositive, options.min_n, each);
        const Estimate fpr = rate_gap(groups, Rate::kFalsePositive, options.min_n, each);
        if (!tpr.value || !fpr.value) {
            return tpr.value ? fpr : tpr;
        }
        Estimate out = *tpr.value >= *fpr.value ? tpr : fpr;
        if (each) {
            out.interval = {std::max(tpr.interval->first, fpr.interval->first),
                            std::max(tpr.interval->second, fpr.interval->second)};
        }
        return out;
    });
}

Estimate worst_group(const State& state, const FinishOptions& options) {
    return over_groups(state, [&](std::span<const Decisions> groups) {
        return lowest_rate(groups, Rate::kAccuracy, options.min_n, options.confidence);
    });
}

/// The lowest of an AUC over the groups of min_n rows or more, its interval as for the lowest rate.
template <auto Member>
Estimate lowest_auc(const State& state, const FinishOptions& options) {
    const auto& scores = as<GroupedScores>(state);
    std::size_t counted = 0;
    for (const GroupedScores::Group& group : scores.groups()) {
        const std::size_t n = group.positives.size() + group.negatives.size();
        counted += n >= std::max<std::uint64_t>(1, options.min_n) ? 1U : 0U;
    }
    if (counted == 0) {
        return {.reason = options.family.positive_class == kNoClass ? reasons::kNoPositiveClass
                                                                    : reasons::kNoGroups};
    }
    std::optional<double> each;
    if (options.confidence) {
        each = 1.0 - (1.0 - *options.confidence) / static_cast<double>(counted);
    }
    Estimate out{.reason = reasons::kOneClass};
    const std::vector<GroupAucs> all = group_aucs(scores, each);
    for (std::uint32_t code = 0; code < all.size(); ++code) {
        const Estimate& one = all[code].*Member;
        if (all[code].n < options.min_n || !one.value) {
            continue;
        }
        const auto before = out;
        if (!out.value || *one.value < *out.value) {
            out = one;
            out.groups = {code, kNoClass};
        }
        if (each && before.value) {
            out.interval = {std::min(before.interval->first, one.interval->first),
                            std::min(before.interval->second, one.interval->second)};
        }
        out.n = before.n + one.n;
    }
    return out;
}

struct Words {
    std::string_view name;
    std::string_view title;
    std::string_view formula;
    std::string_view source = {};
};

constexpr std::string_view kPairs =
    "Newcombe's of all pairs, together at the confidence asked for (Bonferroni)";

constexpr std::uint32_t kOfDecisions = option_bits({Option::kThreshold, Option::kGroups});
constexpr std::uint32_t kOfScores = option_bits({Option::kGroups});

constexpr MetricSpec fairness_spec(const Words& words,
                                   std::uint32_t options,
                                   Finish finish,
                                   int direction = -1,
                                   std::string_view interval = kPairs) {
    return {.name = words.name,
            .title = words.title,
            .group = "fairness",
            .unit = "ratio",
            .min = 0.0,
            .max = 1.0,
            .direction = direction,
            .tasks = task_bits({TaskBit::kBinary}),
            .family = options == kOfScores ? &kGroupedScoresFamily : &kGroupedDecisionsFamily,
            .formula = words.formula,
            .source = words.source,
            .interval = interval,
            .finish = finish,
            .options = options};
}

constexpr MetricSpec kMetrics[] = {
    fairness_spec(
        {"demographic_parity_difference",
         "Demographic parity difference",
         "highest - lowest share of positive decisions over the groups of `by` with min_n "
         "labelled events or more",
         "Dwork et al. (2012)"},
        kOfDecisions,
        gap<Rate::kSelection>),
    fairness_spec({"demographic_parity_ratio",
                   "Demographic parity ratio",
                   "lowest / highest share of positive decisions; below 0.8 breaks the four-fifths "
                   "rule",
                   "EEOC (1978)"},
                  kOfDecisions,
                  parity_ratio,
                  1,
                  "Donner and Zou's of all pairs, together at the confidence asked for "
                  "(Bonferroni)"),
    fairness_spec(
        {"tpr_gap", "True positive rate gap", "highest - lowest TP / (TP + FN) over the groups"},
        kOfDecisions,
        gap<Rate::kTruePositive>),
    fairness_spec({"equal_opportunity_difference",
                   "Equal opportunity difference",
                   "as tpr_gap",
                   "Hardt, Price and Srebro (2016)"},
                  kOfDecisions,
                  gap<Rate::kTruePositive>),
    fairness_spec(
        {"fpr_gap", "False positive rate gap", "highest - lowest FP / (FP + TN) over the groups"},
        kOfDecisions,
        gap<Rate::kFalsePositive>),
    fairness_spec({"equalized_odds_difference",
                   "Equalized odds difference",
                   "the larger of tpr_gap and fpr_gap",
                   "Hardt, Price and Srebro (2016)"},
                  kOfDecisions,
                  equalized_odds),
    fairness_spec({"predictive_parity_difference",
                   "Predictive parity difference",
                   "highest - lowest TP / (TP + FP) over the groups",
                   "Chouldechova (2017)"},
                  kOfDecisions,
                  gap<Rate::kPrecision>),
    fairness_spec({"worst_group",
                   "Accuracy of the worst group",
                   "lowest accuracy over the groups; `groups` of a point names it"},
                  kOfDecisions,
                  worst_group,
                  1,
                  "Wilson's of all groups, together at the confidence asked for (Bonferroni)"),
    fairness_spec({"subgroup_auc",
                   "Lowest AUC within a group",
                   "lowest ROC AUC of the events of one group",
                   "Borkan et al. (2019)"},
                  kOfScores,
                  lowest_auc<&GroupAucs::subgroup>,
                  1,
                  "as roc_auc, of all groups together (Bonferroni)"),
    fairness_spec({"bpsn_auc",
                   "Lowest background-positive, subgroup-negative AUC",
                   "lowest ROC AUC of positives outside a group against negatives of the group",
                   "Borkan et al. (2019)"},
                  kOfScores,
                  lowest_auc<&GroupAucs::bpsn>,
                  1,
                  "Newcombe's, of all groups together (Bonferroni)"),
    fairness_spec({"bnsp_auc",
                   "Lowest background-negative, subgroup-positive AUC",
                   "lowest ROC AUC of positives of a group against negatives outside it",
                   "Borkan et al. (2019)"},
                  kOfScores,
                  lowest_auc<&GroupAucs::bnsp>,
                  1,
                  "Newcombe's, of all groups together (Bonferroni)"),
};

}  // namespace

std::pair<std::uint64_t, std::uint64_t> parts_of(const Decisions& group, Rate rate) {
    switch (rate) {
        case Rate::kSelection:
            return {group.tp + group.fp, group.n()};
        case Rate::kTruePositive:
            return {group.tp, group.tp + group.fn};
        case Rate::kFalsePositive:
            return {group.fp, group.fp + group.tn};
        case Rate::kPrecision:
            return {group.tp, group.tp + group.fp};
        case Rate::kAccuracy:
            break;
    }
    return {group.tp + group.tn, group.n()};
}

Estimate rate_of(const Decisions& group, Rate rate, std::optional<double> confidence) {
    const auto [part, whole] = parts_of(group, rate);
    if (whole == 0) {
        return {.reason = reasons::kEmptyDenominator};
    }
    Estimate out{.value = static_cast<double>(part) / static_cast<double>(whole), .n = whole};
    if (confidence) {
        out.interval =
            stats::wilson(static_cast<double>(part), static_cast<double>(whole), *confidence);
    }
    return out;
}

Estimate rate_gap(std::span<const Decisions> groups,
                  Rate rate,
                  std::uint64_t min_n,
                  std::optional<double> confidence) {
    const Qualified all = qualified(groups, rate, min_n, confidence);
    if (!all.reason.empty()) {
        return {.n = all.n, .reason = all.reason};
    }
    const auto [low, high] = std::ranges::minmax_element(all.rates, {}, &Bounded::rate);
    Estimate out{.value = high->rate - low->rate, .n = all.n};
    out.groups = {high->group, low->group};
    if (confidence) {
        out.interval = gap_interval(all.rates);
    }
    return out;
}

Estimate rate_ratio(std::span<const Decisions> groups,
                    Rate rate,
                    std::uint64_t min_n,
                    std::optional<double> confidence) {
    const Qualified all = qualified(groups, rate, min_n, confidence);
    if (!all.reason.empty()) {
        return {.n = all.n, .reason = all.reason};
    }
    const auto [low, high] = std::ranges::minmax_element(all.rates, {}, &Bounded::rate);
    if (high->rate <= 0.0) {
        return {.n = all.n, .reason = reasons::kEmptyDenominator};
    }
    Estimate out{.value = low->rate / high->rate, .n = all.n};
    out.groups = {high->group, low->group};
    if (confidence) {
        out.interval = ratio_interval(all.rates);
    }
    return out;
}

Estimate lowest_rate(std::span<const Decisions> groups,
                     Rate rate,
                     std::uint64_t min_n,
                     std::optional<double> confidence) {
    const Qualified all = qualified(groups, rate, min_n, std::nullopt);
    if (all.rates.empty() || all.reason == reasons::kTooManyGroups) {
        return {.n = all.n, .reason = all.reason};
    }
    const auto low = std::ranges::min_element(all.rates, {}, &Bounded::rate);
    Estimate out{.value = low->rate, .n = all.n};
    out.groups = {low->group, kNoClass};
    if (confidence) {
        const double each = 1.0 - (1.0 - *confidence) / static_cast<double>(all.rates.size());
        out.interval = {1.0, 1.0};
        for (const Bounded& one : all.rates) {
            const Estimate own = rate_of(groups[one.group], rate, each);
            out.interval->first = std::min(out.interval->first, own.interval->first);
            out.interval->second = std::min(out.interval->second, own.interval->second);
        }
    }
    return out;
}

std::vector<GroupAucs> group_aucs(const GroupedScores& scores, std::optional<double> confidence) {
    const std::vector<GroupedScores::Group>& groups = scores.groups();
    std::vector<double> positives;
    std::vector<double> negatives;
    for (const GroupedScores::Group& group : groups) {
        positives.insert(positives.end(), group.positives.begin(), group.positives.end());
        negatives.insert(negatives.end(), group.negatives.begin(), group.negatives.end());
    }
    std::ranges::sort(positives);
    std::ranges::sort(negatives);
    std::vector<GroupAucs> out(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const GroupedScores::Group& group = groups[i];
        const std::size_t p = group.positives.size();
        const std::size_t n = group.negatives.size();
        out[i].n = p + n;
        // Pairs with the others are pairs with all, less those within the group.
        const double within = pairs_above(group.positives, group.negatives);
        const double all_pairs = static_cast<double>(positives.size()) * static_cast<double>(n);
        const double above_group = all_pairs - pairs_above(group.negatives, positives);
        std::optional<double> se;
        if (p > 0 && n > 0) {
            se = stats::rank_sorted(group.positives, group.negatives).roc_auc_se;
        }
        out[i].subgroup = auc_of(within, se, p, n, confidence);
        out[i].bpsn =
            auc_of(above_group - within, std::nullopt, positives.size() - p, n, confidence);
        out[i].bnsp = auc_of(pairs_above(group.positives, negatives) - within,
                             std::nullopt,
                             p,
                             negatives.size() - n,
                             confidence);
    }
    return out;
}

std::span<const MetricSpec> fairness_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
