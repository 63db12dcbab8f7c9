// What administrators do within their project: keys, projects and retention, declared deployments, dead letters.

#pragma once

#include <vector>

#include "api/app.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> key_routes(const Parts& parts);
[[nodiscard]] std::vector<Route> project_routes(const Parts& parts);
[[nodiscard]] std::vector<Route> deployment_routes(const Parts& parts);
[[nodiscard]] std::vector<Route> dead_letter_routes(const Parts& parts);

}  // namespace aiml042::api
