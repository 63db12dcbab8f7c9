// Classification from the order of scores: ROC AUC, average precision, KS; and calibration over
// bins of equal mass.

#include <algorithm>
#include <cmath>
#include <vector>

#include "metrics/calibration_bins.h"
#include "metrics/class_rank_state.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/score_rank_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

Estimate roc_auc(const State& state, const FinishOptions& options) {
    const auto& rank = as<ScoreRank>(state);
    if (!rank.reason().empty()) {
        return {.n = rank.n(), .reason = rank.reason()};
    }
    const stats::BinaryRanking& ranking = rank.scores().ranking();
    Estimate out{.value = ranking.roc_auc, .n = rank.n()};
    if (!rank.scores().exact()) {
        out.error_bound = ranking.roc_auc_bound;
    }
    if (options.confidence) {
        out.interval = stats::auc_interval(ranking.roc_auc,
                                           ranking.roc_auc_se,
                                           rank.scores().positives(),
                                           rank.scores().negatives(),
                                           *options.confidence);
    }
    return out;
}

/// Needs a positive row only; without negatives it is 1.
Estimate pr_auc(const State& state, const FinishOptions& options) {
    const auto& rank = as<ScoreRank>(state);
    const std::uint64_t positives = rank.scores().positives();
    if (!rank.reason().empty() && !(rank.reason() == reasons::kOneClass && positives > 0)) {
        return {.n = rank.n(), .reason = rank.reason()};
    }
    Estimate out{.value = 1.0, .n = rank.n()};
    if (rank.reason().empty()) {
        const stats::BinaryRanking& ranking = rank.scores().ranking();
        out.value = ranking.average_precision;
        if (!rank.scores().exact()) {
            out.error_bound = ranking.average_precision_bound;
        }
    }
    if (options.confidence) {
        out.interval =
            stats::average_precision_interval(*out.value, positives, *options.confidence);
    }
    return out;
}

Estimate ks_score(const State& state, const FinishOptions& /*options*/) {
    const auto& rank = as<ScoreRank>(state);
    if (!rank.reason().empty()) {
        return {.n = rank.n(), .reason = rank.reason()};
    }
    const stats::BinaryRanking& ranking = rank.scores().ranking();
    Estimate out{.value = ranking.ks, .n = rank.n()};
    if (!rank.scores().exact()) {
        out.error_bound = ranking.ks_bound;
    }
    return out;
}

enum class Pool : std::uint8_t { kUnweightedMean, kWeightedMean, kMaximum };

/// |mean label - mean score| over bins of equal mass, pooled.
Estimate mass_calibration(const State& state, const FinishOptions& options, Pool pool) {
    const auto& rank = as<ScoreRank>(state);
    if (rank.n() == 0) {
        return {.reason = rank.reason()};
    }
    const std::vector<MassBin> bins = mass_bins(rank.scores(), options.family.bins);
    if (bins.front().lo < 0.0 || bins.back().hi > 1.0) {
        return {.n = rank.n(), .reason = reasons::kNotProbabilities};
    }
    double value = 0.0;
    double bound = 0.0;
    double weights = 0.0;
    std::vector<BinTally> tallies;
    for (const MassBin& bin : bins) {
        tallies.push_back({bin.n, bin.positives, bin.n * bin.mean_score});
        const double gap = std::fabs(bin.positives / bin.n - bin.mean_score);
        if (pool == Pool::kMaximum) {
            value = std::max(value, gap);
            bound = std::max(bound, bin.error_bound);
            weights = 1.0;
        } else {
            const double weight = pool == Pool::kWeightedMean ? bin.n : 1.0;
            value += weight * gap;
            bound += weight * bin.error_bound;
            weights += weight;
        }
    }
    Estimate out{.value = value / weights, .n = rank.n()};
    if (rank.scores().exact()) {
        out.p_value = calibration_p_value(tallies);
    } else {
        out.error_bound = bound / weights;
    }
    return out;
}

Estimate ace(const State& state, const FinishOptions& options) {
    return mass_calibration(state, options, Pool::kUnweightedMean);
}

constexpr MetricSpec kMetrics[] = {
    {.name = "roc_auc",
     .alias = "auc",
     .title = "ROC AUC",
     .group = "classification",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary, TaskBit::kMulticlass}),
     .family = &kScoreRankFamily,
     .formula = "P(score of a positive > score of a negative) + P(equal) / 2; multi-class: mean "
                "over the classes that occur in labels "
                "of one-vs-rest",
     .source = "Hanley and McNeil (1982); DeLong, DeLong and Clarke-Pearson (1988)",
     .interval = "DeLong on the logit scale with Student's t; widened to Newcombe's below 30 rows "
                 "in the smaller class "
                 "and from 0.95 up; none for averages over classes",
     .finish = roc_auc,
     .multiclass = {&kClassRankFamily, one_vs_rest_auc, option_bits({Option::kAverage})}},
    {.name = "pr_auc",
     .title = "Average precision",
     .group = "classification",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kScoreRankFamily,
     .formula = "sum over thresholds, descending, of (recall gained) * precision; no interpolation",
     .source = "Boyd, Eng and Page (2013)",
     .interval = "logit",
     .finish = pr_auc},
    {.name = "ks_score",
     .title = "KS of scores",
     .group = "classification",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kScoreRankFamily,
     .formula = "max over t of |share of positives up to t - share of negatives up to t|",
     .finish = ks_score},
    {.name = "ace",
     .title = "Adaptive calibration error",
     .group = "calibration",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kScoreRankFamily,
     .formula = "mean over bins of equal mass of |mean label - mean score|",
     .source = "Nixon et al. (2019)",
     .finish = ace,
     .options = option_bits({Option::kMassBins})},
};

}  // namespace

Estimate ece_by_mass(const State& state, const FinishOptions& options) {
    return mass_calibration(state, options, Pool::kWeightedMean);
}

Estimate mce_by_mass(const State& state, const FinishOptions& options) {
    return mass_calibration(state, options, Pool::kMaximum);
}

std::span<const MetricSpec> score_rank_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
