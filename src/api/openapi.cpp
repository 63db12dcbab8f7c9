#include "api/openapi.h"

#include <algorithm>

#include "api/route_table.h"
#include "api/schemas.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kSecuritySchemes = R"({"bearer":{"type":"http","scheme":"bearer"},
"key":{"type":"apiKey","in":"header","name":"X-API-Key"},
"session":{"type":"apiKey","in":"cookie","name":"aiml042_session"}})";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
}

/// "get_v1_events_request_id" of GET /v1/events/{request_id}: unique, as method and pattern are.
std::string operation_id(const Route& route) {
    std::string id = lower(method_name(route.method));
    for (const char c : route.pattern) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (plain) {
            id.push_back(c);
        } else if (c != '}' && id.back() != '_') {
            id.push_back('_');
        }
    }
    return id;
}

std::vector<std::string_view> path_parameters(std::string_view pattern) {
    std::vector<std::string_view> names;
    while (true) {
        const std::size_t open = pattern.find('{');
        if (open == std::string_view::npos) {
            return names;
        }
        pattern.remove_prefix(open + 1);
        names.push_back(pattern.substr(0, pattern.find('}')));
    }
}

void write_parameter(codec::JsonWriter& json, const ParameterDoc& parameter) {
    json.begin_object()
        .field("name", parameter.name)
        .field("in", parameter.where)
        .field("required", parameter.required || parameter.where == "path")
        .field("description", parameter.text)
        .key("schema")
        .raw(parameter.schema)
        .end_object();
}

void write_parameters(codec::JsonWriter& json, const Route& route) {
    json.key("parameters").begin_array();
    for (const std::string_view name : path_parameters(route.pattern)) {
        const bool documented = std::ranges::any_of(
            route.parameters,
            [name](const ParameterDoc& p) { return p.where == "path" && p.name == name; });
        if (!documented) {
            write_parameter(json, {name, "path", R"({"type":"string"})", "", true});
        }
    }
    for (const ParameterDoc& parameter : route.parameters) {
        write_parameter(json, parameter);
    }
    json.end_array();
}

void write_media(codec::JsonWriter& json, std::string_view type, std::string_view schema) {
    json.key(type).begin_object().key("schema").raw(schema).end_object();
}

void write_body(codec::JsonWriter& json, const Route& route) {
    if (route.body == Body::kNone) {
        return;
    }
    const std::string_view schema = route.request_schema.empty() ? "{}" : route.request_schema;
    json.key("requestBody").begin_object().key("content").begin_object();
    json.key("application/json").begin_object().key("schema");
    if (route.body == Body::kIngest) {
        json.begin_object().key("oneOf").begin_array().raw(schema);
        json.begin_object().field("type", "array").key("items").raw(schema).end_object();
        json.end_array().end_object().end_object();
        json.key("application/x-ndjson")
            .begin_object()
            .key("schema")
            .begin_object()
            .field("type", "string")
            .field("description", "One such object per line.");
        json.end_object().end_object();
    } else {
        json.raw(schema).end_object();
    }
    json.end_object().end_object();
}

/// One entry of "responses".
void write_answer(codec::JsonWriter& json, const OtherAnswerDoc& answer) {
    json.key(answer.status)
        .begin_object()
        .field("description", answer.text)
        .key("content")
        .begin_object();
    write_media(json, answer.media_type, answer.schema);
    json.end_object().end_object();
}

void write_good_answer(codec::JsonWriter& json, const Route& route) {
    const bool empty = route.response_schema.empty();
    json.key(empty ? "204" : "2XX")
        .begin_object()
        .field("description", empty ? "Done." : "The answer.");
    if (!empty) {
        json.key("content").begin_object();
        const bool text = route.pattern == "/metrics";
        write_media(json, text ? "text/plain" : "application/json", route.response_schema);
        const auto format = std::ranges::find(route.parameters, "format", &ParameterDoc::name);
        if (format != route.parameters.end()) {
            write_media(json, "text/csv", R"({"type":"string"})");
            if (format->schema.find("html") != std::string_view::npos) {
                write_media(json, "text/html", R"({"type":"string"})");
            }
        }
        json.end_object();
    }
    json.end_object();
}

void write_responses(codec::JsonWriter& json, const Route& route) {
    json.key("responses").begin_object();
    write_good_answer(json, route);
    if (route.other_answer) {
        write_answer(json, *route.other_answer);
    }
    write_answer(json,
                 {.status = "default",
                  .text = "Why not (RFC 9457).",
                  .media_type = "application/problem+json",
                  .schema = R"({"$ref":"#/components/schemas/Problem"})"});
    json.end_object();
}

void write_operation(codec::JsonWriter& json, const Route& route) {
    json.key(lower(method_name(route.method))).begin_object();
    json.field("operationId", operation_id(route)).field("summary", route.summary);
    write_parameters(json, route);
    write_body(json, route);
    write_responses(json, route);
    json.key("security").begin_array();
    if (route.scope != access::Scope::kNone) {
        for (const std::string_view scheme : {"bearer", "key", "session"}) {
            json.begin_object().key(scheme).begin_array().end_array().end_object();
        }
    }
    json.end_array();
    const std::string_view scope =
        route.scope == access::Scope::kSignedIn ? "any" : access::scope_name(route.scope);
    json.field("x-scope", scope.empty() ? std::string_view("none") : scope).end_object();
}

}  // namespace

std::string openapi_document(const std::vector<Route>& routes, std::string_view version) {
    codec::JsonWriter json;
    json.begin_object().field("openapi", "3.1.0").key("info").begin_object();
    json.field("title", "aiml042").field("version", version).end_object();
    json.key("paths").begin_object();
    std::vector<std::string_view> written;
    for (const Route& first : routes) {
        if (std::ranges::find(written, first.pattern) != written.end()) {
            continue;
        }
        written.push_back(first.pattern);
        json.key(first.pattern).begin_object();
        for (const Route& route : routes) {
            if (route.pattern == first.pattern) {
                write_operation(json, route);
            }
        }
        json.end_object();
    }
    json.end_object().key("components").begin_object();
    json.key("securitySchemes").raw(kSecuritySchemes);
    json.key("schemas").begin_object();
    for (const NamedSchema& component : component_schemas()) {
        json.key(component.name).raw(component.schema);
    }
    json.end_object().end_object().end_object();
    return json.take();
}

}  // namespace aiml042::api
