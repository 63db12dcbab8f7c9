// Where a deployment's errors changed: detectors run over its labelled events in the order of their
// time.
//
// The error of a classifier is 1 where the predicted class is not the label, else 0; of a
// regression the absolute error. Events without a label or a prediction are passed over. Labels are
// those of now, or of `as_of`: a late label takes its event's place in time.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "query/core.h"
#include "query/engine.h"

namespace aiml042::query {

struct ConceptDriftRequest {
    /// Project, deployment, version, window, filter, as_of, include_shadow; the rest is
    /// not looked at.
    MetricQuery rows;
    std::vector<std::string> detectors;  // Empty: all that fit the task.
};

/// {"deployment_id","from","to","task_type","error","events","mean_error","detectors":[…],
/// "as_of_seq"}; each detector has its parameters and its changes (event time, request_id, index,
/// levels before and after), at most 1,000 of them, and DDM its warning zones. Cost: about 60 ns
/// per event for all four. Memory: 32 bytes per labelled event of blocks that overlap in time.
/// Errors: as a metric query's; kInvalidArgument for an unknown detector, one that does not fit the
/// task, and a task without errors; kQueryTooLarge beyond kPendingMax events that overlap.
[[nodiscard]] Result<std::string> concept_drift_json(const Core& core,
                                                     const ConceptDriftRequest& request);

}  // namespace aiml042::query
