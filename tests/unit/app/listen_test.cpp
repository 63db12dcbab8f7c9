#include "app/listen.h"

#include <catch2/catch.hpp>

using namespace aiml042;       // NOLINT(google-build-using-namespace)
using namespace aiml042::app;  // NOLINT(google-build-using-namespace)

TEST_CASE("listen: addresses of both families, and the URL that reaches them") {
    const auto url = [](std::string_view text) {
        const Result<Listen> listen = parse_listen(text);
        return listen.is_ok() ? url_host(*listen) + ":" + std::to_string(listen->port) : "refused";
    };
    CHECK(url("127.0.0.1:8042") == "127.0.0.1:8042");
    CHECK(url("0.0.0.0:0") == "127.0.0.1:0");
    CHECK(url("[::1]:8042") == "[::1]:8042");
    CHECK(url("[::]:65535") == "[::1]:65535");
    CHECK(parse_listen("[fe80::1]:1")->address == "fe80::1");
    for (const char* wrong : {"",
                              "localhost",
                              ":8042",
                              "::1:8042",
                              "[::1]",
                              "[::1:8042",
                              "[]:1x",
                              "127.0.0.1:65536",
                              "127.0.0.1:",
                              "127.0.0.1:80 "}) {
        CAPTURE(wrong);
        CHECK(url(wrong) == "refused");
    }
}
