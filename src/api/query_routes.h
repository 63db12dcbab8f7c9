// The read routes: metric queries, curves, the catalogue, events, deployments, the performance of a model version.

#pragma once

#include <vector>

#include "api/route.h"
#include "os/clock.h"
#include "query/engine.h"
#include "query/events.h"
#include "store/store.h"

namespace aiml042::api {

/// References must outlive the routes. Without `locate` a look-up by request_id may read every block.
struct QueryParts {
    const query::Engine& engine;
    const store::Store& store;
    const os::Clock& clock;
    query::Locator locate = {};
};

/// All of them take scope metrics:read and run on the work pool.
[[nodiscard]] std::vector<Route> query_routes(const QueryParts& parts);

}  // namespace aiml042::api
