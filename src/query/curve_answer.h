// GET /v1/metrics/curves: what a chart draws, from the states of one window.

#pragma once

#include <string>

#include "base/status.h"
#include "query/core.h"
#include "query/engine.h"

namespace aiml042::query {

/// {"curve","deployment_id","n","points"|"classes"+"matrix","reason"?,"as_of_seq"}. Errors as of metric queries;
/// kInvalidArgument (/curve) for an unknown curve.
[[nodiscard]] Result<std::string> curve_answer(const Core& core, const MetricQuery& query);

}  // namespace aiml042::query
