// What a metric's numbers mean: everything that made them, beside them in each answer.

#pragma once

#include <optional>
#include <string_view>

#include "codec/json_writer.h"
#include "query/plan.h"

namespace aiml042::query {

/// How scores become decisions.
struct DecisionRule {
    std::string_view text;
    std::optional<double> threshold;  // Where the text speaks of one …
    std::string_view source;          // … "parameter", "declared" or "default".
};

/// `asked` is the threshold of the question.
[[nodiscard]] DecisionRule decision_rule(const Plan& plan, const std::optional<double>& asked);

/// Formula, source and the options that this metric reads, declared or inferred ones with where
/// they come from; with a `bound` that the values are approximate and by how much at most.
void write_definition(codec::JsonWriter& writer,
                      const Plan& plan,
                      const MetricUse& use,
                      const MetricQuery& query,
                      const std::optional<double>& bound);

}  // namespace aiml042::query
