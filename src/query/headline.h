// The metrics that say in a few numbers how a model does, by task.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "model/deployment.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

/// Traffic, latency and labels for every task, then what the task has. The first of the latter is the one to show where
/// there is room for one only.
[[nodiscard]] std::vector<std::string> headline_metrics(model::TaskType task);

/// A plan with what it found, kept together.
struct Measured {
    Plan plan;
    Execution execution;
    std::string note;  // Why some metrics were left out; empty when none was.
};

/// Runs `query` (its metrics are set here) for the headline of the deployment's task. Where the positive class is not known
/// the metrics that need it are left out and the note says how to declare it.
[[nodiscard]] Result<Measured> measure_headline(const Core& core, MetricQuery query);

}  // namespace aiml042::query
