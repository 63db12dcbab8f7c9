// The files that bring metrics. A new one: its .cpp defines `std::span<const MetricSpec>
// <file>_metrics()`, and its name gets one line in the list. Nothing else changes: the catalogue,
// the query engine, the docs and the page read the specs.

#pragma once

#include <span>

#include "metrics/metric.h"

#define AIML_METRIC_FILES(FILE) \
    FILE(traffic)               \
    FILE(latency)               \
    FILE(labels)                \
    FILE(confusion)             \
    FILE(top_k_accuracy)        \
    FILE(lift)                  \
    FILE(score_rank)            \
    FILE(probability)           \
    FILE(calibration_fit)       \
    FILE(regression)            \
    FILE(residuals)             \
    FILE(quantiles)             \
    FILE(ranking)               \
    FILE(drift)                 \
    FILE(estimated)             \
    FILE(fairness)

namespace aiml042::metrics {

#define AIML_METRIC_FILE(name) [[nodiscard]] std::span<const MetricSpec> name##_metrics();
AIML_METRIC_FILES(AIML_METRIC_FILE)
#undef AIML_METRIC_FILE

}  // namespace aiml042::metrics
