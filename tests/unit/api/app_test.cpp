#include "api/app.h"

#include "api/openapi.h"
#include "app_fixture.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using api::AppFixture;
using api::Ask;
using net::Method;

namespace {

constexpr std::uint32_t kIngest = 1;
constexpr std::uint32_t kRead = 2;
constexpr std::uint32_t kAdmin = 4;

}  // namespace

TEST_CASE(
    "app: unknown paths are 404, known ones with other methods 405 with Allow, OPTIONS says "
    "which") {
    AppFixture fixture;
    CHECK(fixture.ask({.target = "/v1/nothing", .key = ""}).status == 404);
    CHECK(fixture.ask({.method = Method::kPost, .target = "/nothing", .key = ""}).status == 404);
    const auto refused = fixture.ask({.method = Method::kPut, .target = "/v1/labels", .key = ""});
    CHECK(refused.status == 405);
    CHECK(AppFixture::header(refused, "Allow") == "POST, OPTIONS");
    CHECK(AppFixture::code(refused) == "method_not_allowed");
    const auto patched =
        fixture.ask({.method = Method::kUnserved, .target = "/v1/labels", .key = ""});
    CHECK(patched.status == 405);
    CHECK(AppFixture::header(patched, "Allow") == "POST, OPTIONS");
    CHECK(fixture.ask({.method = Method::kUnserved, .target = "/nothing", .key = ""}).status ==
          404);
    const auto options =
        fixture.ask({.method = Method::kOptions, .target = "/v1/labels", .key = ""});
    CHECK(options.status == 204);
    CHECK(AppFixture::header(options, "Allow") == "POST, OPTIONS");
    CHECK(AppFixture::header(options, "Access-Control-Allow-Origin").empty());
}

// A57: what every route wants is in its row, and exactly that lets in.
TEST_CASE("app: each route lets in exactly the credentials its scope names") {
    AppFixture fixture({}, {.requests = {}, .items = {}});
    for (const api::Route& route : fixture.app->routes().routes()) {
        CAPTURE(route.pattern, api::method_name(route.method));
        if (route.scope == access::Scope::kNone) {
            CHECK(
                fixture
                    .ask({.method = route.method, .target = std::string(route.pattern), .key = ""})
                    .status != 401);
            continue;
        }
        std::string target(route.pattern);
        while (target.find('{') != std::string::npos) {
            target.replace(target.find('{'), target.find('}') - target.find('{') + 1, "x");
        }
        const std::string body = route.body == api::Body::kNone ? "" : "{}";
        CHECK(fixture.ask({.method = route.method, .target = target, .key = "", .body = body})
                  .status == 401);
        for (const std::uint32_t scope : {1U, 2U, 4U, 8U, 16U}) {
            CAPTURE(scope);
            const auto answer = fixture.ask({.method = route.method,
                                             .target = target,
                                             .key = fixture.key(scope),
                                             .body = body});
            const bool allowed = scope == kAdmin || route.scope == access::Scope::kSignedIn ||
                                 static_cast<std::uint32_t>(route.scope) == scope;
            CHECK((answer.status != 403) == allowed);
            CHECK(answer.status < 500);
        }
    }
}

TEST_CASE("app: ingest answers as the contract says") {
    AppFixture fixture;
    const std::string key = fixture.key(kIngest, fixture.other_project);
    fixture.outcome = {.ingested = 2, .duplicates = 1, .rejected = {}, .last = 42};
    fixture.outcome.rejected.push_back(
        {3, Status(ErrorCode::kMissingField, "prediction is missing", "/prediction"), ""});
    const auto answer = fixture.ask(
        {.method = Method::kPost, .target = "/v1/ingest/metrics", .key = key, .body = "[1]"});
    CHECK(answer.status == 200);
    CHECK(
        answer.body ==
        R"({"status":"ok","ingested":2,"duplicates":1,"rejected":[{"index":3,"code":"missing_field",)"
        R"("detail":"prediction is missing","pointer":"/prediction"}]})");
    CHECK(AppFixture::header(answer, "X-Aiml042-Seq") == "42");
    CHECK(fixture.submission->project == fixture.other_project);
    CHECK(fixture.submission->kind == codec::BatchKind::kEvents);
    CHECK(fixture.submission->form == codec::BodyForm::kJson);
    CHECK(fixture.submission->arrival == fixture.clock.now());

    fixture.outcome = {.ingested = 0, .duplicates = 5, .rejected = {}, .last = 0};
    const auto again = fixture.ask({.method = Method::kPost,
                                    .target = "/v1/labels",
                                    .key = key,
                                    .body = "x",
                                    .headers = {{"content-encoding", "gzip"}},
                                    .content_type = "application/x-ndjson; charset=UTF-8"});
    CHECK(again.status == 200);
    CHECK(AppFixture::header(again, "X-Aiml042-Seq").empty());
    CHECK(fixture.submission->kind == codec::BatchKind::kLabels);
    CHECK(fixture.submission->form == codec::BodyForm::kNdjson);
    CHECK(fixture.submission->encoding == codec::Encoding::kGzip);
}

