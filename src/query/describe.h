// What a project has: deployments, their versions, columns and values; how a model version performs.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "query/engine.h"

namespace aiml042::query {

/// {"deployments":[…],"next_cursor":…}: the project's deployments by name, `limit` from after `cursor` (a name): task,
/// positive class, versions, counts, and the last 24 hours before `now`: rate, errors, p95 latency, health.
[[nodiscard]] Result<std::string> deployments_json(const Engine& engine,
                                                   ProjectId project,
                                                   std::string_view cursor,
                                                   std::uint32_t limit,
                                                   Timestamp now);

/// One deployment as in the list, with "columns": what its newest events carry (name, role, type, missing rate, distinct
/// values — approximate above 1,024 —, range, examples). Reads at most 20 million values.
[[nodiscard]] Result<std::string> deployment_json(const Engine& engine,
                                                  ProjectId project,
                                                  std::string_view deployment,
                                                  Timestamp now);

/// {"column","values":[{"value","n"}]}: the `limit` most frequent values of a column among the newest five million
/// events. kInvalidArgument (/column) for an unknown name, kQueryTooLarge for a column of ids.
[[nodiscard]] Result<std::string> values_json(const Engine& engine,
                                              ProjectId project,
                                              std::string_view deployment,
                                              std::string_view column,
                                              std::uint32_t limit);

/// {"model_version","from","to","deployments":[{"deployment_id","task_type","events","metrics":{name:{value,n,ci…}}}]}:
/// the headline metrics of the task, with intervals, for each deployment that the version served. kNotFound.
[[nodiscard]] Result<std::string> performance_json(const Engine& engine,
                                                   ProjectId project,
                                                   std::string_view model_version,
                                                   TimeRange range,
                                                   double confidence);

}  // namespace aiml042::query
