// Metrics as they are asked for: "accuracy", "lift@10%", "ndcg@10", "pinball@0.1", or "ndcg@k" and
// "ndcg" with k beside the name.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "metrics/metric.h"

namespace aiml042::metrics {

/// What was given beside the names, as written.
struct NameParameters {
    std::optional<std::string> k = {};
    std::optional<std::string> quantile = {};
};

struct NamedMetric {
    const MetricSpec* spec = nullptr;
    std::optional<TopK> top = {};
    std::optional<double> quantile = {};
    bool uses_k = false;  // What was given beside the name.
    bool uses_quantile = false;
};

/// "100" as that many rows, "10%" as that share of them. Nothing when it is anything else.
[[nodiscard]] std::optional<TopK> parse_top_k(std::string_view text);

/// The metric of a name, with its k or quantile: from the name where it has one, else from what was
/// given beside it. `task` decides between a classification metric and a ranking metric of one name
/// ("recall" with k). kUnknownMetric at /metric; kInvalidArgument at /metric, /k or /quantile for
/// what is missing, unreadable or not taken.
[[nodiscard]] Result<NamedMetric> read_metric_name(std::string_view name,
                                                   const NameParameters& given,
                                                   TaskBit task);

}  // namespace aiml042::metrics
