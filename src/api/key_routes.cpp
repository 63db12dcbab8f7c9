// API keys: list, make (the secret is shown once), revoke.

#include <algorithm>

#include "access/secret.h"
#include "api/admin_routes.h"
#include "api/answer.h"
#include "api/cursor.h"
#include "api/json_body.h"
#include "base/log.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kKeysSchema =
    R"({"type":"object","required":["keys","next_cursor"],"properties":{
"keys":{"type":"array","items":{"$ref":"#/components/schemas/Key"}},"next_cursor":{"type":["string","null"]}}})";

constexpr std::string_view kRequestSchema =
    R"({"type":"object","required":["name","scopes"],"additionalProperties":false,
"properties":{"name":{"type":"string"},"scopes":{"type":"array","items":{"enum":["ingest:write","metrics:read","admin",
"judge:run","alerts:manage"]}},"expires_at":{"type":["string","null"],"format":"date-time"}}})";

void write_time(codec::JsonWriter& json, std::string_view name, std::optional<Timestamp> time) {
    json.key(name);
    if (time) {
        json.string(format_rfc3339(*time));
    } else {
        json.null();
    }
}

void write_key(codec::JsonWriter& json,
               const Parts& parts,
               const catalog::ApiKey& key,
               const std::string* secret) {
    json.begin_object()
        .field("key_id", key.key_id)
        .field("name", key.name)
        .key("scopes")
        .begin_array();
    for (const std::string_view name : access::scope_names(key.scopes)) {
        json.string(name);
    }
    json.end_array().field("prefix", key.prefix);
    write_time(json, "created_at", key.created_at);
    write_time(json, "last_used_at", parts.authenticator.last_used_at(key.key_id));
    write_time(json, "expires_at", key.expires_at);
    json.field("revoked", key.revoked);
    if (secret != nullptr) {
        json.field("key", *secret);
    }
    json.end_object();
}

/// Keys are never removed, so a position is how many come before.
Result<net::Response> list_keys(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"cursor", "limit"}));
    const CursorScope scope{
        .secret = parts.catalog.identity_seed(), .project = call.principal.project, .list = "keys"};
    AIML_ASSIGN(const Page page, read_page(parameters, scope));
    std::vector<catalog::ApiKey> keys = parts.catalog.keys();
    std::erase_if(keys, [&](const auto& key) { return key.project != call.principal.project; });
    const std::size_t begin =
        std::min<std::size_t>(static_cast<std::size_t>(page.after.value_or(0)), keys.size());
    const std::size_t end = std::min(begin + page.limit, keys.size());
    codec::JsonWriter json;
    json.begin_object().key("keys").begin_array();
    for (std::size_t i = begin; i < end; ++i) {
        write_key(json, parts, keys[i], nullptr);
    }
    json.end_array();
    write_next_cursor(
        json,
        scope,
        end < keys.size() ? std::optional(static_cast<std::int64_t>(end)) : std::nullopt);
    json.end_object();
    return json_response(json.take());
}

Result<std::uint32_t> read_scopes(const std::vector<std::string>& names) {
    std::uint32_t scopes = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto scope = access::parse_scope(names[i]);
        if (!scope) {
            return Status(ErrorCode::kInvalidField,
                          "there is no scope of this name",
                          "/scopes/" + std::to_string(i));
        }
        scopes |= static_cast<std::uint32_t>(*scope);
    }
    if (scopes == 0) {
        return Status(ErrorCode::kMissingField, "a key needs at least one scope", "/scopes");
    }
    return scopes;
}

