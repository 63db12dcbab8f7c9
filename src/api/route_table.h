// All routes of the server, looked up by method and path.
//
// Patterns are paths whose segments are text or one whole {parameter}. A path matches segment by
// segment, as sent: %2F inside a segment is part of a value and never a separator. Text wins over a
// parameter. Immutable once made.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"

namespace aiml042::api {

/// What a method and a path lead to.
struct RouteMatch {
    const Route* route =
        nullptr;  // Null: none; then `allow` tells whether other methods are served there.
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allow;  // "GET, HEAD": methods of the path; empty when the path is not known.
};

class RouteTable {
  public:
    /// Two routes of one method and pattern, or a pattern that does not begin with '/', are bugs
    /// (AIML_CHECK).
    explicit RouteTable(std::vector<Route> routes);

    /// HEAD is served by GET's route. A parameter that cannot be decoded, or is empty, matches
    /// nothing.
    [[nodiscard]] RouteMatch find(net::Method method, std::string_view raw_path) const;

    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

  private:
    struct Pattern {
        std::vector<std::string_view> segments;  // Of the route's pattern.
        std::size_t literals = 0;
        std::size_t first_literals = 0;   // Literal segments before the first parameter.
        std::vector<std::size_t> routes;  // Indexes, one per method.
        std::string allow;
    };

    std::vector<Route> routes_;
    std::vector<Pattern> patterns_;  // Most literal first.
};

[[nodiscard]] std::string_view method_name(net::Method method);

}  // namespace aiml042::api
