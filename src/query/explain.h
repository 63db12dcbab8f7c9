// Why a metric differs between two sets of events: which cohorts account for the difference, and
// how much of it is other values within cohorts (rate) or other shares of cohorts (mix).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/core.h"
#include "query/engine.h"
#include "stats/cohort_search.h"

namespace aiml042::query {

struct ExplainRequest {
    /// One metric that is a ratio of sums over rows (MetricSpec::rows), with its options; `range`,
    /// `filter`, `model_version`, `as_of`, `include_shadow` say which events are explained;
    /// `compare` or `reference` (not a made one) which they are compared with. The rest is not
    /// looked at.
    MetricQuery rows;
    std::vector<std::string> dimensions;  // Columns; empty: see explain_json().
    stats::CohortOptions options;
    double confidence = 0.95;
};

/// {"deployment_id","metric","from","to","baseline":{…},"values":{…},"change","ci","rate","mix",
/// "cohorts":[…],"rest":{…},"dimensions":[…],"skipped":[…],"as_of_seq", …}. Without dimensions:
/// features, metadata, versions and variants, limits::kExplainDimensionsMax at most; texts whose
/// thirty most frequent values are under a tenth of the rows (ids) are passed over.
///
/// Cost: reading the columns, then stats::find_cohorts(); 1 M events with 10 dimensions take about
/// 0.2 s on two cores. Memory: at most about 400 MB: 4 M rows at a byte per dimension and 16; of
/// more rows a sample is taken by their sequence numbers, and the answer says so.
///
/// Errors: as a metric query's; kInvalidArgument for a metric that is no ratio over rows, for both
/// or neither of compare and reference, for unknown columns.
[[nodiscard]] Result<std::string> explain_json(const Core& core, const ExplainRequest& request);

/// The cohorts, the rest and the whole as a table.
[[nodiscard]] Result<std::string> explain_csv(const Core& core, const ExplainRequest& request);

}  // namespace aiml042::query
