// /v1/session: who am I, sign in, sign out.

#pragma once

#include <vector>

#include "api/app.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> session_routes(const Parts& parts, const AppOptions& options);

}  // namespace aiml042::api
