// One event and one label as borrowed rows: what a log record holds and the fold writes into the
// store. Everything is validated and resolved (times, identity) before it becomes a row.

#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "model/column.h"

namespace aiml042::model {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// One value of a named column. A missing value (JSON null) is not sent as a field.
struct FieldView {
    ColumnKind kind = ColumnKind::kFeature;
    ValueType type = ValueType::kNumber;  // kNumber, kString or kBool.
    std::uint32_t name_index = 0;  // The same (kind, type, name) has one index within a batch.
    std::string_view name;
    double number = kMissing;  // kNumber; kBool as 0 or 1.
    std::string_view text;     // kString
};

/// One event of a batch. Views live as long as the batch's bytes. A missing text has data() ==
/// nullptr, a missing number is NaN.
struct EventRow {
    Hash128 identity;  // See identity_of().
    std::string_view deployment;
    std::uint32_t deployment_index = 0;  // The same deployment has one index within a batch.
    std::string_view model_version;
    std::string_view request_id;  // The trace_id where no request_id was sent.
    std::string_view trace_id;
    Timestamp timestamp = 0;
    double score = kMissing;
    double predicted_value = kMissing;
    std::string_view predicted_class;
    double latency_ms = kMissing;
    std::string_view error_code;
    std::string_view prompt_version;
    std::string_view experiment;
    std::string_view variant;
    bool shadow = false;
    double input_tokens = kMissing;
    double output_tokens = kMissing;
    double cost_usd = kMissing;
    std::string_view action;
    double propensity = kMissing;
    std::string_view remainder;
    std::vector<FieldView> fields;
};

/// One label. `deployment` missing = every deployment of the project that has this request_id.
struct LabelRow {
    Hash128 identity;  // With the deployment given; without one, of an empty deployment name.
    std::string_view deployment;
    std::string_view request_id;
    std::string_view
        class_text;  // Canonical text of label.class or of a scalar; missing where there is none.
    double value = kMissing;  // label.value, label.reward, or a scalar that is a number or boolean.
    std::string_view
        remainder;  // JSON of what has no field of its own (relevance …); missing where empty.
    Timestamp label_ts = 0;
    std::string_view source;
};

/// What dedupe and label joins go by: a hash of (project, deployment, request_id), 128 bits wide
/// with a secret seed of the data directory, so that equal means the same request (at 10^10 events
/// the odds of a mistake are below 10^-18).
[[nodiscard]] Hash128 identity_of(ProjectId project,
                                  std::string_view deployment,
                                  std::string_view request_id,
                                  std::uint64_t seed);

}  // namespace aiml042::model
