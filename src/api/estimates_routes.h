// Routes about performance without labels.

#pragma once

#include <vector>

#include "api/reading.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> estimates_routes(const ReadParts& parts);

}  // namespace aiml042::api
