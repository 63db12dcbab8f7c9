#include "net/http.h"

#include <algorithm>

#include "base/log.h"

namespace aiml042::net {

std::string_view Request::header(std::string_view name) const {
    const auto found =
        std::ranges::find_if(headers, [name](const auto& field) { return field.first == name; });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
    const auto found =
        std::ranges::find_if(query, [name](const auto& field) { return field.first == name; });
    return found == query.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

Response problem(const Status& status, std::string_view request_id) {
    const ErrorInfo& info = error_info(status.code());
    Response response;
    response.status = info.http_status;
    response.content_type = "application/problem+json";
    response.body = "{\"type\":\"urn:aiml042:error:";
    response.body += info.code;
    response.body += "\",\"title\":";
    append_json_string(response.body, info.title);
    response.body += ",\"status\":" + std::to_string(info.http_status) + ",\"code\":";
    append_json_string(response.body, info.code);
    response.body += ",\"detail\":";
    append_json_string(response.body, status.detail());
    if (!status.pointer().empty()) {
        response.body += ",\"pointer\":";
        append_json_string(response.body, status.pointer());
    }
    response.body += ",\"request_id\":";
    append_json_string(response.body, request_id);
    response.body += "}";
    if (info.retryable) {
        response.headers.emplace_back("Retry-After", "1");
    }
    if (info.http_status == 401) {
        response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"aiml042\"");
    }
    return response;
}

Reply::~Reply() {
    if (sink_ != nullptr) {
        log_error("request_unanswered");
        Response response;
        response.status = 500;
        response.content_type = "application/problem+json";
        response.body =
            R"({"type":"urn:aiml042:error:internal","title":"The server failed","status":500,"code":"internal"})";
        const auto sink = std::move(sink_);
        sink->send(std::move(response));
    }
}

void Reply::send(Response response) {
    if (sink_ != nullptr) {
        const auto sink = std::move(sink_);
        sink->send(std::move(response));
    }
}

}  // namespace aiml042::net
