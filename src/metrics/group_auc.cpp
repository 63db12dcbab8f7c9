#include "metrics/group_auc.h"

#include <algorithm>
#include <span>

#include "metrics/score_rank_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

using Bins = std::vector<stats::ScoreHistogram::Bin>;

/// Pairs of a positive and a negative.
struct Pairs {
    double above = 0.0;    // The positive is above, or as high and counted half.
    double unknown = 0.0;  // How far `above` may be off: half the pairs within one bin.

    friend Pairs operator-(const Pairs& a, const Pairs& b) {
        return {a.above - b.above, a.unknown - b.unknown};
    }
};

/// What `scores` hold, as bins also where they are few enough to be kept.
Bins bins_of(const RankedScores& scores) {
    if (!scores.exact()) {
        return scores.histogram().occupied();
    }
    stats::ScoreHistogram histogram;
    histogram.add(scores.sorted(true), true);
    histogram.add(scores.sorted(false), false);
    return histogram.occupied();
}

/// Positives of one against negatives of the other, both ascending.
Pairs count_pairs(std::span<const double> positives, std::span<const double> negatives) {
    Pairs out;
    for (const double score : positives) {
        const auto [first, last] = std::equal_range(negatives.begin(), negatives.end(), score);
        out.above += static_cast<double>(first - negatives.begin()) +
                     0.5 * static_cast<double>(last - first);
    }
    return out;
}

Pairs count_pairs(const Bins& positives, const Bins& negatives) {
    Pairs out;
    double below = 0.0;
    auto next = negatives.begin();
    for (const auto& bin : positives) {
        for (; next != negatives.end() && next->lo < bin.lo; ++next) {
            below += static_cast<double>(next->negatives);
        }
        const auto own = static_cast<double>(bin.positives);
        out.above += own * below;
        if (next != negatives.end() && next->lo == bin.lo) {
            const double shared = 0.5 * own * static_cast<double>(next->negatives);
            out.above += shared;
            out.unknown += shared;
        }
    }
    return out;
}

/// The pairs of a group's members with those of others: pairs with all, less those within.
struct CrossPairs {
    Pairs bpsn;
    Pairs bnsp;
};

CrossPairs cross_pairs(const RankedScores& group, const RankedScores& all, const Bins& all_bins) {
    if (all.exact()) {
        const Pairs within = count_pairs(group.sorted(true), group.sorted(false));
        return {count_pairs(all.sorted(true), group.sorted(false)) - within,
                count_pairs(group.sorted(true), all.sorted(false)) - within};
    }
    const Bins own = bins_of(group);
    const Pairs within = count_pairs(own, own);
    return {count_pairs(all_bins, own) - within, count_pairs(own, all_bins) - within};
}

Estimate auc_of(double auc,
                double bound,
                std::optional<double> se,
                std::uint64_t positives,
                std::uint64_t negatives,
                std::optional<double> confidence) {
    Estimate out{.value = std::clamp(auc, 0.0, 1.0), .n = positives + negatives};
    if (bound > 0.0) {
        out.error_bound = bound;
    }
    if (confidence) {
        out.interval = stats::auc_interval(*out.value, se, positives, negatives, *confidence);
    }
    return out;
}

Estimate within(const RankedScores& group, std::optional<double> confidence) {
    if (group.positives() == 0 || group.negatives() == 0) {
        return {.n = group.positives() + group.negatives(), .reason = reasons::kOneClass};
    }
    const stats::BinaryRanking& ranking = group.ranking();
    return auc_of(ranking.roc_auc,
                  ranking.roc_auc_bound,
                  ranking.roc_auc_se,
                  group.positives(),
                  group.negatives(),
                  confidence);
}

Estimate across(const Pairs& pairs,
                std::uint64_t positives,
                std::uint64_t negatives,
                std::optional<double> confidence) {
    if (positives == 0 || negatives == 0) {
        return {.n = positives + negatives, .reason = reasons::kOneClass};
    }
    const double count = static_cast<double>(positives) * static_cast<double>(negatives);
    return auc_of(
        pairs.above / count, pairs.unknown / count, std::nullopt, positives, negatives, confidence);
}

}  // namespace

std::vector<GroupAucs> group_aucs(const GroupedStates& scores, std::optional<double> confidence) {
    const GroupedStates::Groups& groups = scores.groups();
    RankedScores all(scores.options().exact);
    for (const auto& [code, state] : groups) {
        all.merge(as<ScoreRank>(*state).scores());
    }
    const Bins all_bins = all.exact() ? Bins() : bins_of(all);
    std::vector<GroupAucs> out(groups.empty() ? 0 : groups.rbegin()->first + 1);
    for (const auto& [code, state] : groups) {
        const RankedScores& group = as<ScoreRank>(*state).scores();
        if (group.positives() + group.negatives() == 0) {
            continue;
        }
        const CrossPairs pairs = cross_pairs(group, all, all_bins);
        out[code] = {
            .n = group.positives() + group.negatives(),
            .subgroup = within(group, confidence),
            .bpsn = across(
                pairs.bpsn, all.positives() - group.positives(), group.negatives(), confidence),
            .bnsp = across(
                pairs.bnsp, group.positives(), all.negatives() - group.negatives(), confidence)};
    }
    return out;
}

}  // namespace aiml042::metrics
