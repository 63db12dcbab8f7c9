#include "query/headline.h"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace aiml042::query {

namespace {

Result<Measured> measure(const Core& core, const MetricQuery& query) {
    AIML_ASSIGN(Plan plan, make_plan(core, query));
    Measured out{std::move(plan), {}, {}};
    AIML_ASSIGN(out.execution, execute(core, out.plan));
    return out;
}

const std::vector<std::string> kTraffic = {"count", "error_rate", "latency_p50", "latency_p95", "label_coverage"};

std::vector<std::string> with_traffic(std::initializer_list<std::string_view> names) {
    std::vector<std::string> out = kTraffic;
    out.insert(out.end(), names.begin(), names.end());
    return out;
}

}  // namespace

std::vector<std::string> headline_metrics(model::TaskType task) {
    switch (task) {
        case model::TaskType::kBinary:
            return with_traffic({"roc_auc", "accuracy", "precision", "recall", "f1", "pr_auc", "log_loss", "brier", "ece"});
        case model::TaskType::kMulticlass:
            return with_traffic({"accuracy", "balanced_accuracy", "precision", "recall", "f1", "log_loss", "brier", "ece"});
        case model::TaskType::kRegression:
        case model::TaskType::kQuantile:
            return with_traffic({"mae", "rmse", "mape", "r2", "bias"});
        default:
            return kTraffic;
    }
}

Result<Measured> measure_headline(const Core& core, MetricQuery query) {
    AIML_ASSIGN(const store::DeploymentInfo deployment, core.deployment(query.project, query.deployment));
    AIML_ASSIGN(const Profile profile,
                core.profile(deployment, core.store.blocks(query.project, deployment.id, TimeRange{})));
    query.metrics = headline_metrics(profile.task);
    auto measured = measure(core, query);
    if (measured || measured.code() != ErrorCode::kPositiveClassUnknown) {
        return measured;
    }
    query.metrics = with_traffic({"accuracy", "mcc", "kappa"});
    auto without = measure(core, query);
    if (!without && without.code() == ErrorCode::kPositiveClassUnknown) {  // Only scores, no class at all.
        query.metrics = kTraffic;
        without = measure(core, query);
    }
    if (without) {
        without->note = measured.status().detail();
    }
    return without;
}

}  // namespace aiml042::query
