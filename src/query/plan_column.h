// The rows and the column that a plan is about: its filter, what drift reads and compares with, the
// groups of fairness.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "metrics/metric_name.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/filter.h"
#include "query/plan.h"

namespace aiml042::query {

/// A parameter beside the names that none of the metrics takes.
[[nodiscard]] Status not_taken(std::string_view parameter, const std::vector<std::string>& names);

/// A test of a builtin column, to be filled in.
[[nodiscard]] Expression test_of(std::string_view builtin, Expression::Kind kind);

/// The rows that the question takes. Of the label's drift only those that have one.
Status bind_filter(Plan& plan, const MetricQuery& query);

/// The column that drift is asked of; binds the filter anew.
Status use_column(const Core& core, Plan& plan, const MetricQuery& query);

/// The groups of fairness metrics.
Status use_groups(const Core& core, Plan& plan, const MetricQuery& query);

/// What the metrics of a question read besides the usual: the column and the reference of drift, or
/// the groups of fairness. Errors: kInvalidArgument for what is missing or plays no role.
Status add_column(const Core& core,
                  Plan& plan,
                  const MetricQuery& query,
                  std::span<const metrics::NamedMetric> metrics);

}  // namespace aiml042::query
