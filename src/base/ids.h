// Ids as types of their own, so that a deployment cannot be passed where a project is meant.

#pragma once

#include <cstdint>

namespace aiml042 {

enum class ProjectId : std::uint32_t {};
enum class DeploymentId : std::uint32_t {};

/// Column of a deployment. Below model::kFirstDynamicColumn the same for every deployment.
using ColumnId = std::uint32_t;

/// Sequence number of a log record: 1, 2, 3 … over the life of a data directory. 0 means "none".
using Lsn = std::uint64_t;

template <typename Id>
constexpr std::uint32_t raw(Id id) {
    return static_cast<std::uint32_t>(id);
}

}  // namespace aiml042
