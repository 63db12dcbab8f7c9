#include "api/reference_routes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/answer.h"
#include "api/json_body.h"
#include "api/media_type.h"
#include "base/limits.h"
#include "base/log.h"
#include "codec/inflate.h"
#include "codec/json_value.h"
#include "codec/json_writer.h"
#include "query/filter.h"
#include "query/reference_maker.h"

namespace aiml042::api {

namespace {

/// A document is read whole, at about 15 times its size; lines are read one by one.
constexpr std::size_t kDocumentBytesMax = 1024 * 1024;

constexpr std::string_view kPath = "/v1/deployments/{deployment_id}/references";
constexpr std::string_view kOnePath = "/v1/deployments/{deployment_id}/references/{name}";

constexpr std::string_view kMadeSchema = R"({"$ref":"#/components/schemas/MadeReference"})";
constexpr std::string_view kListSchema =
    R"({"type":"object","required":["references"],"properties":{"references":{"type":"array",
"items":{"$ref":"#/components/schemas/MadeReference"}}}})";

constexpr std::string_view kMakeSchema =
    R"({"type":"object","additionalProperties":false,"required":["name"],"properties":{
"name":{"type":"string","pattern":"^[A-Za-z0-9._-]{1,64}$","description":"Not previous or weeks. A name that there is gets its next version."},
"deployment_id":{"type":["string","null"],"description":"Whose events; this deployment's when absent."},
"from":{"type":["string","integer","null"],"description":"Start of the window; open when absent."},
"to":{"type":["string","integer","null"],"description":"End of the window, exclusive; open when absent."},
"model_version":{"type":["string","null"]},"filter":{"type":["string","null"]}}})";

constexpr std::string_view kRowSchema =
    R"({"type":"object","additionalProperties":false,"properties":{"features":{"type":"object",
"additionalProperties":{"type":["number","string","boolean","null"]}},"score":{"type":["number","null"]},
"prediction":{},"label":{}}})";

std::string made_json(const catalog::Reference& reference) {
    codec::JsonWriter json;
    json.begin_object()
        .field("name", reference.name)
        .field("version", reference.version)
        .field("created_at", format_rfc3339(reference.created_at))
        .field("rows", reference.rows)
        .key("source")
        .raw(reference.source)
        .end_object();
    return json.take();
}

Status check_name(std::string_view name) {
    if (is_reference_name(name)) {
        return Status::ok();
    }
    return {ErrorCode::kInvalidField,
            "a reference's name has 1 to 64 letters, digits, dots, dashes and underscores, and is "
            "not previous or weeks",
            "/name"};
}

Result<net::Response> store_reference(const QueryParts& parts,
                                      const Call& call,
                                      catalog::Reference reference,
                                      const query::MadeReference& made) {
    reference.project = call.principal.project;
    reference.deployment = call.path_parameter("deployment_id");
    reference.created_at = parts.clock.now();
    reference.rows = made.rows;
    std::vector<catalog::ReferenceColumnRow> columns;
    columns.reserve(made.columns.size());
    for (const auto& [name, content] : made.columns) {
        columns.push_back({name, content});
    }
    AIML_ASSIGN(const catalog::Reference stored,
                parts.catalog.add_reference(std::move(reference), columns));
    log_info("reference_made",
             {{"by", call.principal.key_id},
              {"deployment_id", stored.deployment},
              {"name", stored.name},
              {"version", stored.version}});
    return json_response(made_json(stored), 201);
}

/// {"kind":"events", …}: what a reference was made of.
std::string source_of(const query::MetricQuery& rows) {
    codec::JsonWriter json;
    json.begin_object().field("kind", "events").field("deployment_id", rows.deployment);
    if (rows.range.from != kTimestampMin) {
        json.field("from", format_rfc3339(rows.range.from));
    }
    if (rows.range.to != kTimestampMax) {
        json.field("to", format_rfc3339(rows.range.to));
    }
    if (!rows.model_version.empty()) {
        json.field("model_version", rows.model_version);
    }
    if (!rows.filter.empty()) {
        json.field("filter", rows.filter);
    }
    json.end_object();
    return json.take();
}

Result<net::Response> make(const QueryParts& parts, const Call& call) {
    AIML_TRY(QueryParameters::read(*call.request, {}).status());
    AIML_ASSIGN(
        const JsonBody body,
        JsonBody::parse(call.request->body,
                        {"name", "deployment_id", "from", "to", "model_version", "filter"}));
    AIML_ASSIGN(const auto name, body.text("name", limits::kNameBytesMax));
    AIML_TRY(check_name(name.value_or("")));
    query::MetricQuery rows;
    rows.project = call.principal.project;
    AIML_ASSIGN(const auto source, body.text("deployment_id", limits::kNameBytesMax));
    rows.deployment = source.value_or(std::string(call.path_parameter("deployment_id")));
    AIML_ASSIGN(const auto version, body.text("model_version", limits::kNameBytesMax));
    rows.model_version = version.value_or("");
    AIML_ASSIGN(const auto filter, body.text("filter", limits::kFilterBytesMax));
    rows.filter = filter.value_or("");
    AIML_ASSIGN(const auto from, body.time("from"));
    AIML_ASSIGN(const auto to, body.time("to"));
    rows.range = {from.value_or(kTimestampMin), to.value_or(kTimestampMax)};
    AIML_ASSIGN(const query::MadeReference made, query::make_reference(parts.engine.core(), rows));
    catalog::Reference reference;
    reference.name = *name;
    reference.source = source_of(rows);
    return store_reference(parts, call, std::move(reference), made);
}

