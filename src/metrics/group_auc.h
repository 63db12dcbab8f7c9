// ROC AUCs that tell groups apart: within a group, and across its border.
//
// Cost: one sort of all scores, then about 50 ns per score; from histograms one walk over the bins
// per group. Pure.
//
// Source: D. Borkan, L. Dixon, J. Sorensen, N. Thain, L. Vasserman (2019), "Nuanced Metrics for
// Measuring Unintended Bias".

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/grouped_state.h"
#include "metrics/metric.h"
#include "metrics/reasons.h"

namespace aiml042::metrics {

/// ROC AUCs that a group takes part in; ties count half. Reason "one class only" where one side is
/// empty. From histograms each has the bound that its value always keeps.
struct GroupAucs {
    std::uint64_t n = 0;  // Labelled events of the group with a score.
    // Within the group; the interval as of roc_auc.
    Estimate subgroup = {.reason = reasons::kNoScores};
    // Positives of the others against negatives of the group.
    Estimate bpsn = {.reason = reasons::kNoScores};
    // Positives of the group against negatives of the others.
    Estimate bnsp = {.reason = reasons::kNoScores};
};

/// One entry per group code up to the highest that came, of a state of kGroupedScoresFamily.
[[nodiscard]] std::vector<GroupAucs> group_aucs(const GroupedStates& scores,
                                                std::optional<double> confidence);

}  // namespace aiml042::metrics
