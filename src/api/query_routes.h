// The read routes: metrics, curves, events, deployments, model performance.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/route.h"
#include "catalog/catalog.h"
#include "os/clock.h"
#include "query/engine.h"
#include "query/events.h"
#include "store/store.h"

namespace aiml042::api {

/// References; all must outlive the routes.
struct QueryParts {
    const query::Engine& engine;
    const store::Store& store;
    const os::Clock& clock;
    catalog::Catalog& catalog;
    query::Locate locate;
    std::uint64_t cursor_secret = 0;
    std::string product_version = {};  // Reports name it.
};

[[nodiscard]] std::vector<Route> query_routes(QueryParts parts);

}  // namespace aiml042::api
