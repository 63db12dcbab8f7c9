// The fairness report: rates and AUCs of every group, and the gaps between them.

#pragma once

#include <string>

#include "base/status.h"
#include "query/core.h"
#include "query/engine.h"

namespace aiml042::query {

/// {"deployment_id","from","to","by","min_n","confidence","definition","groups":[…],"gaps":[…],
/// "four_fifths":{…},"as_of_seq"} over the rows of a question: deployment, version, window, filter,
/// threshold, as_of, `by`, `min_n`; its confidence is 0.95 where it has none. Groups by rows, the
/// most first. Errors: as a metric query's; kQueryTooLarge beyond limits::kClassesPerDeploymentMax
/// groups.
[[nodiscard]] Result<std::string> fairness_json(const Core& core, const MetricQuery& rows);

/// The same as a table: kind (group or gap), name, metric, value, n, ci_lo, ci_hi, highest, lowest,
/// reason.
[[nodiscard]] Result<std::string> fairness_csv(const Core& core, const MetricQuery& rows);

}  // namespace aiml042::query
