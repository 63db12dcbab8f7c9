// How many names a project may bring: deployments of a project, columns of a deployment. Knows all
// names there are, so that the item that brings one too many is refused before it is stored.
//
// A column is a (kind, type, name). A batch whose columns its deployments all have brought before
// costs one look-up per deployment (50 ns); only others are read row by row. A name counts from
// when its item passed here, even when the item is then not stored (a duplicate, a full disk),
// until the next start. State: 8 bytes per column, about 300 per deployment. Threads: any.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/status.h"
#include "codec/batch.h"
#include "model/column.h"
#include "model/row.h"

namespace aiml042::ingest {

/// A deployment that is stored, with its columns.
struct KnownDeployment {
    std::string name;
    std::vector<model::ColumnKey> columns;
};

class Census {
  public:
    /// What the store has of a project; asked once per project, before its first item passes.
    using Stored = std::function<std::vector<KnownDeployment>(ProjectId)>;

    Census(Stored stored, std::uint64_t seed) : stored_(std::move(stored)), seed_(seed) {}

    /// Moves the items of `batch` that bring one name too many to its rejected ones
    /// (kCardinalityLimit, the pointer names the field). `body` is what was parsed.
    void admit(std::string_view body, codec::ParsedBatch& batch);

  private:
    struct Deployment {
        std::vector<std::uint64_t> columns;     // Hashes, sorted.
        std::array<std::uint64_t, 4> tables{};  // Hashes of tables whose columns are all here.
        std::size_t next_table = 0;
    };

    using Project = std::map<std::string, Deployment, std::less<>>;

    Project& project(ProjectId id) AIML_REQUIRES(mutex_);
    [[nodiscard]] std::uint64_t hash_of(model::ColumnKind kind,
                                        model::ValueType type,
                                        std::string_view name) const;
    bool admit_all(const Project& known) AIML_REQUIRES(mutex_);
    Status admit_row(Project& known) AIML_REQUIRES(mutex_);
    void remember_table(Project& known) AIML_REQUIRES(mutex_);

    const Stored stored_;
    const std::uint64_t seed_;
    Mutex mutex_;
    std::map<ProjectId, Project> projects_ AIML_GUARDED_BY(mutex_);

    // Of the batch at hand; kept for their memory.
    codec::BatchReader reader_ AIML_GUARDED_BY(mutex_);
    std::uint64_t table_ AIML_GUARDED_BY(mutex_) = 0;
    model::EventRow row_ AIML_GUARDED_BY(mutex_);
    std::vector<std::uint64_t> hashes_ AIML_GUARDED_BY(mutex_);  // By column of the batch.
    std::vector<std::uint64_t> fresh_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::ingest
