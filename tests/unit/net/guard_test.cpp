#include "net/guard.h"

#include <string>

#include <catch2/catch.hpp>

#include "base/limits.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using net::Framing;
using net::GuardedHead;

namespace {

ErrorCode guard(const std::string& head) {
    GuardedHead out;
    return net::guard_head(head, out).code;
}

GuardedHead accepted(const std::string& head) {
    GuardedHead out;
    const net::Refusal refusal = net::guard_head(head, out);
    INFO(refusal.reason);
    REQUIRE(refusal.code == ErrorCode::kOk);
    return out;
}

std::string with(const std::string& fields) {
    return "POST /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("guard: usual requests are accepted") {
    const std::string usual =
        "GET /v1/x?a=b HTTP/1.1\r\nHost: localhost:8042\r\nAccept: */*\r\n\r\n";
    const auto get = accepted(usual);  // Views into `usual`.
    CHECK(get.method == net::Method::kGet);
    CHECK(get.target == "/v1/x?a=b");
    CHECK(get.host == "localhost:8042");
    CHECK(get.framing == Framing::kNone);
    CHECK(get.keep_alive);
    const auto post =
        accepted(with("Content-Length: 12\r\nExpect: 100-Continue\r\nConnection: foo, Close\r\n"));
    CHECK(post.framing == Framing::kLength);
    CHECK(post.content_length == 12);
    CHECK(post.expects_continue);
    CHECK_FALSE(post.keep_alive);
    CHECK(accepted(with("Transfer-Encoding: Chunked\r\n")).framing == Framing::kChunked);
    CHECK(accepted(with("Content-Length: 0\r\n")).framing == Framing::kNone);
    CHECK_FALSE(accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK(accepted("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    CHECK(accepted(with("X-Text: caf\xc3\xa9\tend\r\nEmpty:\r\n")).host == "a");
}

// A01, A02, A03, A04: every second way to say where the body ends.
TEST_CASE("guard: two framings, or an odd one, are refused") {
    for (const char* fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                               "Transfer-Encoding: gzip\r\n",
                               "Transfer-Encoding: identity\r\n",
                               "Transfer-Encoding: xchunked\r\n",
                               "Transfer-Encoding: gzip, chunked\r\n",
                               "Transfer-Encoding: chunked, identity\r\n",
                               "Transfer-Encoding: chunked, chunked\r\n",
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                               "Transfer-Encoding: \x0b"
                               "chunked\r\n",
                               "Transfer-Encoding: \"chunked\"\r\n",
                               "Transfer-Encoding: chunked;q=1\r\n",
                               "Transfer-Encoding:\r\n",
                               "Transfer-Encoding : chunked\r\n"}) {
        CAPTURE(fields);
        CHECK(guard(with(fields)) == ErrorCode::kMalformedRequest);
    }
    CHECK(guard("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") ==
          ErrorCode::kMalformedRequest);
}

// A05
TEST_CASE("guard: lengths that are not one plain number are refused") {
    for (const char* value : {"+5",
                              "-5",
                              "0x5",
                              "5_0",
                              "",
                              "5, 5",
                              "5 5",
                              "5;",
                              " 5a",
                              "18446744073709551621",
                              "18446744073709551615",
                              "9223372036854775808",
                              "99999999999999999999"}) {
        CAPTURE(value);
        CHECK(guard(with(std::string("Content-Length: ") + value + "\r\n")) ==
              ErrorCode::kMalformedRequest);
    }
    CHECK(guard(with("Content-Length: 5\r\nContent-Length: 5\r\n")) ==
          ErrorCode::kMalformedRequest);
    CHECK(guard(with("Content-Length: 5\r\nContent-Length: 6\r\n")) ==
          ErrorCode::kMalformedRequest);
    CHECK(accepted(with("Content-Length:\t 007 \r\n")).content_length == 7);
}

// A06
TEST_CASE("guard: no host, two hosts and hosts that are more than a host are refused") {
    CHECK(guard("GET / HTTP/1.1\r\n\r\n") == ErrorCode::kMalformedRequest);
    CHECK(guard("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == ErrorCode::kMalformedRequest);
    for (const std::string& host : {std::string("user@a"),
                                    std::string("a/b"),
                                    std::string("a b"),
                                    std::string("a\rb"),
                                    std::string("a:"),
                                    std::string("a:80:80"),
                                    std::string("a:x"),
                                    std::string(""),
                                    std::string("[::1"),
                                    std::string("[]"),
                                    std::string("[zz]:80"),
                                    std::string("a,b"),
                                    std::string(300, 'a'),
                                    std::string("a:123456"),
                                    std::string(":80")}) {
        CAPTURE(host);
        const bool allowed_empty_port = host == "a:";
        CHECK((guard("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") ==
               ErrorCode::kMalformedRequest) != allowed_empty_port);
    }
    CHECK(accepted("GET / HTTP/1.1\r\nHost: [::1]:8042\r\n\r\n").host == "[::1]:8042");
}

// A08
TEST_CASE("guard: lines that end or begin in odd ways are refused") {
    for (const std::string& head :
         {std::string("GET / HTTP/1.1\nHost: a\n\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\nX: y") + '\0' + "z\r\n\r\n",
          std::string("GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n"),
          std::string("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
          std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\nX: y\r\n\r\n"),
          std::string("")}) {
        CAPTURE(head);
        CHECK(guard(head) == ErrorCode::kMalformedRequest);
    }
}

// A12
TEST_CASE("guard: too many bytes or fields are 431") {
    CHECK(guard(with("X: " + std::string(9'000, 'y') + "\r\n")) == ErrorCode::kHeadersTooLarge);
    std::string fields;
    for (int i = 0; i < 70; ++i) {
        fields += "X: y\r\n";
    }
    CHECK(guard(with(fields)) == ErrorCode::kHeadersTooLarge);
}

// A13
TEST_CASE("guard: targets in origin and absolute form, nothing else") {
    CHECK(accepted("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n").target == "/p?q");
    CHECK(accepted("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n").host == "h:1");
    CHECK(accepted("GET HTTP://h HTTP/1.1\r\nHost: a\r\n\r\n").target == "/");
    for (const char* target : {"*",
                               "x",
                               "a:80",
                               "ftp://h/x",
                               "http://u@h/x",
                               "http:///x",
                               "http://h?x",
                               "/a b",
                               "/a\tb",
                               "/\x80",
                               "/a#b",
                               "",
                               "http://h\\@x/"}) {
        CAPTURE(target);
        CHECK(guard(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n") ==
              ErrorCode::kMalformedRequest);
    }
    CHECK(guard("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n") == ErrorCode::kMalformedRequest);
}

// A14, A15, A16
TEST_CASE("guard: methods, versions, upgrades and expectations that are not served") {
    CHECK(guard("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n") == ErrorCode::kMethodNotAllowed);
    CHECK(guard("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n") == ErrorCode::kOk);
    CHECK(guard("TRACK / HTTP/1.1\r\nHost: a\r\n\r\n") == ErrorCode::kNotImplemented);
    CHECK(guard("get / HTTP/1.1\r\nHost: a\r\n\r\n") == ErrorCode::kNotImplemented);
    CHECK(guard("PRI * HTTP/2.0\r\n\r\n") != ErrorCode::kOk);
    for (const char* version :
         {"HTTP/2.0", "HTTP/1.9", "HTTP/0.9", "http/1.1", "HTTP/1.1x", "HTTP/11", ""}) {
        CAPTURE(version);
        CHECK(guard(std::string("GET / ") + version + "\r\nHost: a\r\n\r\n") ==
              ErrorCode::kMalformedRequest);
    }
    CHECK(guard(with("Upgrade: websocket, h2c\r\n")) == ErrorCode::kMalformedRequest);
    CHECK(guard(with("Upgrade: websocket\r\n")) == ErrorCode::kOk);
    CHECK(guard(with("Expect: junk\r\n")) == ErrorCode::kExpectationFailed);
    CHECK(guard(with("Expect: 100-continue\r\nExpect: 100-continue\r\n")) ==
          ErrorCode::kExpectationFailed);
}

TEST_CASE("guard: the end of a header is found in pieces, and hopeless beginnings at once") {
    using State = net::HeadEnd::State;
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
    for (std::size_t cut = 1; cut < head.size() - 4; ++cut) {
        CAPTURE(cut);
        CHECK(net::find_head_end(std::string_view(head).substr(0, cut), 0).state == State::kMore);
        const net::HeadEnd end = net::find_head_end(head, cut);
        CHECK(end.state == State::kComplete);
        CHECK(end.length == head.size() - 4);
    }
    CHECK(net::find_head_end("", 0).state == State::kMore);
    CHECK(net::find_head_end("\x16\x03\x01", 0).state == State::kRefused);  // TLS.
    CHECK(net::find_head_end("GET / HTTP/1.1\nHost", 0).state == State::kRefused);
    CHECK(net::find_head_end("\r\n", 0).state == State::kRefused);
    const std::string endless = "GET /" + std::string(limits::kHeaderBytesMax, 'x');
    CHECK(net::find_head_end(endless, 0).refusal.code == ErrorCode::kHeadersTooLarge);
    CHECK(net::find_head_end(endless + " HTTP/1.1\r\n\r\n", 0).refusal.code ==
          ErrorCode::kHeadersTooLarge);
}

TEST_CASE("guard: a host is compared without port, case and final dot") {
    CHECK(net::host_is("LocalHost:8042", "localhost"));
    CHECK(net::host_is("localhost.", "localhost"));
    CHECK(net::host_is("[::1]:80", "[::1]"));
    CHECK_FALSE(net::host_is("localhost.evil.example", "localhost"));
    CHECK_FALSE(net::host_is("evil.example", "localhost"));
    CHECK_FALSE(net::host_is("[::1", "[::1]"));
}
