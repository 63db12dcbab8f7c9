// Names and ids of deployments and their columns.
//
// Threads: find and the snapshots from any thread; intern only from the fold (the one writer). What
// was interned becomes durable with the next seal, in the same atomic write as the rows that use
// it.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/column.h"

namespace aiml042::store {

struct ColumnInfo {
    ColumnId id = 0;
    model::ColumnKey key;
};

/// The dynamic columns of one deployment, immutable.
struct Schema {
    std::vector<ColumnInfo> columns;  // By id.

    /// Ids of all columns with this kind and name, whatever their type; in order of id.
    [[nodiscard]] std::vector<ColumnInfo> find(model::ColumnKind kind, std::string_view name) const;
};

struct DeploymentInfo {
    ProjectId project{};
    DeploymentId id{};
    std::string name;
    std::shared_ptr<const Schema> schema;
};

}  // namespace aiml042::store
