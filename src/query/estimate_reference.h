// The whole rows behind a reference, for what learns from them.

#pragma once

#include <vector>

#include "base/status.h"
#include "query/core.h"
#include "query/plan.h"
#include "query/reference.h"

namespace aiml042::query {

struct ReferenceRows {
    Plan plan;  // Which rows of the windows.
    std::vector<TimeRange> windows;
};

/// Of windows: the rows that `plan` takes. Of a made reference: the events that it was made of, as
/// they are now, with its own filter and version. Errors: kInvalidArgument where it was made of
/// rows that were sent, or of another deployment.
[[nodiscard]] Result<ReferenceRows> rows_of_reference(const Core& core,
                                                      const MetricQuery& query,
                                                      const Plan& plan,
                                                      const ResolvedReference& reference);

}  // namespace aiml042::query