TEST_CASE("app: when nothing was taken it is 422, with the rejections capped") {
    AppFixture fixture;
    const std::string key = fixture.key(kIngest);
    fixture.outcome = {};
    for (std::uint32_t i = 0; i < 1'500; ++i) {
        fixture.outcome.rejected.push_back(
            {i, Status(ErrorCode::kOutOfRange, "too late", "/timestamp"), ""});
    }
    const auto answer = fixture.ask(
        {.method = Method::kPost, .target = "/v1/ingest/metrics", .key = key, .body = "[1]"});
    CHECK(answer.status == 422);
    CHECK(answer.content_type == "application/problem+json");
    const auto json = AppFixture::json(answer);
    CHECK(json.find("type")->string() == "urn:aiml042:error:out_of_range");
    CHECK(json.find("status")->number() == 422);
    CHECK(json.find("ingested")->number() == 0);
    CHECK(json.find("rejected")->items().size() == 1'000);
    CHECK(json.find("rejected_total")->number() == 1'500);
    CHECK(json.find("code")->string() == "out_of_range");
    fixture.submit_status = Status(ErrorCode::kMalformedJson, "broken at byte 3");
    const auto broken = fixture.ask(
        {.method = Method::kPost, .target = "/v1/ingest/metrics", .key = key, .body = "[1"});
    CHECK(broken.status == 400);
    CHECK(AppFixture::code(broken) == "malformed_json");
}

TEST_CASE("app: bodies of other types and encodings are refused by the head alone") {
    AppFixture fixture;
    const std::string key = fixture.key(kIngest | kAdmin);
    for (const char* type : {"",
                             "text/plain",
                             "application/xml",
                             "application/json; charset=latin-1",
                             "multipart/form-data"}) {
        CAPTURE(type);
        CHECK(fixture
                  .ask({.method = Method::kPost,
                        .target = "/v1/labels",
                        .key = key,
                        .body = "{}",
                        .headers = {},
                        .content_type = type})
                  .status == 415);
        CHECK(fixture
                  .ask({.method = Method::kPost,
                        .target = "/v1/keys",
                        .key = key,
                        .body = "{}",
                        .headers = {},
                        .content_type = type})
                  .status == 415);
    }
    for (const char* encoding : {"br", "gzip, gzip", "deflate", "gzip, zstd", ""}) {
        CAPTURE(encoding);
        CHECK(fixture
                  .ask({.method = Method::kPost,
                        .target = "/v1/labels",
                        .key = key,
                        .body = "{}",
                        .headers = {{"content-encoding", encoding}}})
                  .status == 415);
    }
    CHECK(fixture.submitted.empty());
}

TEST_CASE("app: overload, full disks and rates are answered before the body is read") {
    access::AuthenticatorOptions rates;
    rates.requests = {.per_second = 0.5, .burst_seconds = 4.0};
    rates.items = {.per_second = 10.0, .burst_seconds = 1.0};
    AppFixture fixture({}, rates);
    const Ask labels{
        .method = Method::kPost, .target = "/v1/labels", .key = fixture.key(kIngest), .body = "{}"};
    fixture.admission_status = Status(ErrorCode::kDiskFull, "little disk is left");
    const auto full = fixture.ask(labels);
    CHECK(full.status == 503);
    CHECK(AppFixture::code(full) == "disk_full");
    CHECK_FALSE(AppFixture::header(full, "Retry-After").empty());
    fixture.admission_status = Status::ok();
    fixture.outcome = {.ingested = 40, .duplicates = 0, .rejected = {}, .last = 40};
    CHECK(fixture.ask(labels).status == 200);  // 40 items where 10 were there: 3 seconds of debt.
    const auto items = fixture.ask(labels);
    CHECK(items.status == 429);
    CHECK(AppFixture::header(items, "Retry-After") == "3");
    fixture.clock.advance(3 * kSecond);
    fixture.outcome.ingested = 1;
    CHECK(fixture.ask(labels).status == 200);
    CHECK(fixture.ask({.target = "/v1/session", .key = labels.key}).status == 200);
    const auto requests = fixture.ask(labels);
    CHECK(requests.status == 429);
    CHECK(AppFixture::code(requests) == "rate_limited");
    CHECK(fixture.submitted.size() == 2);
}

TEST_CASE("app: health is open, readiness says why not, /metrics is open only when told") {
    AppFixture fixture;
    CHECK(fixture.ask({.target = "/healthz", .key = ""}).status == 200);
    CHECK(fixture.ask({.target = "/readyz", .key = ""}).status == 200);
    fixture.reasons = {"the log could not be written"};
    const auto not_ready = fixture.ask({.target = "/readyz", .key = ""});
    CHECK(not_ready.status == 503);
    CHECK(not_ready.body == R"({"status":"not_ready","reasons":["the log could not be written"]})");
    fixture.reasons.clear();
    fixture.warnings = {"a block is damaged"};
    const auto ready = fixture.ask({.target = "/readyz", .key = ""});
    CHECK(ready.status == 200);
    CHECK(ready.body == R"({"status":"ready","reasons":[],"warnings":["a block is damaged"]})");
    CHECK(fixture.ask({.target = "/metrics", .key = ""}).status == 401);
    const auto metrics = fixture.ask({.target = "/metrics", .key = fixture.key(kRead)});
    CHECK(metrics.content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(metrics.body.find("# TYPE aiml042_rate_limited_total counter\n") != std::string::npos);
    // Counters and sizes are of all projects together.
    const std::string other = fixture.key(kRead, fixture.other_project);
    CHECK(fixture.ask({.target = "/metrics", .key = other}).status == 403);
    const auto theirs = AppFixture::json(fixture.ask({.target = "/v1/system", .key = other}));
    CHECK(theirs.find("events") != nullptr);
    for (const char* name :
         {"disk_bytes", "disk_free_bytes", "log_bytes", "memory_bytes", "ingest_rate", "scrub"}) {
        CAPTURE(name);
        CHECK(theirs.find(name) == nullptr);
        const auto ours =
            AppFixture::json(fixture.ask({.target = "/v1/system", .key = fixture.key(kRead)}));
        CHECK(ours.find(name) != nullptr);
    }
    AppFixture open({.metrics_open = true});
    CHECK(open.ask({.target = "/metrics", .key = ""}).status == 200);
}

TEST_CASE("app: the OpenAPI document has every route with its scope, and parses") {
    AppFixture fixture;
    const auto answer = fixture.ask({.target = "/openapi.json", .key = ""});
    CHECK(answer.body == fixture.app->openapi());
    const auto document = AppFixture::json(answer);
    CHECK(document.find("openapi")->string() == "3.1.0");
    std::size_t operations = 0;
    for (const auto& [path, item] : document.find("paths")->members()) {
        for (const auto& [method, operation] : item.members()) {
            CAPTURE(path, method);
            ++operations;
            CHECK_FALSE(operation.find("operationId")->string().empty());
            CHECK_FALSE(operation.find("summary")->string().empty());
            const std::string scope = operation.find("x-scope")->string();
            CHECK((scope == "none" || scope == "any" || access::parse_scope(scope).has_value()));
            for (const auto& parameter : operation.find("parameters")->items()) {
                const bool path_parameter = parameter.find("in")->string() == "path";
                CHECK((!path_parameter || path.find("{" + parameter.find("name")->string() + "}") !=
                                              std::string::npos));
            }
        }
    }
    CHECK(operations == fixture.app->routes().routes().size());
}
