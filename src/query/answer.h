// A query's states finished into numbers, and the numbers as JSON.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "metrics/metric.h"
#include "query/core.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

struct Point {
    Timestamp ts = 0;
    metrics::Estimate estimate;
};

/// The points of one metric in one group, one per bucket; `use` is one of plan.metrics.
[[nodiscard]] std::vector<Point> finish_series(const Plan& plan,
                                               const GroupStates& group,
                                               const MetricUse& use);

/// The same for one class as the positive one (average=none).
[[nodiscard]] std::vector<Point> finish_class_series(const Plan& plan,
                                                     const GroupStates& group,
                                                     const MetricUse& use,
                                                     std::uint32_t class_code);

/// Classes that occur in any bucket of a metric's states, ascending by code.
[[nodiscard]] std::vector<std::uint32_t> classes_of(const Plan& plan,
                                                    const GroupStates& group,
                                                    const MetricUse& use);

/// The largest error bound of a series; nothing when every value is exact.
[[nodiscard]] std::optional<double> largest_bound(const std::vector<Point>& series);

/// [{"ts","value","n","ci","reason"}], with "error_bound" where the value is approximate.
void write_series(codec::JsonWriter& writer,
                  const std::vector<Point>& series,
                  bool with_interval,
                  const ClassRegistry* groups = nullptr);

}  // namespace aiml042::query