/// Adds the rows of a body: an object, an array of them, or one per line.
Status add_rows(std::string_view text, codec::BodyForm form, query::UploadedRows& rows) {
    std::size_t line = 0;
    const auto located = [&](const Status& status) {
        return Status(status.code(),
                      fmt::format("row {}: {}", line, status.detail()),
                      std::string(status.pointer()));
    };
    if (form == codec::BodyForm::kJson) {
        if (text.size() > kDocumentBytesMax) {
            return {ErrorCode::kTooLarge,
                    "one JSON document of rows has at most 1 MiB; send them as NDJSON"};
        }
        AIML_ASSIGN(const codec::JsonValue document, codec::JsonValue::parse(text));
        const bool many = document.type() == codec::JsonValue::Type::kArray;
        for (const codec::JsonValue& row : many ? document.items() : std::vector{document}) {
            ++line;
            if (const Status status = rows.add(row); !status.is_ok()) {
                return located(status);
            }
        }
        return Status::ok();
    }
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line;
        if (one.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        const Result<codec::JsonValue> row = codec::JsonValue::parse(one);
        const Status status = row ? rows.add(*row) : row.status();
        if (!status.is_ok()) {
            return located(status);
        }
    }
    return Status::ok();
}

Result<net::Response> upload(const QueryParts& parts, const Call& call) {
    AIML_TRY(QueryParameters::read(*call.request, {}).status());
    AIML_TRY(check_name(call.path_parameter("name")));
    AIML_ASSIGN(const codec::BodyForm form, body_form_of(*call.request));
    AIML_ASSIGN(const codec::Encoding encoding, encoding_of(*call.request));
    std::string text;
    AIML_TRY(codec::inflate(call.request->body, encoding, limits::kInflatedBytesMax, text));
    query::UploadedRows rows;
    AIML_TRY(add_rows(text, form, rows));
    const query::MadeReference made = rows.finish();
    if (made.rows == 0) {
        return Status(ErrorCode::kInvalidField, "there are no rows", "");
    }
    catalog::Reference reference;
    reference.name = call.path_parameter("name");
    reference.source = R"({"kind":"rows"})";
    return store_reference(parts, call, std::move(reference), made);
}

Result<net::Response> list(const QueryParts& parts, const Call& call) {
    AIML_TRY(QueryParameters::read(*call.request, {}).status());
    AIML_ASSIGN(
        const std::vector<catalog::Reference> all,
        parts.catalog.references(call.principal.project, call.path_parameter("deployment_id")));
    codec::JsonWriter json;
    json.begin_object().key("references").begin_array();
    for (const catalog::Reference& reference : all) {
        json.raw(made_json(reference));
    }
    json.end_array().end_object();
    return json_response(json.take());
}

/// All versions of a name, or the one that was asked for.
Result<net::Response> remove(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"version"}));
    AIML_ASSIGN(const auto version, parameters.integer("version", 1, UINT32_MAX));
    AIML_ASSIGN(
        const std::vector<catalog::Reference> all,
        parts.catalog.references(call.principal.project, call.path_parameter("deployment_id")));
    bool found = false;
    for (const catalog::Reference& reference : all) {
        if (reference.name == call.path_parameter("name") &&
            (!version || reference.version == *version)) {
            AIML_ASSIGN(const bool deleted,
                        parts.catalog.delete_reference(call.principal.project, reference.id));
            found = found || deleted;
        }
    }
    if (!found) {
        return Status(ErrorCode::kNotFound, "there is no reference of this name", "/name");
    }
    log_info("reference_deleted",
             {{"by", call.principal.key_id}, {"name", call.path_parameter("name")}});
    return no_content();
}

Route writing_route(net::Method method,
                    std::string_view pattern,
                    Body body,
                    std::string_view summary,
                    std::function<void(Call, net::Reply)> handle) {
    return {.method = method,
            .pattern = pattern,
            .scope = access::Scope::kAdmin,
            .body = body,
            .place = Place::kWorker,
            .summary = summary,
            .parameters = {},
            .request_schema = body == Body::kIngest ? kRowSchema
                              : body == Body::kNone ? ""
                                                    : kMakeSchema,
            .response_schema = body == Body::kNone ? "" : kMadeSchema,
            .handle = std::move(handle)};
}

}  // namespace

std::vector<Route> reference_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route(kPath,
                                "The references of a deployment, by name and version.",
                                {},
                                kListSchema,
                                reading(parts, list)));
    routes.push_back(writing_route(net::Method::kPost,
                                   kPath,
                                   Body::kSmall,
                                   "Freezes every column of a window of events as a reference.",
                                   reading(parts, make)));
    routes.push_back(writing_route(
        net::Method::kPut,
        kOnePath,
        Body::kIngest,
        "Makes a reference of rows, such as the training set: the next version of its name.",
        reading(parts, upload)));
    Route drop = writing_route(net::Method::kDelete,
                               kOnePath,
                               Body::kNone,
                               "Deletes a reference: all versions of the name, or one.",
                               reading(parts, remove));
    drop.parameters = {
        {"version", "query", R"({"type":"integer","minimum":1})", "Only this version.", false}};
    routes.push_back(std::move(drop));
    return routes;
}

}  // namespace aiml042::api
