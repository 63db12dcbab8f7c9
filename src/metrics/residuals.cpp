// The median absolute error, and the state behind the chart of residuals.

#include <cmath>

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/residuals_state.h"

namespace aiml042::metrics {

Residuals::Residuals(const FamilyOptions& options) : errors_(options.exact) {}

void Residuals::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        Scratch<double, kRun + 1> errors;
        std::size_t n = 0;
        for (const std::uint32_t i : run) {
            const double error = rows.predicted_value[i] - rows.label_value[i];
            errors[n] = error;
            n += std::isnan(error) ? 0U : 1U;
            labelled_ += std::isnan(rows.label_value[i]) ? 0U : 1U;
        }
        errors_.add(std::span<const double>(errors).first(n));
    });
}

void Residuals::merge_from(const Residuals& other) {
    labelled_ += other.labelled_;
    errors_.merge(other.errors_);
}

std::size_t Residuals::memory_bytes() const {
    return sizeof(*this) + errors_.memory_bytes() - sizeof(errors_);
}

std::string_view Residuals::reason() const {
    return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoPredictedValues;
}

constexpr Family kResidualsFamily{
    .name = "residuals",
    .inputs = inputs_of({Input::kPredictedValue, Input::kLabelValue}),
    .sketches = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<Residuals>(options);
    }};

namespace {

Estimate medae(const State& state, const FinishOptions& options) {
    const auto& residuals = as<Residuals>(state);
    return residuals.errors().quantile(0.5, true, options.confidence, residuals.reason());
}

constexpr MetricSpec kMetrics[] = {
    {.name = "medae",
     .title = "Median absolute error",
     .group = "regression",
     .unit = "label unit",
     .min = 0.0,
     .direction = -1,
     .tasks = task_bits({TaskBit::kRegression}),
     .family = &kResidualsFamily,
     .formula = "median |prediction - label|",
     .interval = "order statistics (binomial)",
     .finish = medae},
};

}  // namespace

std::span<const MetricSpec> residuals_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
