// Whether a group's scores are as high as its labels: calibration within groups.
//
// Pure. Scores outside [0, 1] are no probabilities and left out. Source: J. Kleinberg, S.
// Mullainathan, M. Raghavan (2017).

#pragma once

#include <optional>
#include <vector>

#include "metrics/grouped_state.h"
#include "metrics/metric.h"
#include "metrics/reasons.h"

namespace aiml042::metrics {

struct GroupCalibration {
    // Of labelled events; without an interval, which `difference` has.
    Estimate mean_score = {.reason = reasons::kNoScores};
    // mean(score - y) with Student's interval: above 0 the scores are too high.
    Estimate difference = {.reason = reasons::kNoScores};
    // As the metric `ece`, with its p-value of perfect calibration.
    Estimate ece = {.reason = reasons::kNoScores};
};

/// One entry per group code up to the highest that came, of a state of kGroupedProbabilitiesFamily.
[[nodiscard]] std::vector<GroupCalibration> group_calibrations(const GroupedStates& probabilities,
                                                               std::optional<double> confidence);

}  // namespace aiml042::metrics
