// Declared deployments and retention.

#include "base/limits.h"
#include "base/log.h"
#include "catalog/catalog_state.h"

namespace aiml042::catalog {

namespace {

constexpr std::string_view kPositiveClass = "positive_class";
constexpr std::string_view kPredictedClass = "predicted_class";

}  // namespace

Status Catalog::State::load_deployments() {
    Statement rows(*database,
                   "SELECT project, name, task_type, positive_class, threshold, cohort_keys, "
                   "score_is, row_check "
                   "FROM deployments");
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return Status::ok();
        }
        const auto project = static_cast<std::uint32_t>(rows.integer_at(0));
        std::string name = rows.text_at(1);
        model::DeploymentSettings settings;
        if (const auto task = rows.optional_text_at(2)) {
            settings.task_type = model::parse_task_type(*task);
        }
        settings.positive_class = rows.optional_text_at(3);
        settings.threshold = rows.optional_real_at(4);
        settings.cohort_keys = unpack_strings(rows.text_at(5));
        settings.score_is = rows.text_at(6) == kPredictedClass ? model::ScoreIs::kPredictedClass
                                                               : model::ScoreIs::kPositiveClass;
        if (row_check(ProjectId{project}, name, settings) != rows.integer_at(7)) {
            log_error("catalog_row_damaged", {{"table", "deployments"}, {"project", project}});
            ++damaged_rows;
            continue;  // Undeclared is safe: it is inferred, and asked for where that cannot be.
        }
        deployments.emplace(DeploymentKey{project, std::move(name)}, std::move(settings));
    }
}

Status Catalog::State::load_retention() {
    Statement rows(*database, "SELECT project, days, bytes, row_check FROM retention");
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return Status::ok();
        }
        const auto project = static_cast<std::uint32_t>(rows.integer_at(0));
        Retention stored;
        if (const auto days = rows.optional_integer_at(1)) {
            stored.days = static_cast<std::uint32_t>(*days);
        }
        if (const auto bytes = rows.optional_integer_at(2)) {
            stored.bytes = static_cast<std::uint64_t>(*bytes);
        }
        if (row_check(ProjectId{project}, stored) != rows.integer_at(3)) {
            log_error("catalog_row_damaged", {{"table", "retention"}, {"project", project}});
            ++damaged_rows;
            continue;  // Keeping too much is safe, deleting too much is not.
        }
        retention.emplace(project, stored);
    }
}

std::optional<model::DeploymentSettings> Catalog::settings(ProjectId project,
                                                           std::string_view deployment) const {
    const ReadLock memory(state_->memory_mutex);
    const auto found = state_->deployments.find({raw(project), std::string(deployment)});
    return found == state_->deployments.end()
               ? std::nullopt
               : std::optional<model::DeploymentSettings>(found->second);
}

Status Catalog::declare(ProjectId project,
                        std::string_view deployment,
                        const model::DeploymentSettings& settings) {
    const MutexLock lock(state_->mutex);
    const State::DeploymentKey key{raw(project), std::string(deployment)};
    {
        const ReadLock memory(state_->memory_mutex);
        const auto first = state_->deployments.lower_bound({raw(project), std::string()});
        const auto last = state_->deployments.lower_bound({raw(project) + 1, std::string()});
        const auto declared = static_cast<std::size_t>(std::distance(first, last));
        if (declared >= limits::kDeploymentsPerProjectMax && !state_->deployments.contains(key)) {
            return {ErrorCode::kCardinalityLimit,
                    "the project has " + std::to_string(limits::kDeploymentsPerProjectMax) +
                        " declared deployments"};
        }
    }
    std::optional<std::string> task;
    if (settings.task_type) {
        task = model::task_type_name(*settings.task_type);
    }
    const bool predicted = settings.score_is == model::ScoreIs::kPredictedClass;
    Statement upsert(
        *state_->database,
        "INSERT OR REPLACE INTO deployments (project, name, task_type, positive_class, threshold, "
        "cohort_keys, score_is, row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    AIML_TRY(upsert.integer(raw(project))
                 .text(deployment)
                 .text(task)
                 .text(settings.positive_class)
                 .real(settings.threshold)
                 .blob(pack_strings(settings.cohort_keys))
                 .text(predicted ? kPredictedClass : kPositiveClass)
                 .integer(row_check(project, deployment, settings))
                 .run());
    const WriteLock memory(state_->memory_mutex);
    state_->deployments.insert_or_assign(key, settings);
    return Status::ok();
}

Retention Catalog::retention(ProjectId project) const {
    const ReadLock memory(state_->memory_mutex);
    const auto found = state_->retention.find(raw(project));
    return found == state_->retention.end() ? Retention{} : found->second;
}

Status Catalog::set_retention(ProjectId project, const Retention& retention) {
    const MutexLock lock(state_->mutex);
    std::optional<std::int64_t> bytes;
    if (retention.bytes) {
        if (*retention.bytes > INT64_MAX) {
            return {ErrorCode::kOutOfRange, "more bytes than can be counted", "/bytes"};
        }
        bytes = static_cast<std::int64_t>(*retention.bytes);
    }
    Statement upsert(
        *state_->database,
        "INSERT OR REPLACE INTO retention (project, days, bytes, row_check) VALUES (?, ?, ?, ?)");
    AIML_TRY(
        upsert.integer(raw(project))
            .integer(retention.days ? std::optional<std::int64_t>(*retention.days) : std::nullopt)
            .integer(bytes)
            .integer(row_check(project, retention))
            .run());
    const WriteLock memory(state_->memory_mutex);
    state_->retention.insert_or_assign(raw(project), retention);
    return Status::ok();
}

}  // namespace aiml042::catalog
