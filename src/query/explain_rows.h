// The rows of two sets of events as an explanation reads them: codes of dimensions, and what each
// row adds to a ratio.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/dimension.h"
#include "query/plan.h"
#include "stats/cohort_search.h"

namespace aiml042::query {

struct ExplainRows {
    std::vector<Dimension> dimensions;
    std::vector<NumberRanges> met;                             // By dimension.
    std::vector<std::pair<std::string, std::string>> skipped;  // Column and why.
    stats::CohortData data;
    double share_read = 1.0;  // Below 1: a sample.
};

/// Reads the events of plans of one metric; all of `after` and all of `before` are one set each.
/// `given` says that the fields were asked for, so that none is passed over for its many values.
[[nodiscard]] Result<ExplainRows> read_rows(const Core& core,
                                            const std::vector<Plan>& before,
                                            const std::vector<Plan>& after,
                                            const std::vector<Field>& fields,
                                            bool given);

}  // namespace aiml042::query
