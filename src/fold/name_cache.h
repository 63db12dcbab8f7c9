// Ids of deployments and columns, found without hashing where a batch looks like the one before.
//
// A batch numbers its names; the n-th name of a batch is nearly always the n-th name of the batch
// before. Each deployment remembers what its last names by number were: one comparison tells that
// the id is still right. What is not remembered is looked up by name, then asked of the store.
// Memory: about 100 bytes per column the store has. Threads: one owner, the fold thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "model/column.h"
#include "model/row.h"
#include "store/store.h"

namespace aiml042::fold {

/// Transparent look-up of strings by views.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// One deployment and the columns met so far.
class CachedDeployment {
  public:
    CachedDeployment(std::string name, DeploymentId id) : name_(std::move(name)), id_(id) {}

    [[nodiscard]] DeploymentId id() const { return id_; }

    [[nodiscard]] const std::string& name() const { return name_; }

    /// The column of `field`, made when new; Store::kNoColumn when the deployment has too many.
    /// `batch` is a number that is never used twice: names are compared once per batch. About 2 ns
    /// when remembered.
    ColumnId column(store::Store& store, const model::FieldView& field, std::uint64_t batch) {
        if (field.name_index < memo_.size()) [[likely]] {
            Memo& memo = memo_[field.name_index];
            if (memo.batch == batch) {
                return memo.id;
            }
            if (memo.kind == field.kind && memo.type == field.type && memo.name == field.name) {
                memo.batch = batch;
                return memo.id;
            }
        }
        return find_column(store, field, batch);
    }

  private:
    struct Memo {
        std::string name;
        std::uint64_t batch = 0;
        ColumnId id = store::Store::kNoColumn;
        model::ColumnKind kind = model::ColumnKind::kBuiltin;  // No field has this kind.
        model::ValueType type = model::ValueType::kNumber;
    };

    ColumnId find_column(store::Store& store, const model::FieldView& field, std::uint64_t batch);

    const std::string name_;
    const DeploymentId id_;
    std::vector<Memo> memo_;     // By index of the name in a batch.
    TextMap<ColumnId> columns_;  // By kind, type and name; only what the store has.
    std::string key_;            // Reused.
};

class NameCache {
  public:
    explicit NameCache(store::Store& store) : store_(&store) {}

    /// The deployment, made when new.
    CachedDeployment& intern(ProjectId project, std::string_view name);

    /// The deployment, or nothing when the store has none of this name.
    [[nodiscard]] const CachedDeployment* find(ProjectId project, std::string_view name);

    /// All deployments of the project.
    [[nodiscard]] const std::vector<CachedDeployment*>& all(ProjectId project);

  private:
    struct Project {
        TextMap<std::unique_ptr<CachedDeployment>> by_name;
        std::vector<CachedDeployment*> all;
    };

    Project& project(ProjectId id);
    static CachedDeployment& add(Project& project, std::string_view name, DeploymentId id);

    store::Store* store_;
    std::map<ProjectId, Project> projects_;
};

}  // namespace aiml042::fold
