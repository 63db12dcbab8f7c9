// The route table: one row per method and path, from which dispatch, scopes, body limits and
// /openapi.json come.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/principal.h"
#include "base/status.h"
#include "net/http.h"

namespace aiml042::api {

/// One request on its way through a handler.
struct Call {
    std::shared_ptr<const net::Request> request;
    access::Principal principal;
    std::vector<std::pair<std::string, std::string>>
        path_parameters;  // {name} of the pattern → decoded value.

    [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
};

/// Where a handler runs: kInline on the I/O thread (must not block), kWorker on the work pool (may
/// take milliseconds).
enum class Place : std::uint8_t { kInline, kWorker };

enum class Body : std::uint8_t {
    kNone,
    kSmall /* 1 MiB JSON */,
    kIngest /* limits::kBodyBytesMax, may be compressed */
};

/// One parameter for the OpenAPI document.
struct ParameterDoc {
    std::string_view name;
    std::string_view where;   // "query" or "path".
    std::string_view schema;  // JSON schema, as JSON text.
    std::string_view text;
    bool required = false;
};

/// An answer beside the good one and problem documents, for the OpenAPI document.
struct OtherAnswerDoc {
    std::string_view status;  // "422"
    std::string_view text;
    std::string_view media_type;
    std::string_view schema;  // JSON schema text.
};

struct Route {
    net::Method method;
    std::string_view pattern;  // "/v1/events/{request_id}"
    access::Scope scope;       // kNone: open to all.
    Body body;
    Place place;
    std::string_view summary;  // One sentence, for OpenAPI.
    std::vector<ParameterDoc> parameters;
    std::string_view request_schema;   // JSON schema text; empty when no body.
    std::string_view response_schema;  // JSON schema text of the 200/201 answer.
    std::optional<OtherAnswerDoc> other_answer = std::nullopt;
    std::function<void(Call, net::Reply)> handle;
};

/// An answer of a JSON text.
[[nodiscard]] net::Response json_response(std::string body, int status = 200);

/// RFC 9457 problem+json of a failed Status: type, title, status, code, detail, pointer,
/// request_id; Retry-After where the code says that a retry makes sense.
[[nodiscard]] net::Response problem_response(const Status& status, std::string_view request_id);

}  // namespace aiml042::api
