// Opaque cursors: a position in a list, sealed so that it is good for one list of one project only.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"

namespace aiml042::api {

/// What a cursor is bound to. `secret` is one that callers do not know (Catalog::identity_seed()).
struct CursorScope {
    std::uint64_t secret = 0;
    ProjectId project{};
    std::string_view list;
};

[[nodiscard]] std::string make_cursor(const CursorScope& scope, std::int64_t position);

/// kInvalidArgument (pointer "/cursor") when it is not one of ours for this list and project.
[[nodiscard]] Result<std::int64_t> read_cursor(const CursorScope& scope, std::string_view cursor);

}  // namespace aiml042::api
