#include "query/engine.h"

#include <optional>
#include <utility>

#include "query/answer.h"
#include "query/core.h"
#include "query/curve_answer.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

Engine::Engine(const store::Store& store, SettingsSource settings, EngineOptions options)
    : core_(std::make_unique<const Core>(store, std::move(settings), options)) {}

Engine::~Engine() = default;

Result<std::string> Engine::metrics_json(const MetricQuery& query) const {
    const Lsn as_of_seq = core_->store.visible();
    AIML_ASSIGN(const Plan plan, make_plan(*core_, query));
    AIML_ASSIGN(const Execution execution, execute(*core_, plan));
    if (!query.compare.has_value()) {
        return metrics_answer_json(plan, execution, std::nullopt, as_of_seq);
    }
    AIML_ASSIGN(const Plan other_plan, make_compare_plan(*core_, query));
    AIML_ASSIGN(const Execution other, execute(*core_, other_plan));
    const Comparison comparison{*query.compare, &other_plan, &other};
    return metrics_answer_json(plan, execution, comparison, as_of_seq);
}

Result<std::string> Engine::metrics_csv(const MetricQuery& query) const {
    AIML_ASSIGN(const Plan plan, make_plan(*core_, query));
    AIML_ASSIGN(const Execution execution, execute(*core_, plan));
    return metrics_answer_csv(plan, execution);
}

Result<std::string> Engine::curve_json(const MetricQuery& query) const {
    return curve_answer(*core_, query);
}

}  // namespace aiml042::query
