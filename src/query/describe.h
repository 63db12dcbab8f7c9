// What there is: deployments with their health, one deployment with its columns, the values of a
// column, the metrics of a model version.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/core.h"

namespace aiml042::query {

/// Part of the list of deployments, which is in the order of their names.
struct DeploymentPage {
    std::string json;                  // An array of objects.
    std::optional<DeploymentId> last;  // The last one of them, where more follow.
};

/// Up to `limit` deployments behind `after`: counts, times, versions, task, and the last 24 hours
/// before `now`. About 20 µs each.
Result<DeploymentPage> list_deployments(const Core& core,
                                        ProjectId project,
                                        std::optional<DeploymentId> after,
                                        std::size_t limit,
                                        Timestamp now);

/// One deployment with "columns": name, role, type, distinct values and examples in the newest
/// block, and the share of its rows that have no value of the name, whatever its type.
Result<std::string> deployment_json(const Core& core,
                                    ProjectId project,
                                    std::string_view name,
                                    Timestamp now);

struct ValuesRequest {
    ProjectId project{};
    std::string deployment;
    std::string column;
    TimeRange range;
    std::uint32_t limit = 50;
};

/// {"column","values":[{"value","n"}],"rows","complete"}: the most frequent values in the window,
/// missing ones left out; of the newest `rows` rows where a column has very many values
/// (`complete` is false then).
Result<std::string> values_json(const Core& core, const ValuesRequest& request);

struct PerformanceRequest {
    ProjectId project{};
    std::string model_version;
    TimeRange range;
    double confidence = 0.95;
};

/// {"model_version","deployments":[{"deployment_id","task_type","metrics":[{"metric","value","n","ci"}]}]}:
/// the headline metrics of the task in every deployment that has seen the version. kNotFound when
/// none has.
Result<std::string> performance_json(const Core& core, const PerformanceRequest& request);

/// {"metrics":[…]}: every metric that a query may ask for.
[[nodiscard]] std::string catalog_json();

}  // namespace aiml042::query
