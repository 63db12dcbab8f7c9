// Regression errors that are sums: MAE, MSE, RMSE, MAPE, sMAPE, bias, R2.

#include <cmath>

#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/regression_state.h"
#include "metrics/row_ratio.h"

namespace aiml042::metrics {

namespace {

constexpr Family kRegressionFamily{
    .name = "regression",
    .inputs = inputs_of({Input::kPredictedValue, Input::kLabelValue}),
    .make = [](const FamilyOptions& /*options*/) -> std::unique_ptr<State> {
        return std::make_unique<Regression>();
    }};

Estimate mae(const State& state, const FinishOptions& options) {
    const auto& regression = as<Regression>(state);
    return regression.absolute().mean(options.confidence, regression.reason());
}

Estimate mse(const State& state, const FinishOptions& options) {
    const auto& regression = as<Regression>(state);
    return regression.squared().mean(options.confidence, regression.reason());
}

/// The root of mse and of its interval's ends.
Estimate rmse(const State& state, const FinishOptions& options) {
    Estimate out = mse(state, options);
    if (out.value) {
        out.value = std::sqrt(*out.value);
    }
    if (out.interval) {
        out.interval = {std::sqrt(std::max(0.0, out.interval->first)),
                        std::sqrt(out.interval->second)};
    }
    return out;
}

Estimate mape(const State& state, const FinishOptions& options) {
    const auto& regression = as<Regression>(state);
    const bool all_zero = regression.absolute().count() > 0;
    return regression.percentage().mean(
        options.confidence, all_zero ? reasons::kEmptyDenominator : regression.reason());
}

Estimate smape(const State& state, const FinishOptions& options) {
    const auto& regression = as<Regression>(state);
    return regression.symmetric().mean(options.confidence, regression.reason());
}

Estimate bias(const State& state, const FinishOptions& options) {
    return as<Regression>(state).bias(options.confidence);
}

Estimate r2(const State& state, const FinishOptions& /*options*/) {
    return as<Regression>(state).r2();
}

struct Words {
    std::string_view name;
    std::string_view title;
    std::string_view unit;
    std::string_view formula;
    std::string_view interval;
};

constexpr MetricSpec spec_of(const Words& words, Finish finish, const RowRatio* rows = nullptr) {
    return {.name = words.name,
            .title = words.title,
            .group = "regression",
            .unit = words.unit,
            .tasks = task_bits({TaskBit::kRegression}),
            .family = &kRegressionFamily,
            .formula = words.formula,
            .interval = words.interval,
            .finish = finish,
            .rows = rows};
}

constexpr MetricSpec error_spec(const Words& words, Finish finish, const RowRatio* rows = nullptr) {
    MetricSpec spec = spec_of(words, finish, rows);
    spec.min = 0.0;
    spec.direction = -1;
    return spec;
}

constexpr MetricSpec bias_spec() {
    return spec_of({"bias",
                    "Bias",
                    "label unit",
                    "mean(prediction - label)",
                    "Student (central limit theorem)"},
                   bias,
                   &kBiasRows);
}

constexpr MetricSpec r2_spec() {
    MetricSpec spec = spec_of(
        {"r2", "R squared", "", "1 - sum (prediction - label)^2 / sum (label - mean label)^2", ""},
        r2);
    spec.max = 1.0;
    spec.direction = 1;
    return spec;
}

constexpr std::string_view kMean = "Student (central limit theorem)";

constexpr MetricSpec kMetrics[] = {
    error_spec({"mae", "Mean absolute error", "label unit", "mean |prediction - label|", kMean},
               mae,
               &kMaeRows),
    error_spec(
        {"mse", "Mean squared error", "label unit squared", "mean (prediction - label)^2", kMean},
        mse,
        &kMseRows),
    error_spec({"rmse",
                "Root mean squared error",
                "label unit",
                "sqrt(mse)",
                "root of the interval of mse"},
               rmse),
    error_spec(
        {"mape",
         "Mean absolute percentage error",
         "ratio",
         "mean(|prediction - label| / |label|) over rows with label != 0; a ratio, not percent",
         kMean},
        mape,
        &kMapeRows),
    error_spec(
        {"smape",
         "Symmetric MAPE",
         "ratio",
         "mean(2 |prediction - label| / (|label| + |prediction|)), rows with both 0 count as 0",
         kMean},
        smape,
        &kSmapeRows),
    bias_spec(),
    r2_spec(),
};

}  // namespace

std::span<const MetricSpec> regression_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
