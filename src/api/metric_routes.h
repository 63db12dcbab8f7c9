// Routes of metrics: values, curves, the catalogue.

#pragma once

#include <vector>

#include "api/reading.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> metric_routes(const ReadParts& parts);

}  // namespace aiml042::api
