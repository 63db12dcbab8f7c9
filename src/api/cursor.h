// Pages of lists, and the opaque cursors between them: a position, sealed so that it is good for
// one list of one project only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/query_parameters.h"
#include "api/route.h"
#include "base/ids.h"
#include "base/status.h"
#include "codec/json_writer.h"

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

/// The page of a list that a request asks for, by its parameters `limit` and `cursor`.
struct Page {
    std::size_t limit = 100;
    std::optional<std::int64_t> after;  // Position of the last item of the page before.
};

[[nodiscard]] Result<Page> read_page(const QueryParameters& parameters, const CursorScope& scope);

/// Writes "next_cursor": for what follows `last`; null where that is nothing.
void write_next_cursor(codec::JsonWriter& json,
                       const CursorScope& scope,
                       std::optional<std::int64_t> last);

/// `cursor` and `limit`, for the OpenAPI document.
[[nodiscard]] std::vector<ParameterDoc> page_docs();

}  // namespace aiml042::api
