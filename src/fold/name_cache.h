// Ids of deployments and columns, found without hashing where a batch looks like one before.
//
// A batch numbers its columns in a table, and clients send the same table again and again. Each
// deployment remembers what the numbers of its last few tables meant; a table is told by its hash
// (128 bits, seeded: equal means the same). What is not remembered is looked up by name, then asked
// of the store. Memory: about 100 bytes per column the store has, 4 bytes per number remembered.
// Threads: one owner, the fold thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
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
    /// `table` is the hash of the batch's table of columns. About 2 ns when remembered.
    ColumnId column(store::Store& store, const model::FieldView& field, const Hash128& table) {
        if (table != tables_[recent_].hash) [[unlikely]] {
            select(table);
        }
        const std::vector<ColumnId>& ids = tables_[recent_].ids;
        if (field.name_index < ids.size() && ids[field.name_index] != kUnknown) [[likely]] {
            return ids[field.name_index];
        }
        return find_column(store, field);
    }

  private:
    static constexpr ColumnId kUnknown = store::Store::kNoColumn - 1;

    struct Table {
        Hash128 hash;
        std::vector<ColumnId> ids;  // By index in the table.
    };

    void select(const Hash128& table);
    ColumnId find_column(store::Store& store, const model::FieldView& field);

    const std::string name_;
    const DeploymentId id_;
    std::array<Table, 4> tables_;
    std::size_t recent_ = 0;     // The table of the last batch; the next one is the oldest.
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
