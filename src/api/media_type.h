// Content types and encodings of request bodies.

#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"
#include "codec/inflate.h"
#include "codec/item_parser.h"
#include "net/http.h"

namespace aiml042::api {

/// How an ingest body is written. kUnsupportedMediaType unless Content-Type is JSON or NDJSON.
[[nodiscard]] Result<codec::BodyForm> body_form_of(const net::Request& request);

/// kUnsupportedMediaType unless Content-Encoding is absent, identity, gzip or zstd, alone.
[[nodiscard]] Result<codec::Encoding> encoding_of(const net::Request& request);

/// Ok for application/json in UTF-8 without an encoding.
[[nodiscard]] Status require_json(const net::Request& request);

/// Whether the head announces a body.
[[nodiscard]] bool announces_body(const net::Request& request);

/// Whether Accept-Encoding lets the answer be gzipped.
[[nodiscard]] bool accepts_gzip(const net::Request& request);

}  // namespace aiml042::api
