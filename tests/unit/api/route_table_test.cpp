#include "api/route_table.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using net::Method;

namespace {

api::Route route(Method method, std::string_view pattern, std::string_view summary = "") {
    return {.method = method,
            .pattern = pattern,
            .scope = access::Scope::kNone,
            .body = api::Body::kNone,
            .place = api::Place::kInline,
            .summary = summary,
            .parameters = {},
            .request_schema = "",
            .response_schema = "",
            .handle = nullptr};
}

}  // namespace

TEST_CASE("route table: literal text wins over a parameter") {
    const api::RouteTable table({route(Method::kGet, "/v1/events/{request_id}", "one"),
                                 route(Method::kGet, "/v1/events/recent", "recent"),
                                 route(Method::kGet, "/v1/events", "list")});
    CHECK(table.find(Method::kGet, "/v1/events/recent").route->summary == "recent");
    CHECK(table.find(Method::kGet, "/v1/events/x").route->summary == "one");
    CHECK(table.find(Method::kGet, "/v1/events").route->summary == "list");
}

TEST_CASE("route table: parameters are decoded after splitting, so an id may contain a slash") {
    const api::RouteTable table({route(Method::kGet, "/v1/events/{request_id}")});
    const auto match = table.find(Method::kGet, "/v1/events/a%2Fb%20c+d");
    REQUIRE(match.route != nullptr);
    REQUIRE(match.parameters.size() == 1);
    CHECK(match.parameters[0].first == "request_id");
    CHECK(match.parameters[0].second == "a/b c+d");
}

TEST_CASE("route table: what is not exactly the canonical path matches nothing") {
    const api::RouteTable table(
        {route(Method::kGet, "/v1/events/{request_id}"), route(Method::kGet, "/healthz")});
    for (const char* path : {"/v1/events/",
                             "/v1//events/x",
                             "//v1/events/x",
                             "/v1/events/x/",
                             "/V1/events/x",
                             "/healthz/",
                             "/",
                             "",
                             "healthz",
                             "/v1/events/%zz",
                             "/v1/%65vents/x"}) {
        CAPTURE(path);
        CHECK(table.find(Method::kGet, path).route == nullptr);
    }
}

TEST_CASE("route table: other methods of a known path are named, and HEAD is GET's") {
    const api::RouteTable table(
        {route(Method::kGet, "/v1/keys"), route(Method::kPost, "/v1/keys")});
    const auto match = table.find(Method::kDelete, "/v1/keys");
    CHECK(match.route == nullptr);
    CHECK(match.allow == "GET, HEAD, POST, OPTIONS");
    CHECK(table.find(Method::kHead, "/v1/keys").route ==
          table.find(Method::kGet, "/v1/keys").route);
    CHECK(table.find(Method::kGet, "/v1/nothing").allow.empty());
}
