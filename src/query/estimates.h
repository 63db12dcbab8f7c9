// The report on performance without labels as text: JSON for programs, a table for spreadsheets.

#pragma once

#include <string>

#include "base/status.h"
#include "query/estimates_report.h"

namespace aiml042::query {

/// {"deployment_id","from","to","task","confidence","reference":{…},"columns":[…],"calibration" or
/// "loss_models":[…],"labels":{…},"buckets":[…],"metrics":[{"metric","grades":[…],"series":[…]}],
/// "as_of_seq"}. Errors of both: as make_estimates_report()'s.
[[nodiscard]] Result<std::string> estimates_json(const Core& core, const EstimatesRequest& request);

/// ts, metric, method (those of estimate_methods(), realised, realised_weighted), value, n, ci_lo,
/// ci_hi, recalibrated_lo, recalibrated_hi, labelled, completeness, reason.
[[nodiscard]] Result<std::string> estimates_csv(const Core& core, const EstimatesRequest& request);

}  // namespace aiml042::query
