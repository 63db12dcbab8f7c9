// What is declared or inferred of a deployment.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aiml042::model {

enum class TaskType : std::uint8_t {
    kUnknown,
    kBinary,
    kMulticlass,
    kRegression,
    kQuantile,
    kRanking,
    kLlm,
    kExperiment,
    kOffPolicy
};

[[nodiscard]] std::string_view task_type_name(TaskType task);
[[nodiscard]] std::optional<TaskType> parse_task_type(std::string_view name);

/// Whose probability `score` is.
enum class ScoreIs : std::uint8_t { kPositiveClass, kPredictedClass };

/// A declaration (PUT /v1/deployments/{id}); what is not declared is inferred from the events.
struct DeploymentSettings {
    std::optional<TaskType> task_type;
    std::optional<std::string> positive_class;
    std::optional<double>
        threshold;  // In [0, 1]: predicted class = score >= threshold where no class was sent.
    std::vector<std::string> cohort_keys;
    ScoreIs score_is = ScoreIs::kPositiveClass;
};

}  // namespace aiml042::model
