#include "model/column.h"

#include <array>

#include "base/check.h"

namespace aiml042::model {

namespace {

struct Builtin {
    std::string_view name;
    ValueType type;
};

constexpr std::array<Builtin, builtin::kCount> kBuiltins = {{
    {"timestamp", ValueType::kTime},
    {"received_at", ValueType::kTime},
    {"seq", ValueType::kTime},
    {"request_id", ValueType::kString},
    {"trace_id", ValueType::kString},
    {"model_version", ValueType::kString},
    {"score", ValueType::kNumber},
    {"predicted_class", ValueType::kString},
    {"predicted_value", ValueType::kNumber},
    {"latency_ms", ValueType::kNumber},
    {"error_code", ValueType::kString},
    {"prompt_version", ValueType::kString},
    {"experiment", ValueType::kString},
    {"variant", ValueType::kString},
    {"shadow", ValueType::kBool},
    {"input_tokens", ValueType::kNumber},
    {"output_tokens", ValueType::kNumber},
    {"cost_usd", ValueType::kNumber},
    {"action", ValueType::kString},
    {"propensity", ValueType::kNumber},
    {"remainder", ValueType::kString},
}};

}  // namespace

ColumnKey builtin_column(ColumnId id) {
    AIML_CHECK(id < builtin::kCount);
    return {ColumnKind::kBuiltin, kBuiltins[id].type, std::string(kBuiltins[id].name)};
}

}  // namespace aiml042::model
