// The OpenAPI 3.1 document of a set of routes.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"

namespace aiml042::api {

/// One operation per route, paths in their order. Each names its scope in `x-scope`; schemas are taken as they are.
[[nodiscard]] std::string openapi_document(const std::vector<Route>& routes, std::string_view version);

}  // namespace aiml042::api
