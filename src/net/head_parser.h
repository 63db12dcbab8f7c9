// A guarded request header into a Request, by Beast's parser.

#pragma once

#include <string_view>

#include "net/guard.h"
#include "net/http.h"

namespace aiml042::net {

/// Fills method, path, query and headers of `out`. Refuses where Beast reads the header otherwise
/// than the guard did: two parsers have to agree on method, framing and end of every request.
[[nodiscard]] Refusal parse_head(std::string_view head, const GuardedHead& guarded, Request& out);

}  // namespace aiml042::net
