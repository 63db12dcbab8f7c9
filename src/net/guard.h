// The framing guard: decides on the raw bytes of a request header whether it may be parsed at all.
//
// HTTP has many ways to write one request that two programs read as two different ones (request
// smuggling). The guard lets through only what has exactly one reading; the parser behind it
// (Beast, see head_parser.h) accepts more than that. Pure functions, no allocation: fuzzed by
// tests/fuzz/http_guard_fuzz.cpp. Cost: about 0.3 µs for a usual header. Source: RFC 9110 and 9112;
// the rows A01 to A16 of the security checklist.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "net/http.h"

namespace aiml042::net {

/// How the body of a request is delimited.
enum class Framing : std::uint8_t { kNone, kLength, kChunked };

/// What the guard learned. Views point into the header it was given.
struct GuardedHead {
    Method method = Method::kGet;
    Framing framing = Framing::kNone;
    std::uint64_t content_length = 0;  // With kLength; below 2^63.
    std::string_view target;  // In origin form: the path and query, never empty, begins with '/'.
    std::string_view
        host;  // With port; of the target where that is absolute. Empty only in HTTP/1.0.
    bool keep_alive = true;
    bool expects_continue = false;
    bool http_1_0 = false;
};

/// Why a header was refused. After any refusal the connection has to be closed: where it ends is
/// not certain.
struct Refusal {
    ErrorCode code = ErrorCode::kOk;  // kOk: not refused.
    std::string_view reason;          // One sentence, constant.
};

/// Checks `head`: everything from the method to the empty line, "\r\n\r\n" included. Fills `out`
/// when it is accepted.
[[nodiscard]] Refusal guard_head(std::string_view head, GuardedHead& out);

/// Where a header that is still coming in ends.
struct HeadEnd {
    enum class State : std::uint8_t { kMore, kComplete, kRefused } state = State::kMore;
    std::size_t length = 0;  // With kComplete: bytes of the header with its empty line.
    Refusal refusal;         // With kRefused.
};

/// Looks for the end of the header in `bytes`, of which `scanned` were looked at before. Refuses as
/// soon as it is certain that no acceptable header can come (not a method, a bare line feed, too
/// long), so that a client that speaks another protocol gets its answer now and not after a
/// timeout.
[[nodiscard]] HeadEnd find_head_end(std::string_view bytes, std::size_t scanned);

/// Whether the host part of `host_and_port` (port and case do not matter) is `name`.
[[nodiscard]] bool host_is(std::string_view host_and_port, std::string_view name);

}  // namespace aiml042::net
