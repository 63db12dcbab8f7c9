#include "net/response_head.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

TEST_CASE("response head: security headers are there unless the answer has its own") {
    net::Response response;
    response.body = "{}";
    response.headers.emplace_back("cache-control", "public");
    std::string head;
    net::append_response_head(response, {.date = "D", .request_id = "id"}, head);
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-Id: id\r\n"));
    CHECK(head.find("Content-Length: 2\r\n") != std::string::npos);
    CHECK(head.find("no-store") == std::string::npos);
    CHECK(head.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    CHECK(head.find("Content-Security-Policy: default-src 'none'") != std::string::npos);
    CHECK(head.find("Connection") == std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("response head: a value cannot begin a line of its own") {
    net::Response response;
    response.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: b=c");
    std::string head;
    net::append_response_head(response, {.date = "D", .request_id = "id", .keep_alive = false}, head);
    CHECK(head.find("Set-Cookie") == std::string::npos);
    CHECK(head.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("response head: 204 and 304 have no body and no length") {
    for (const int status : {204, 304}) {
        net::Response response;
        response.status = status;
        std::string head;
        net::append_response_head(response, {}, head);
        CHECK(head.find("Content-Length") == std::string::npos);
        CHECK(head.find("Content-Type:") == std::string::npos);
    }
}

TEST_CASE("response head: dates are as RFC 9110 wants them") {
    CHECK(net::http_date(784'111'777LL * kSecond) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(net::http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("problem: code, pointer and request id; Retry-After and WWW-Authenticate where they belong") {
    const auto refused = net::problem(Status(ErrorCode::kInvalidField, "say \"x\"", "/a"), "id");
    CHECK(refused.status == 422);
    CHECK(refused.content_type == "application/problem+json");
    CHECK(refused.body == R"({"type":"urn:aiml042:error:invalid_field","title":"A field is not valid","status":422,)"
                          R"("code":"invalid_field","detail":"say \"x\"","pointer":"/a","request_id":"id"})");
    CHECK(refused.headers.empty());
    CHECK(net::problem(Status(ErrorCode::kOverloaded, ""), "").headers[0].first == "Retry-After");
    CHECK(net::problem(Status(ErrorCode::kUnauthenticated, ""), "").headers[0].first == "WWW-Authenticate");
}
