// The drift report: every column of a deployment against a reference, judged together.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/drift_verdict.h"
#include "metrics/peer_drift.h"
#include "query/core.h"
#include "query/engine.h"

namespace aiml042::query {

struct DriftRequest {
    /// Project, deployment, version, window, filter, as_of, include_shadow, reference; the rest is
    /// not looked at.
    MetricQuery rows;
    std::vector<std::string> columns;  // Empty: all of drift_columns().
    metrics::DriftOptions options;
    std::vector<metrics::Peer> compat;  // Whose numbers and verdicts stand beside ours.
};

/// {"deployment_id","from","to","reference","alpha","margin","summary","columns":[…],"as_of_seq"};
/// drifted columns first, the largest shift first, weighed by the feature's share of the
/// attributions where events have them; then "attribution_drift" and "attributions" too. A column
/// that cannot be read is in the list with its reason. Cost: about 60 ns per value on each side the
/// first time, half of it where the reference is remembered. Errors: as a metric query's;
/// kQueryTooLarge beyond limits::kDriftColumnsMax columns.
[[nodiscard]] Result<std::string> drift_json(const Core& core, const DriftRequest& request);

/// The same as a table, one row per column, without bins.
[[nodiscard]] Result<std::string> drift_csv(const Core& core, const DriftRequest& request);

}  // namespace aiml042::query
