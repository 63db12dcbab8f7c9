// Projects and how long their events are kept.

#include "access/secret.h"
#include "api/admin_routes.h"
#include "api/answer.h"
#include "api/cursor.h"
#include "api/first_project.h"
#include "api/json_body.h"
#include "base/log.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::uint64_t kRetentionDaysMax = 36'500;
constexpr std::uint64_t kRetentionBytesMax = 1ULL << 53;  // What a JSON number holds exactly.

constexpr std::string_view kProjectsSchema =
    R"({"type":"object","required":["projects","next_cursor"],"properties":{"next_cursor":{"type":["string","null"]},
"projects":{
"type":"array","items":{"type":"object","required":["project_id","name","created_at"],"properties":{
"project_id":{"type":"string"},"name":{"type":"string"},"created_at":{"type":"string","format":"date-time"}}}}}})";

constexpr std::string_view kNewProjectSchema =
    R"({"type":"object","required":["project_id","name","created_at","key"],
"properties":{"project_id":{"type":"string"},"name":{"type":"string"},"created_at":{"type":"string",
"format":"date-time"},"key":{"type":"string","description":"Its first admin key, shown once."}}})";

constexpr std::string_view kProjectRequestSchema =
    R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{"name":{"type":"string"}}})";

constexpr std::string_view kRetentionSchema =
    R"({"type":"object","additionalProperties":false,"properties":{
"days":{"type":["integer","null"],"minimum":1,"maximum":36500},"bytes":{"type":["integer","null"],"minimum":1}}})";

void write_project(codec::JsonWriter& json, const catalog::Project& project) {
    json.field("project_id", project.public_id)
        .field("name", project.name)
        .field("created_at", format_rfc3339(project.created_at));
}

/// A credential sees its own project and no other, so the first page is the last.
Result<net::Response> list_projects(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"cursor", "limit"}));
    const CursorScope scope{.secret = parts.catalog.identity_seed(),
                            .project = call.principal.project,
                            .list = "projects"};
    AIML_TRY(read_page(parameters, scope).status());
    codec::JsonWriter json;
    json.begin_object().key("projects").begin_array();
    if (const auto project = parts.catalog.project(call.principal.project)) {
        json.begin_object();
        write_project(json, *project);
        json.end_object();
    }
    json.end_array();
    write_next_cursor(json, scope, std::nullopt);
    json.end_object();
    return json_response(json.take());
}

Result<net::Response> create_project(const Parts& parts, const Call& call) {
    AIML_TRY(only_first_project(parts.catalog,
                                call.principal,
                                "Projects are made by administrators of the first project."));
    AIML_ASSIGN(const JsonBody body, JsonBody::parse(call.request->body, {"name"}));
    AIML_ASSIGN(const auto name, body.text("name", limits::kNameBytesMax));
    if (!name) {
        return Status(ErrorCode::kMissingField, "a project needs a name", "/name");
    }
    const Timestamp now = parts.clock.now();
    AIML_ASSIGN(const catalog::Project project, parts.catalog.create_project(*name, now));
    const access::NewKey key =
        access::make_key({.project = project.id,
                          .name = "admin",
                          .scopes = static_cast<std::uint32_t>(access::Scope::kAdmin),
                          .expires_at = std::nullopt},
                         now);
    AIML_TRY(parts.catalog.add_key(key.record));
    log_info("project_created", {{"project", project.public_id}, {"by", call.principal.key_id}});
    codec::JsonWriter json;
    json.begin_object();
    write_project(json, project);
    json.field("key", key.secret).end_object();
    return json_response(json.take(), 201);
}

/// The project in the path, which has to be the credential's own; any other is as unknown as one
/// that never was.
Status check_own_project(const Parts& parts, const Call& call) {
    const auto project = parts.catalog.project(call.principal.project);
    if (!project || project->public_id != call.path_parameter("project_id")) {
        return {ErrorCode::kNotFound, "There is no such project."};
    }
    return Status::ok();
}

net::Response retention_answer(const catalog::Retention& retention) {
    codec::JsonWriter json;
    json.begin_object().key("days");
    if (retention.days) {
        json.unsigned_integer(*retention.days);
    } else {
        json.null();
    }
    json.key("bytes");
    if (retention.bytes) {
        json.unsigned_integer(*retention.bytes);
    } else {
        json.null();
    }
    json.end_object();
    return json_response(json.take());
}

Result<net::Response> get_retention(const Parts& parts, const Call& call) {
    AIML_TRY(check_own_project(parts, call));
    return retention_answer(parts.catalog.retention(call.principal.project));
}

Result<net::Response> put_retention(const Parts& parts, const Call& call) {
    AIML_TRY(check_own_project(parts, call));
    AIML_ASSIGN(const JsonBody body, JsonBody::parse(call.request->body, {"days", "bytes"}));
    AIML_ASSIGN(const auto days, body.integer("days", 1, kRetentionDaysMax));
    AIML_ASSIGN(const auto bytes, body.integer("bytes", 1, kRetentionBytesMax));
    catalog::Retention retention;
    if (days) {
        retention.days = static_cast<std::uint32_t>(*days);
    }
    retention.bytes = bytes;
    AIML_TRY(parts.catalog.set_retention(call.principal.project, retention));
    log_info(
        "retention_set",
        {{"by", call.principal.key_id}, {"days", days.value_or(0)}, {"bytes", bytes.value_or(0)}});
    return retention_answer(retention);
}

}  // namespace

std::vector<Route> project_routes(const Parts& parts) {
    using enum net::Method;
    std::vector<Route> routes;
    routes.push_back(
        {.method = kGet,
         .pattern = "/v1/projects",
         .scope = access::Scope::kSignedIn,
         .body = Body::kNone,
         .place = Place::kInline,
         .summary = "The project of the key or session.",
         .parameters = page_docs(),
         .request_schema = "",
         .response_schema = kProjectsSchema,
         .handle = answering([&parts](const Call& call) { return list_projects(parts, call); })});
    routes.push_back(
        {.method = kPost,
         .pattern = "/v1/projects",
         .scope = access::Scope::kAdmin,
         .body = Body::kSmall,
         .place = Place::kWorker,
         .summary =
             "Makes a project with its first admin key; for administrators of the first project.",
         .parameters = {},
         .request_schema = kProjectRequestSchema,
         .response_schema = kNewProjectSchema,
         .handle = answering([&parts](const Call& call) { return create_project(parts, call); })});
    routes.push_back(
        {.method = kGet,
         .pattern = "/v1/projects/{project_id}/retention",
         .scope = access::Scope::kMetricsRead,
         .body = Body::kNone,
         .place = Place::kInline,
         .summary = "How long events are kept: days, bytes; null is without bound.",
         .parameters = {},
         .request_schema = "",
         .response_schema = kRetentionSchema,
         .handle = answering([&parts](const Call& call) { return get_retention(parts, call); })});
    routes.push_back(
        {.method = kPut,
         .pattern = "/v1/projects/{project_id}/retention",
         .scope = access::Scope::kAdmin,
         .body = Body::kSmall,
         .place = Place::kWorker,
         .summary =
             "Sets how long events are kept, by their own time; never less than 24 h from arrival.",
         .parameters = {},
         .request_schema = kRetentionSchema,
         .response_schema = kRetentionSchema,
         .handle = answering([&parts](const Call& call) { return put_retention(parts, call); })});
    return routes;
}

}  // namespace aiml042::api
