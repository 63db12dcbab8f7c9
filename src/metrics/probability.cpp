// Quality of probabilities: log-loss, Brier score and skill, expected and maximum calibration
// error.

#include "metrics/metric_files.h"
#include "metrics/multiclass_state.h"
#include "metrics/probability_state.h"
#include "metrics/reasons.h"
#include "metrics/row_ratio.h"
#include "metrics/score_rank_state.h"

namespace aiml042::metrics {

namespace {

using Binning = FamilyOptions::Binning;

Estimate log_loss(const State& state, const FinishOptions& options) {
    const auto& probability = as<Probability>(state);
    return probability.log_loss().mean(options.confidence, probability.reason());
}

Estimate brier(const State& state, const FinishOptions& options) {
    const auto& probability = as<Probability>(state);
    return probability.brier().mean(options.confidence, probability.reason());
}

Estimate brier_skill(const State& state, const FinishOptions& /*options*/) {
    const auto& probability = as<Probability>(state);
    Estimate out = probability.brier().mean(std::nullopt, probability.reason());
    if (out.value) {
        const auto positives = static_cast<double>(probability.bins().positives());
        const double rate = positives / static_cast<double>(out.n);
        if (rate > 0.0 && rate < 1.0) {
            out.value = 1.0 - *out.value / (rate * (1.0 - rate));
        } else {
            out = {.n = out.n, .reason = reasons::kOneClass};
        }
    }
    return out;
}

Estimate expected_error(const CalibrationBins& bins, Binning binning, std::string_view reason) {
    const auto value =
        binning == Binning::kDebiased ? bins.debiased_error() : bins.expected_error();
    return {.value = value,
            .n = bins.n(),
            .p_value = bins.p_value(),
            .reason = value ? std::string_view() : reason};
}

/// One of Murphy's parts.
template <double BrierParts::*Part>
Estimate brier_part(const State& state, const FinishOptions& /*options*/) {
    const auto& probability = as<Probability>(state);
    const auto parts = probability.bins().brier_parts();
    if (!parts) {
        return {.reason = probability.reason()};
    }
    return {.value = (*parts).*Part, .n = probability.bins().n()};
}

Estimate ece(const State& state, const FinishOptions& options) {
    const auto& probability = as<Probability>(state);
    return expected_error(probability.bins(), options.family.binning, probability.reason());
}

Estimate mce(const State& state, const FinishOptions& /*options*/) {
    const auto& probability = as<Probability>(state);
    const auto value = probability.bins().largest_error();
    return {.value = value,
            .n = probability.bins().n(),
            .reason = value ? std::string_view() : probability.reason()};
}

Estimate multiclass_log_loss(const State& state, const FinishOptions& options) {
    const auto& classes = as<MulticlassProbability>(state);
    return classes.log_loss().mean(options.confidence, classes.reason());
}

Estimate multiclass_brier(const State& state, const FinishOptions& options) {
    const auto& classes = as<MulticlassProbability>(state);
    return classes.brier().mean(options.confidence, classes.reason());
}

Estimate top_ece(const State& state, const FinishOptions& options) {
    const auto& classes = as<MulticlassProbability>(state);
    return expected_error(classes.top_bins(), options.family.binning, classes.reason());
}

Estimate top_mce(const State& state, const FinishOptions& /*options*/) {
    const auto& classes = as<MulticlassProbability>(state);
    const auto value = classes.top_bins().largest_error();
    return {.value = value,
            .n = classes.top_bins().n(),
            .reason = value ? std::string_view() : classes.reason()};
}

constexpr std::uint32_t kClassTasks = task_bits({TaskBit::kBinary, TaskBit::kMulticlass});
constexpr std::uint32_t kMceBins = option_bits({Option::kWidthBins, Option::kMassBins});
constexpr std::uint32_t kEceBins = kMceBins | option_bits({Option::kDebiasedBins});

constexpr MetricSpec kMetrics[] = {
    {.name = "log_loss",
     .title = "Log-loss",
     .group = "calibration",
     .unit = "nats",
     .min = 0.0,
     .direction = -1,
     .tasks = kClassTasks,
     .family = &kProbabilityFamily,
     .formula = "-mean(y ln q + (1 - y) ln(1 - q)), q = score clipped to [1e-15, 1 - 1e-15]; "
                "multi-class: -mean ln of the "
                "labelled class's score, clipped to [1e-15, 1], as sent",
     .interval = "Student (central limit theorem)",
     .finish = log_loss,
     .rows = &kLogLossRows,
     .multiclass =
         {&kMulticlassProbabilityFamily, multiclass_log_loss, 0, &kMulticlassLogLossRows}},
    {.name = "brier",
     .title = "Brier score",
     .group = "calibration",
     .min = 0.0,
     .direction = -1,
     .tasks = kClassTasks,
     .family = &kProbabilityFamily,
     .formula = "mean((score - y)^2); multi-class: mean of the sum over classes of (score - [class "
                "= label])^2",
     .source = "Brier (1950)",
     .interval = "Student (central limit theorem)",
     .finish = brier,
     .rows = &kBrierRows,
     .multiclass = {&kMulticlassProbabilityFamily, multiclass_brier, 0, &kMulticlassBrierRows}},
    {.name = "brier_skill",
     .title = "Brier skill",
     .group = "calibration",
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kProbabilityFamily,
     .formula = "1 - brier / (b (1 - b)), b = mean(y) of the same rows",
     .finish = brier_skill},
    {.name = "ece",
     .title = "Expected calibration error",
     .group = "calibration",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = kClassTasks,
     .family = &kProbabilityFamily,
     .formula = "sum over bins of n_b / n * |mean(y) - mean(score)|; bins of equal width, [lo, "
                "hi), the last closed; "
                "binning=mass: of equal mass; binning=debiased: root of the sum of n_b / n * "
                "(gap^2 - s^2 / n_b), s^2 the "
                "sample variance of y in the bin, 0 where negative; multi-class: highest score "
                "against [argmax = label]; its p-value is Hosmer and Lemeshow's of perfect "
                "calibration",
     .source = "Naeini et al. (2015); debiased: Kumar, Liang and Ma (2019)",
     .finish = ece,
     .options = kEceBins,
     .multiclass = {&kMulticlassProbabilityFamily,
                    top_ece,
                    option_bits({Option::kWidthBins, Option::kDebiasedBins})},
     .mass = {&kScoreRankFamily, ece_by_mass, kEceBins}},
    {.name = "mce",
     .title = "Maximum calibration error",
     .group = "calibration",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = kClassTasks,
     .family = &kProbabilityFamily,
     .formula = "largest |mean(y) - mean(score)| of a non-empty bin, bins as for ece",
     .source = "Naeini et al. (2015)",
     .finish = mce,
     .options = kMceBins,
     .multiclass = {&kMulticlassProbabilityFamily, top_mce, option_bits({Option::kWidthBins})},
     .mass = {&kScoreRankFamily, mce_by_mass, kMceBins}},
    {.name = "brier_reliability",
     .title = "Brier score, reliability",
     .group = "calibration",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kProbabilityFamily,
     .formula =
         "sum over bins of n_b / n (mean(y) - mean(score))^2, bins of equal width as for ece; "
         "brier = reliability - resolution + uncertainty but for the spread within bins",
     .source = "Murphy (1973)",
     .finish = brier_part<&BrierParts::reliability>,
     .options = option_bits({Option::kWidthBins})},
    {.name = "brier_resolution",
     .title = "Brier score, resolution",
     .group = "calibration",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kProbabilityFamily,
     .formula = "sum over bins of n_b / n (mean(y) - b)^2, b = mean(y) of all rows; bins of equal "
                "width as for ece",
     .source = "Murphy (1973)",
     .finish = brier_part<&BrierParts::resolution>,
     .options = option_bits({Option::kWidthBins})},
    {.name = "brier_uncertainty",
     .title = "Brier score, uncertainty",
     .group = "calibration",
     .min = 0.0,
     .max = 0.25,
     .tasks = task_bits({TaskBit::kBinary}),
     .family = &kProbabilityFamily,
     .formula = "b (1 - b), b = mean(y)",
     .source = "Murphy (1973)",
     .finish = brier_part<&BrierParts::uncertainty>},
};

}  // namespace

std::span<const MetricSpec> probability_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