Result<net::Response> create_key(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const JsonBody body,
                JsonBody::parse(call.request->body, {"name", "scopes", "expires_at"}));
    AIML_ASSIGN(const auto name, body.text("name", limits::kNameBytesMax));
    if (!name) {
        return Status(ErrorCode::kMissingField, "a key needs a name", "/name");
    }
    AIML_ASSIGN(const auto names, body.texts("scopes", 16, limits::kNameBytesMax));
    AIML_ASSIGN(const std::uint32_t scopes,
                read_scopes(names.value_or(std::vector<std::string>())));
    AIML_ASSIGN(const auto expires_at, body.time("expires_at"));
    const Timestamp now = parts.clock.now();
    if (expires_at && *expires_at <= now) {
        return Status(ErrorCode::kOutOfRange, "this is in the past", "/expires_at");
    }
    const access::NewKey key = access::make_key({.project = call.principal.project,
                                                 .name = *name,
                                                 .scopes = scopes,
                                                 .expires_at = expires_at},
                                                now);
    AIML_TRY(parts.catalog.add_key(key.record));
    log_info("key_created", {{"key_id", key.record.key_id}, {"by", call.principal.key_id}});
    codec::JsonWriter json;
    write_key(json, parts, key.record, &key.secret);
    return json_response(json.take(), 201);
}

/// Whether the project could still be administered without that key.
bool has_other_admin(const Parts& parts, const catalog::ApiKey& but) {
    const auto keys = parts.catalog.keys();
    const Timestamp now = parts.clock.now();
    return std::ranges::any_of(keys, [&](const catalog::ApiKey& key) {
        return key.project == but.project && key.key_id != but.key_id && !key.revoked &&
               (key.scopes & static_cast<std::uint32_t>(access::Scope::kAdmin)) != 0 &&
               (!key.expires_at || *key.expires_at > now);
    });
}

Result<net::Response> revoke_key(const Parts& parts, const Call& call) {
    const std::string_view key_id = call.path_parameter("key_id");
    const auto keys = parts.catalog.keys();
    const auto found = std::ranges::find_if(keys, [&](const catalog::ApiKey& key) {
        return key.project == call.principal.project && key.key_id == key_id;
    });
    if (found == keys.end()) {
        return Status(ErrorCode::kNotFound, "There is no such key.");
    }
    const bool admin = (found->scopes & static_cast<std::uint32_t>(access::Scope::kAdmin)) != 0;
    if (admin && !found->revoked && !has_other_admin(parts, *found)) {
        return Status(ErrorCode::kConflict,
                      "This is the last admin key of the project: make another one first.");
    }
    AIML_TRY(parts.catalog.revoke_key(call.principal.project, key_id).status());
    log_info("key_revoked", {{"key_id", key_id}, {"by", call.principal.key_id}});
    return no_content();
}

}  // namespace

std::vector<Route> key_routes(const Parts& parts) {
    using enum net::Method;
    std::vector<Route> routes;
    routes.push_back(
        {.method = kGet,
         .pattern = "/v1/keys",
         .scope = access::Scope::kAdmin,
         .body = Body::kNone,
         .place = Place::kWorker,
         .summary = "The API keys of the project, without their secrets.",
         .parameters = page_docs(),
         .request_schema = "",
         .response_schema = kKeysSchema,
         .handle = answering([&parts](const Call& call) { return list_keys(parts, call); })});
    routes.push_back(
        {.method = kPost,
         .pattern = "/v1/keys",
         .scope = access::Scope::kAdmin,
         .body = Body::kSmall,
         .place = Place::kWorker,
         .summary = "Makes an API key; its secret is in this answer and nowhere else.",
         .parameters = {},
         .request_schema = kRequestSchema,
         .response_schema = R"({"$ref":"#/components/schemas/Key"})",
         .handle = answering([&parts](const Call& call) { return create_key(parts, call); })});
    routes.push_back(
        {.method = kDelete,
         .pattern = "/v1/keys/{key_id}",
         .scope = access::Scope::kAdmin,
         .body = Body::kNone,
         .place = Place::kWorker,
         .summary = "Revokes a key, from the next request on.",
         .parameters = {},
         .request_schema = "",
         .response_schema = "",
         .handle = answering([&parts](const Call& call) { return revoke_key(parts, call); })});
    return routes;
}

}  // namespace aiml042::api
