// The fairness report as text: JSON for programs, a table for spreadsheets, a page to print and to
// keep.

#pragma once

#include <string>

#include "base/status.h"
#include "query/core.h"
#include "query/fairness_report.h"

namespace aiml042::query {

/// {"deployment_id","from","to", what else was asked,"predicted_class","threshold",
/// "threshold_source","events","label_coverage","model_versions":[…],"by","min_n","confidence",
/// "groups":[…],"gaps":[…],"four_fifths":{…},"methods":[…],"as_of_seq","product_version","made_at"}.
/// Errors of these: as make_fairness_report()'s.
[[nodiscard]] Result<std::string> fairness_json(const Core& core, const FairnessRequest& request);

/// kind (group or gap), group, metric, value, n, ci_lo, ci_hi, highest, lowest, reason; a row per
/// group and rate, then one per gap.
[[nodiscard]] Result<std::string> fairness_csv(const Core& core, const FairnessRequest& request);

/// A page that needs nothing beside itself: what was asked, what it was made from, all numbers, and
/// the method of each. Whatever came from data or from the question is escaped.
[[nodiscard]] Result<std::string> fairness_html(const Core& core, const FairnessRequest& request);

}  // namespace aiml042::query
