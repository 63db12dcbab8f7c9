// Routes about drift.

#pragma once

#include <vector>

#include "api/reading.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> drift_routes(const ReadParts& parts);

}  // namespace aiml042::api
