// Health, readiness, metrics of the server itself, its numbers, and the OpenAPI document.

#pragma once

#include <string>
#include <vector>

#include "api/app.h"

namespace aiml042::api {

/// `openapi` is read when asked for, so it may be filled later.
[[nodiscard]] std::vector<Route> system_routes(const Parts& parts, const AppOptions& options, const std::string& openapi);

}  // namespace aiml042::api
