// Results as the API shows them: JSON and CSV.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"
#include "metrics/metric.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

/// What a comparison adds: how it was asked for, and its own execution.
struct Comparison {
    Compare compare;
    const Plan* plan = nullptr;
    const Execution* execution = nullptr;
};

/// The body of GET /v1/metrics/query.
[[nodiscard]] std::string metrics_answer_json(const Plan& plan,
                                              const Execution& execution,
                                              const std::optional<Comparison>& comparison,
                                              Lsn as_of_seq);

/// ts,metric,<group keys>,value,n,ci_lo,ci_hi,reason, one line per point; RFC 4180.
[[nodiscard]] std::string metrics_answer_csv(const Plan& plan, const Execution& execution);

/// The value of a metric in one bucket of a group.
[[nodiscard]] metrics::Estimate estimate(const Plan& plan,
                                         const GroupStates& group,
                                         const MetricUse& metric,
                                         std::size_t bucket);

/// "value", "n" and where there are such "ci", "error_bound" and "reason", into an open object.
void write_estimate(codec::JsonWriter& json, const metrics::Estimate& estimate);

/// One CSV cell of text: quoted where needed; a text that a spreadsheet would take for a formula gets a ' in front.
void append_csv_text(std::string& out, std::string_view text);

}  // namespace aiml042::query
