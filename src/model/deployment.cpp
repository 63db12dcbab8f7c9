#include "model/deployment.h"

#include <array>
#include <utility>

namespace aiml042::model {

namespace {

constexpr std::array<std::pair<TaskType, std::string_view>, 9> kTasks = {{
    {TaskType::kUnknown, "unknown"},
    {TaskType::kBinary, "binary"},
    {TaskType::kMulticlass, "multiclass"},
    {TaskType::kRegression, "regression"},
    {TaskType::kQuantile, "quantile"},
    {TaskType::kRanking, "ranking"},
    {TaskType::kLlm, "llm"},
    {TaskType::kExperiment, "experiment"},
    {TaskType::kOffPolicy, "off-policy"},
}};

}  // namespace

std::string_view task_type_name(TaskType task) {
    for (const auto& [type, name] : kTasks) {
        if (type == task) {
            return name;
        }
    }
    return "unknown";
}

std::optional<TaskType> parse_task_type(std::string_view name) {
    for (const auto& [type, text] : kTasks) {
        if (text == name && type != TaskType::kUnknown) {
            return type;
        }
    }
    return std::nullopt;
}

}  // namespace aiml042::model
