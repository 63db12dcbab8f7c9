#include "store/names.h"

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "base/limits.h"
#include "store/keys.h"

namespace aiml042::store {

std::vector<ColumnInfo> Schema::find(model::ColumnKind kind, std::string_view name) const {
    std::vector<ColumnInfo> found;
    for (const ColumnInfo& column : columns) {
        if (column.key.kind == kind && column.key.name == name) {
            found.push_back(column);
        }
    }
    return found;
}

DeploymentInfo Names::info(std::uint32_t id) const {
    const Deployment& deployment = deployments_.at(id);
    return {deployment.project, DeploymentId{id}, deployment.name, deployment.schema};
}

std::optional<DeploymentInfo> Names::find(ProjectId project, std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto at = ids_.find(std::pair(project, std::string(name)));
    if (at == ids_.end()) {
        return std::nullopt;
    }
    return info(at->second);
}

std::vector<DeploymentInfo> Names::list(ProjectId project) const {
    const std::shared_lock lock(mutex_);
    std::vector<DeploymentInfo> found;
    for (auto at = ids_.lower_bound(std::pair(project, std::string()));
         at != ids_.end() && at->first.first == project;
         ++at) {
        found.push_back(info(at->second));
    }
    return found;
}

std::vector<ProjectId> Names::projects() const {
    const std::shared_lock lock(mutex_);
    std::vector<ProjectId> projects;
    for (const auto& [key, id] : ids_) {
        if (projects.empty() || projects.back() != key.first) {
            projects.push_back(key.first);
        }
    }
    return projects;
}

DeploymentId Names::intern_deployment(ProjectId project, std::string_view name) {
    std::pair key(project, std::string(name));
    if (const auto at = ids_.find(key); at != ids_.end()) {
        return DeploymentId{at->second};
    }
    const std::unique_lock lock(mutex_);
    const std::uint32_t id = next_deployment_++;
    deployments_[id].project = project;
    deployments_[id].name = name;
    ids_.emplace(std::move(key), id);
    fresh_deployments_.push_back(id);
    return DeploymentId{id};
}

std::optional<ColumnId> Names::intern_column(DeploymentId deployment, const model::ColumnKey& key) {
    const auto at = deployments_.find(raw(deployment));
    AIML_CHECK(at != deployments_.end());
    Deployment& to = at->second;
    if (const auto known = to.columns.find(key); known != to.columns.end()) {
        return known->second;
    }
    if (to.columns.size() >= limits::kColumnsPerDeploymentMax) {
        return std::nullopt;
    }
    auto schema = std::make_shared<Schema>(*to.schema);
    const ColumnInfo column{model::kFirstDynamicColumn + static_cast<ColumnId>(to.columns.size()),
                            key};
    schema->columns.push_back(column);
    const std::unique_lock lock(mutex_);
    to.columns.emplace(key, column.id);
    to.schema = std::move(schema);
    fresh_columns_.emplace_back(raw(deployment), column);
    return column.id;
}

void Names::save(Batch& batch) const {
    for (const std::uint32_t id : fresh_deployments_) {
        const Deployment& deployment = deployments_.at(id);
        std::string value;
        ByteWriter writer(value);
        writer.varint(raw(deployment.project));
        writer.string(deployment.name);
        batch.put(Family::kMeta, KeyWriter(meta::kDeployment).u32(id).take(), value);
    }
    for (const auto& [deployment, column] : fresh_columns_) {
        std::string value;
        ByteWriter writer(value);
        writer.u8(static_cast<std::uint8_t>(column.key.kind));
        writer.u8(static_cast<std::uint8_t>(column.key.type));
        writer.string(column.key.name);
        batch.put(
            Family::kMeta, KeyWriter(meta::kColumn).u32(deployment).u32(column.id).take(), value);
    }
}

void Names::saved() {
    fresh_deployments_.clear();
    fresh_columns_.clear();
}

Status Names::load(const Disk& disk) {
    const std::string deployments(1, meta::kDeployment);
    AIML_TRY(
        disk.scan(Family::kMeta,
                  deployments,
                  behind(deployments),
                  [&](ByteView key, ByteView value) -> Status {
                      KeyReader at(key.substr(1));
                      const std::uint32_t id = at.u32();
                      ByteReader in(value);
                      const ProjectId project{static_cast<std::uint32_t>(in.varint())};
                      const std::string name(in.string());
                      if (!at.done() || !in.ok() || !in.done() ||
                          !ids_.emplace(std::pair(project, name), id).second) {
                          return {ErrorCode::kCorruptBlock, "a deployment record is not valid"};
                      }
                      deployments_[id].project = project;
                      deployments_[id].name = name;
                      next_deployment_ = std::max(next_deployment_, id + 1);
                      return Status::ok();
                  }));
    std::map<std::uint32_t, Schema> schemas;
    const std::string columns(1, meta::kColumn);
    AIML_TRY(disk.scan(
        Family::kMeta, columns, behind(columns), [&](ByteView key, ByteView value) -> Status {
            KeyReader at(key.substr(1));
            const std::uint32_t deployment = at.u32();
            ColumnInfo column;
            column.id = at.u32();
            ByteReader in(value);
            column.key.kind = static_cast<model::ColumnKind>(in.u8());
            column.key.type = static_cast<model::ValueType>(in.u8());
            column.key.name = in.string();
            const auto to = deployments_.find(deployment);
            if (!at.done() || !in.ok() || !in.done() || to == deployments_.end() ||
                column.id != model::kFirstDynamicColumn + to->second.columns.size() ||
                !to->second.columns.emplace(column.key, column.id).second) {
                return {ErrorCode::kCorruptBlock, "a column record is not valid"};
            }
            schemas[deployment].columns.push_back(std::move(column));
            return Status::ok();
        }));
    for (auto& [id, schema] : schemas) {
        deployments_[id].schema = std::make_shared<Schema>(std::move(schema));
    }
    return Status::ok();
}

}  // namespace aiml042::store
