#include "api/session_routes.h"

#include "api/credentials.h"
#include "api/json_body.h"
#include "api/media_type.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kSessionSchema = R"({"type":"object","required":["project","scopes","version","demo"],
"properties":{"project":{"type":"object","required":["project_id","name"],"properties":{"project_id":{"type":"string"},
"name":{"type":"string"}}},"scopes":{"type":"array","items":{"type":"string"}},"version":{"type":"string"},
"demo":{"type":"boolean"}}})";

constexpr std::string_view kSignInSchema =
    R"({"type":"object","properties":{"token":{"type":"string"},"key":{"type":"string"}}})";

std::string session_json(const Parts& parts, const AppOptions& options, const access::Principal& who) {
    const auto project = parts.catalog.project(who.project);
    codec::JsonWriter json;
    json.begin_object().key("project").begin_object();
    json.field("project_id", project ? project->public_id : std::string());
    json.field("name", project ? project->name : std::string());
    json.end_object().key("scopes").begin_array();
    for (const std::string_view name : access::scope_names(who.scopes)) {
        json.string(name);
    }
    json.end_array().field("version", options.version).field("demo", options.demo).end_object();
    return json.take();
}

std::string cookie(std::string_view id, std::string_view life) {
    return std::string(kSessionCookie) + "=" + std::string(id) + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
           std::string(life);
}

Result<access::Authentication> prove(const Parts& parts, const net::Request& request) {
    AIML_TRY(require_json(request));
    if (is_cross_site(request)) {  // Signing somebody in as somebody else is an attack too.
        return Status(ErrorCode::kForbidden, "Another site may not sign in here.");
    }
    AIML_ASSIGN(const JsonBody body, JsonBody::parse(request.body, {"token", "key"}));
    AIML_ASSIGN(const auto token, body.text("token", 256));
    AIML_ASSIGN(const auto key, body.text("key", 256));
    if (token.has_value() == key.has_value()) {
        return Status(ErrorCode::kMissingField, "give either the token of a sign-in link or an API key", "/token");
    }
    return token ? parts.authenticator.redeem_token(*token, request.remote_address)
                 : parts.authenticator.authenticate_key(*key, request.remote_address);
}

void sign_in(const Parts& parts, const AppOptions& options, const Call& call, net::Reply reply) {
    const net::Request& request = *call.request;
    Result<access::Authentication> proof = prove(parts, request);
    const Status status = proof.is_ok() ? proof->status : proof.status();
    if (!status.is_ok()) {
        net::Response response = problem_response(status, request.request_id);
        if (proof.is_ok() && proof->retry_after_s != 0) {
            std::erase_if(response.headers, [](const auto& header) { return header.first == "Retry-After"; });
            response.headers.emplace_back("Retry-After", std::to_string(proof->retry_after_s));
        }
        reply.send(std::move(response));
        return;
    }
    // A session that the browser brought along ends: its id may be known to whoever planted it.
    if (const std::string_view old = cookie_of(request, kSessionCookie); !old.empty()) {
        parts.authenticator.sessions().end(old);
    }
    net::Response response = json_response(session_json(parts, options, proof->principal));
    const std::string id = parts.authenticator.sessions().begin(proof->principal);
    response.headers.emplace_back("Set-Cookie", cookie(id, std::to_string(access::Sessions::kLife / kSecond)));
    reply.send(std::move(response));
}

void sign_out(const Parts& parts, const Call& call, net::Reply reply) {
    if (call.principal.browser) {
        parts.authenticator.sessions().end(cookie_of(*call.request, kSessionCookie));
    }
    net::Response response;
    response.status = 204;
    response.headers.emplace_back("Set-Cookie", cookie("", "0"));
    reply.send(std::move(response));
}

}  // namespace

std::vector<Route> session_routes(const Parts& parts, const AppOptions& options) {
    using enum net::Method;
    std::vector<Route> routes;
    routes.push_back({.method = kGet,
                      .pattern = "/v1/session",
                      .scope = access::Scope::kSignedIn,
                      .body = Body::kNone,
                      .place = Place::kInline,
                      .summary = "Who is asking: project and scopes of the key or session.",
                      .parameters = {},
                      .request_schema = "",
                      .response_schema = kSessionSchema,
                      .handle = [&parts, &options](const Call& call, net::Reply reply) {
                          reply.send(json_response(session_json(parts, options, call.principal)));
                      }});
    routes.push_back({.method = kPost,
                      .pattern = "/v1/session",
                      .scope = access::Scope::kNone,
                      .body = Body::kSmall,
                      .place = Place::kInline,
                      .summary = "Signs a browser in with the token of a sign-in link or an API key; sets the cookie.",
                      .parameters = {},
                      .request_schema = kSignInSchema,
                      .response_schema = kSessionSchema,
                      .handle = [&parts, &options](const Call& call, net::Reply reply) {
                          sign_in(parts, options, call, std::move(reply));
                      }});
    routes.push_back({.method = kDelete,
                      .pattern = "/v1/session",
                      .scope = access::Scope::kSignedIn,
                      .body = Body::kNone,
                      .place = Place::kInline,
                      .summary = "Signs the browser out.",
                      .parameters = {},
                      .request_schema = "",
                      .response_schema = "",
                      .handle = [&parts](const Call& call, net::Reply reply) {
                          sign_out(parts, call, std::move(reply));
                      }});
    return routes;
}

}  // namespace aiml042::api
