// The directory: deployments of projects, columns of deployments, and which of them are not on disk
// yet.
//
// Threads: find, list from any thread; the rest from the fold thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/status.h"
#include "store/directory.h"
#include "store/disk.h"

namespace aiml042::store {

class Names {
  public:
    [[nodiscard]] std::optional<DeploymentInfo> find(ProjectId project,
                                                     std::string_view name) const;
    [[nodiscard]] std::vector<DeploymentInfo> list(ProjectId project) const;
    [[nodiscard]] std::vector<ProjectId> projects() const;

    DeploymentId intern_deployment(ProjectId project, std::string_view name);
    std::optional<ColumnId> intern_column(DeploymentId deployment, const model::ColumnKey& key);

    /// Adds what was interned since the last saved() to `batch`.
    void save(Batch& batch) const;

    /// What save() added was written.
    void saved();

    [[nodiscard]] bool has_unsaved() const {
        return !fresh_deployments_.empty() || !fresh_columns_.empty();
    }

    [[nodiscard]] Status load(const Disk& disk);

  private:
    struct Deployment {
        ProjectId project{};
        std::string name;
        std::shared_ptr<const Schema> schema = std::make_shared<Schema>();
        std::map<model::ColumnKey, ColumnId> columns;
    };

    [[nodiscard]] DeploymentInfo info(std::uint32_t id) const;

    mutable std::shared_mutex mutex_;
    std::map<std::pair<ProjectId, std::string>, std::uint32_t, std::less<>> ids_;
    std::map<std::uint32_t, Deployment> deployments_;
    std::uint32_t next_deployment_ = 1;
    std::vector<std::uint32_t> fresh_deployments_;
    std::vector<std::pair<std::uint32_t, ColumnInfo>> fresh_columns_;
};

}  // namespace aiml042::store
