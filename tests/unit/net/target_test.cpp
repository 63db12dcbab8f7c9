#include "net/target.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

TEST_CASE("target: path and query are decoded, repeats and order kept") {
    net::Request request;
    REQUIRE(net::read_target(
        "/v1/a%20b%2Fc+d?metric=roc_auc&metric=f1&filter=a%20%3E+1&empty=&flag&&x=%C3%A9",
        request));
    CHECK(request.path == "/v1/a b/c+d");
    CHECK(request.raw_path == "/v1/a%20b%2Fc+d");
    REQUIRE(request.query.size() == 6);
    CHECK(request.query[1].second == "f1");
    CHECK(request.parameter("metric") == "roc_auc");
    CHECK(request.parameter("filter") == "a > 1");
    CHECK(request.parameter("empty") == "");
    CHECK(request.parameter("flag") == "");
    CHECK(request.parameter("x") == "\xC3\xA9");
    CHECK_FALSE(request.parameter("none").has_value());
}

TEST_CASE("target: a query may ask for values with control characters") {
    net::Request request;
    REQUIRE(net::read_target("/q?filter=note+%3D+%22a%09b%0D%0Ac%7F%22", request));
    CHECK(request.parameter("filter") == "note = \"a\tb\r\nc\x7F\"");
}

TEST_CASE("target: what has no one meaning is refused") {
    net::Request request;
    for (const char* target : {"/%",
                               "/%2",
                               "/%zz",
                               "/%00",
                               "/a%0d%0ab",
                               "/%ff",
                               "/%c0%af",
                               "/%ed%a0%80",
                               "/%f4%90%80%80",
                               "/..",
                               "/a/../b",
                               "/a/%2e%2e/b",
                               "/a/.",
                               "/./a",
                               "/a?x=%",
                               "/a%09",
                               "/a%7F",
                               "/a?x=%00",
                               "/a?%ff=1"}) {
        CAPTURE(target);
        CHECK_FALSE(net::read_target(target, request));
    }
    std::string many = "/?a";
    for (int i = 0; i < 300; ++i) {
        many += "&a";
    }
    CHECK_FALSE(net::read_target(many, request));
    CHECK(net::read_target("/..a/b..c/...", request));
}
