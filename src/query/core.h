// What every question shares: store, settings, caches, class numbers, workers. Behind Engine.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "metrics/embedding_drift.h"
#include "metrics/reference_column.h"
#include "os/clock.h"
#include "os/work_pool.h"
#include "query/byte_cache.h"
#include "query/cells.h"
#include "query/class_registry.h"
#include "query/engine.h"
#include "query/left_out.h"
#include "query/profile.h"
#include "query/summary.h"

namespace aiml042::query {

using Blocks = std::vector<std::shared_ptr<const store::Block>>;

struct BucketPoints;
struct EstimateModel;

class Core {
  public:
    Core(const store::Store& store_in,
         SettingsSource settings_in,
         EngineOptions options_in,
         ReferenceSource stored_in = {});

    const store::Store& store;
    const SettingsSource settings;
    const EngineOptions options;
    const ReferenceSource stored;

    /// The deployment; kNotFound with the nearest names. One that was declared and has no events
    /// yet is one without columns and blocks.
    [[nodiscard]] Result<store::DeploymentInfo> deployment(ProjectId project,
                                                           std::string_view name) const;

    /// With `left_out` damaged blocks are passed over and counted there, else they fail it.
    [[nodiscard]] Result<Profile> profile(const store::DeploymentInfo& deployment,
                                          const Blocks& all_blocks,
                                          LeftOut* left_out = nullptr) const;

    /// The numbers of a deployment's classes.
    [[nodiscard]] std::shared_ptr<ClassRegistry> classes(
        const store::DeploymentInfo& deployment) const;

    /// The numbers of the texts of another column. Lives while somebody holds it; forgotten when
    /// too many columns were asked for.
    [[nodiscard]] std::shared_ptr<ClassRegistry> texts(const store::DeploymentInfo& deployment,
                                                       const std::string& column) const;

    /// The same of the groups that `keys` (ColumnChoice::name) make.
    [[nodiscard]] std::shared_ptr<ClassRegistry> group_texts(
        const store::DeploymentInfo& deployment, const std::string& keys) const;

    /// When a question that begins now must be over; see expired().
    [[nodiscard]] Timestamp deadline() const;
    [[nodiscard]] Status check_deadline(Timestamp deadline) const;

    mutable ByteCache<FamilyCells> cells;
    mutable ByteCache<BucketPoints> points;
    mutable ByteCache<metrics::ReferenceColumn> references;
    mutable ByteCache<EstimateModel> estimate_models;
    mutable ByteCache<metrics::EmbeddingColumn> embeddings;  // Of references.
    mutable Summaries summaries;
    mutable os::WorkPool pool;

  private:
    /// The registry under a name, made where there is none.
    [[nodiscard]] std::shared_ptr<ClassRegistry> registry(const store::DeploymentInfo& deployment,
                                                          const std::string& name,
                                                          const std::string& subject,
                                                          const std::string& pointer) const;

    os::SystemClock clock_;
    mutable Mutex mutex_;
    mutable std::map<std::pair<ProjectId, DeploymentId>, std::shared_ptr<ClassRegistry>> classes_
        AIML_GUARDED_BY(mutex_);
    mutable std::map<std::tuple<ProjectId, DeploymentId, std::string>,
                     std::shared_ptr<ClassRegistry>>
        texts_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::query
