// Routes about fairness.

#pragma once

#include <vector>

#include "api/reading.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> fairness_routes(const ReadParts& parts);

}  // namespace aiml042::api
