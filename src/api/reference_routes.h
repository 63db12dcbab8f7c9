// References: what drift compares with, made and named.

#pragma once

#include <vector>

#include "api/reading.h"

namespace aiml042::api {

[[nodiscard]] std::vector<Route> reference_routes(const ReadParts& parts);

}  // namespace aiml042::api
