// The header of an answer as bytes.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http.h"

namespace aiml042::net {

struct ResponseHeadOptions {
    std::string_view date;        // Of http_date().
    std::string_view request_id;  // X-Request-Id.
    bool keep_alive = true;
    bool http_1_0 = false;
};

/// Appends status line and fields, the empty line included. Every answer carries the security
/// headers; a field of `response` of the same name stands in for ours. Values with control
/// characters are left out, never split.
void append_response_head(const Response& response,
                          const ResponseHeadOptions& options,
                          std::string& out);

/// "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(Timestamp now);

/// Reason phrase of a status code.
[[nodiscard]] std::string_view reason_phrase(int status);

/// The bytes to send as body.
[[nodiscard]] std::string_view response_body(const Response& response);

}  // namespace aiml042::net
