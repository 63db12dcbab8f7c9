#include "query/core.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/limits.h"
#include "query/estimate_model.h"
#include "query/measure.h"
#include "query/nearest.h"

namespace aiml042::query {

namespace {

constexpr std::size_t kSummaryBytesMax = 64ULL << 20;
constexpr std::size_t kHelpersWaitingMax = 256;
constexpr std::size_t kTextColumnsMax = 1'000;

/// Id of every deployment that was declared and has no events yet; the store gives it to none.
constexpr DeploymentId kWithoutEvents{0xFFFF'FFFF};

}  // namespace

Core::Core(const store::Store& store_in,
           SettingsSource settings_in,
           EngineOptions options_in,
           ReferenceSource stored_in)
    : store(store_in),
      settings(std::move(settings_in)),
      options(options_in),
      stored(std::move(stored_in)),
      cells(options_in.cell_bytes_max),
      points(options_in.cell_bytes_max / 8),
      references(options_in.cell_bytes_max / 2),
      estimate_models(options_in.cell_bytes_max / 4),
      embeddings(options_in.cell_bytes_max / 4),
      summaries(kSummaryBytesMax),
      pool(std::max(1U, options_in.threads) - 1, kHelpersWaitingMax) {}

Result<store::DeploymentInfo> Core::deployment(ProjectId project, std::string_view name) const {
    auto found = store.find_deployment(project, name);
    if (found.has_value()) {
        return *std::move(found);
    }
    if (settings && settings(project, name)) {
        return store::DeploymentInfo{.project = project,
                                     .id = kWithoutEvents,
                                     .name = std::string(name),
                                     .schema = std::make_shared<const store::Schema>()};
    }
    std::vector<std::string> names;
    for (const store::DeploymentInfo& known : store.deployments(project)) {
        names.push_back(known.name);
    }
    return Status(ErrorCode::kNotFound,
                  fmt::format("there is no deployment \"{}\" in this project{}",
                              name.substr(0, 256),
                              did_you_mean(name, names)),
                  "/deployment_id");
}

Result<Profile> Core::profile(const store::DeploymentInfo& deployment,
                              const Blocks& all_blocks,
                              LeftOut* left_out) const {
    model::DeploymentSettings declared;
    if (settings) {
        declared = settings(deployment.project, deployment.name).value_or(declared);
    }
    return make_profile(all_blocks, *deployment.schema, std::move(declared), summaries, left_out);
}

std::shared_ptr<ClassRegistry> Core::classes(const store::DeploymentInfo& deployment) const {
    if (deployment.id == kWithoutEvents) {
        return std::make_shared<ClassRegistry>();
    }
    const MutexLock lock(mutex_);
    auto& registry = classes_[{deployment.project, deployment.id}];
    if (registry == nullptr) {
        registry = std::make_shared<ClassRegistry>();
    }
    return registry;
}

std::shared_ptr<ClassRegistry> Core::texts(const store::DeploymentInfo& deployment,
                                           const std::string& column) const {
    return registry(deployment,
                    "column " + column,
                    fmt::format("the column {} has", column.substr(0, 64)),
                    "/metric");
}

std::shared_ptr<ClassRegistry> Core::group_texts(const store::DeploymentInfo& deployment,
                                                 const std::string& keys) const {
    return registry(deployment, "by " + keys, "by has", "/by");
}

std::shared_ptr<ClassRegistry> Core::registry(const store::DeploymentInfo& deployment,
                                              const std::string& name,
                                              const std::string& subject,
                                              const std::string& pointer) const {
    const MutexLock lock(mutex_);
    if (texts_.size() >= kTextColumnsMax) {
        texts_.clear();  // Cells of forgotten registries are never found again.
    }
    auto& found = texts_[{deployment.project, deployment.id, name}];
    if (found == nullptr) {
        found = std::make_shared<ClassRegistry>(subject, pointer);
    }
    return found;
}

Timestamp Core::deadline() const {
    return clock_.steady() + limits::kQuerySecondsMax * kSecond;
}

Status Core::check_deadline(Timestamp deadline) const {
    if (clock_.steady() < deadline) {
        return Status::ok();
    }
    return {ErrorCode::kQueryTooLarge,
            fmt::format("the query took longer than {} s; ask for a shorter window or fewer groups",
                        limits::kQuerySecondsMax)};
}

}  // namespace aiml042::query
