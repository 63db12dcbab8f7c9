// What the highest scores hold of the positives: gain and lift.

#include <algorithm>

#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/score_rank_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

/// Gain times `scale(n, k)`.
template <typename Scale>
Estimate of_top(const State& state, const FinishOptions& options, const Scale& scale) {
    const auto& rank = as<ScoreRank>(state);
    const std::uint64_t positives = rank.scores().positives();
    if (!rank.reason().empty() && !(rank.reason() == reasons::kOneClass && positives > 0)) {
        return {.n = rank.n(), .reason = rank.reason()};
    }
    const std::uint64_t rows = options.top.value_or(TopK{.percent = 100.0}).of(rank.n());
    const TopPositives top = top_positives(rank.scores(), rows);
    const auto all = static_cast<double>(positives);
    const double factor = scale(static_cast<double>(rank.n()), static_cast<double>(rows));
    Estimate out{.value = top.count / all * factor, .n = rank.n()};
    if (!rank.scores().exact()) {
        out.error_bound = top.error_bound / all * factor;
    }
    if (options.confidence) {
        const auto [lo, hi] = stats::wilson(top.count, all, *options.confidence);
        // No more positives fit above the cut than there is room for.
        const double most = std::min(1.0, static_cast<double>(rows) / all);
        out.interval = {factor * lo, factor * std::max(std::min(hi, most), top.count / all)};
    }
    return out;
}

Estimate gain(const State& state, const FinishOptions& options) {
    return of_top(state, options, [](double, double) { return 1.0; });
}

Estimate lift(const State& state, const FinishOptions& options) {
    return of_top(state, options, [](double n, double rows) { return n / rows; });
}

constexpr MetricSpec kMetrics[] = {
    {.name = "lift@k",
     .parameter = MetricSpec::Parameter::kTop,
     .title = "Lift of the highest scores",
     .group = "classification",
     .min = 0.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kScoreRankFamily,
     .formula =
         "share of positives among the k highest scores / share of positives; k rows, or k% "
         "of the rows rounded up, at most all; equal scores at the cut share their positives "
         "out evenly",
     .source = "Ling and Li (1998)",
     .interval = "Wilson's of gain@k, times n / k",
     .finish = lift},
    {.name = "gain@k",
     .parameter = MetricSpec::Parameter::kTop,
     .title = "Positives among the highest scores",
     .group = "classification",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kScoreRankFamily,
     .formula = "positives among the k highest scores / all positives; k rows, or k% of the rows "
                "rounded up, at most all; equal scores at the cut share their positives out evenly",
     .source = "Ling and Li (1998)",
     .interval = "Wilson, the cut taken as fixed",
     .finish = gain},
};

}  // namespace

std::span<const MetricSpec> lift_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
