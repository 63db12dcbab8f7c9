#include "api/admin_routes.h"

#include "api/cursor.h"
#include "app_fixture.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using api::AppFixture;
using api::Ask;
using net::Method;

namespace {

constexpr std::uint32_t kAdmin = 4;

net::Response send(AppFixture& fixture,
                   Method method,
                   std::string target,
                   const std::string& key,
                   std::string body = "") {
    return fixture.ask(
        {.method = method, .target = std::move(target), .key = key, .body = std::move(body)});
}

catalog::DeadLetter letter_of(ProjectId project, std::string item, std::string kind = "event") {
    return {.id = 0,
            .project = project,
            .received_at = 0,
            .kind = std::move(kind),
            .code = "missing_field",
            .detail = "d",
            .pointer = "/prediction",
            .item = std::move(item),
            .replayed = false};
}

}  // namespace

TEST_CASE("keys: made, listed without secret, used, revoked") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const auto made =
        send(fixture,
             Method::kPost,
             "/v1/keys",
             admin,
             R"({"name":"sdk","scopes":["ingest:write"],"expires_at":"2030-01-01T00:00:00Z"})");
    REQUIRE(made.status == 201);
    const auto json = AppFixture::json(made);
    const std::string secret = json.find("key")->string();
    const std::string id = json.find("key_id")->string();
    CHECK(json.find("expires_at")->string() == "2030-01-01T00:00:00Z");
    const auto list = send(fixture, Method::kGet, "/v1/keys", admin);
    CHECK(list.body.find(secret) == std::string::npos);
    CHECK(list.body.find(id) != std::string::npos);
    CHECK(list.body.find(json.find("prefix")->string()) != std::string::npos);
    CHECK(send(fixture, Method::kPost, "/v1/ingest/metrics", secret, "{}").status == 422);
    CHECK(send(fixture, Method::kDelete, "/v1/keys/" + id, admin).status == 204);
    CHECK(send(fixture, Method::kPost, "/v1/ingest/metrics", secret, "{}").status == 401);
    CHECK(send(fixture, Method::kDelete, "/v1/keys/key_none", admin).status == 404);
}

// A61: what a body may not set is refused, never dropped in silence.
TEST_CASE("keys: bodies that are not exactly right are refused by field") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const std::pair<const char*, const char*> wrong[] = {
        {R"({"scopes":["admin"]})", "/name"},
        {R"({"name":"","scopes":["admin"]})", "/name"},
        {R"({"name":5,"scopes":["admin"]})", "/name"},
        {R"({"name":"a\nb","scopes":["admin"]})", "/name"},
        {R"({"name":"a"})", "/scopes"},
        {R"({"name":"a","scopes":[]})", "/scopes"},
        {R"({"name":"a","scopes":"admin"})", "/scopes"},
        {R"({"name":"a","scopes":["admin","root"]})", "/scopes/1"},
        {R"({"name":"a","scopes":["admin","admin"]})", "/scopes/1"},
        {R"({"name":"a","scopes":[1]})", "/scopes/0"},
        {R"({"name":"a","scopes":["admin"],"expires_at":"tomorrow"})", "/expires_at"},
        {R"({"name":"a","scopes":["admin"],"expires_at":"1969-01-01T00:00:00Z"})", "/expires_at"},
        {R"({"name":"a","scopes":["admin"],"project_id":"prj_other"})", "/project_id"},
        {R"({"name":"a","scopes":["admin"],"is_admin":true})", "/is_admin"},
    };
    for (const auto& [body, pointer] : wrong) {
        CAPTURE(body);
        const auto answer = send(fixture, Method::kPost, "/v1/keys", admin, body);
        CHECK(answer.status == 422);
        CHECK(AppFixture::pointer(answer) == pointer);
    }
    CHECK(send(fixture, Method::kPost, "/v1/keys", admin, "[1]").status == 422);
    CHECK(send(fixture, Method::kPost, "/v1/keys", admin, "{").status == 400);
    CHECK(fixture.catalog->keys().size() == 1);
}

// A58, A62
TEST_CASE("keys: another project's are unknown, the last admin stays") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const std::string other = fixture.key(kAdmin, fixture.other_project);
    const auto keys = fixture.catalog->keys();
    const auto foreign = send(fixture, Method::kDelete, "/v1/keys/" + keys[1].key_id, admin);
    CHECK(foreign.status == 404);
    CHECK(foreign.body == send(fixture, Method::kDelete, "/v1/keys/key_none", admin).body);
    CHECK(send(fixture, Method::kGet, "/v1/keys", admin).body.find(keys[1].key_id) ==
          std::string::npos);
    CHECK(send(fixture, Method::kDelete, "/v1/keys/" + keys[0].key_id, admin).status == 409);
    const std::string second = fixture.key(kAdmin);
    CHECK(send(fixture, Method::kDelete, "/v1/keys/" + keys[0].key_id, second).status == 204);
    CHECK(send(fixture, Method::kGet, "/v1/keys", admin).status == 401);
    CHECK(send(fixture, Method::kGet, "/v1/keys", other).status == 200);
}

TEST_CASE("projects: a credential sees its own; only the first project makes others") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const std::string other = fixture.key(kAdmin, fixture.other_project);
    const auto own = AppFixture::json(send(fixture, Method::kGet, "/v1/projects", other));
    REQUIRE(own.find("projects")->items().size() == 1);
    CHECK(own.find("projects")->items()[0].find("name")->string() == "other");
    CHECK(own.find("next_cursor")->type() == codec::JsonValue::Type::kNull);
    CHECK(send(fixture, Method::kGet, "/v1/projects?limit=0", other).status == 400);
    CHECK(send(fixture, Method::kGet, "/v1/projects?cursor=x", other).status == 400);
    CHECK(send(fixture, Method::kPost, "/v1/projects", other, R"({"name":"mine"})").status == 403);
    const auto made = send(fixture, Method::kPost, "/v1/projects", admin, R"({"name":"third"})");
    REQUIRE(made.status == 201);
    const std::string key = AppFixture::json(made).find("key")->string();
    CHECK(send(fixture, Method::kGet, "/v1/projects", key).body.find("third") != std::string::npos);
    CHECK(send(fixture, Method::kPost, "/v1/projects", admin, R"({"name":"third"})").status == 409);
    CHECK(send(fixture, Method::kPost, "/v1/projects", admin, "{}").status == 422);
}

TEST_CASE("retention: set and read for the own project, with bounds") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const std::string path = "/v1/projects/prj_default/retention";
    CHECK(send(fixture, Method::kGet, path, admin).body == R"({"days":null,"bytes":null})");
    CHECK(send(fixture, Method::kPut, path, admin, R"({"days":30,"bytes":null})").status == 200);
    CHECK(send(fixture, Method::kGet, path, admin).body == R"({"days":30,"bytes":null})");
    CHECK(fixture.catalog->retention(fixture.project).days == 30U);
    for (const char* body : {R"({"days":0})",
                             R"({"days":1.5})",
                             R"({"days":-1})",
                             R"({"days":"30"})",
                             R"({"days":1e9})",
                             R"({"bytes":0})",
                             R"({"bytes":1e300})",
                             R"({"hours":3})"}) {
        CAPTURE(body);
        CHECK(send(fixture, Method::kPut, path, admin, body).status == 422);
    }
    const std::string other = fixture.key(kAdmin, fixture.other_project);
    CHECK(send(fixture, Method::kGet, path, other).status == 404);
    CHECK(send(fixture, Method::kPut, path, other, R"({"days":1})").status == 404);
    CHECK(fixture.catalog->retention(fixture.project).days == 30U);
}

TEST_CASE("deployments: a declaration is validated field by field and stored for the own project") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    const auto answer = send(
        fixture,
        Method::kPut,
        "/v1/deployments/fraud%2Fv1",
        admin,
        R"({"task_type":"binary","positive_class":true,"threshold":0.5,"cohort_keys":["region"],)"
        R"("score_is":"predicted_class"})");
    CHECK(answer.status == 200);
    CHECK(
        answer.body ==
        R"({"deployment_id":"fraud/v1","task_type":"binary","task_type_source":"declared",)"
        R"("positive_class":"true","threshold":0.5,"cohort_keys":["region"],"score_is":"predicted_class"})");
    const auto settings = fixture.catalog->settings(fixture.project, "fraud/v1").value();
    CHECK(settings.positive_class == "true");
    CHECK(settings.score_is == model::ScoreIs::kPredictedClass);
    CHECK_FALSE(fixture.catalog->settings(fixture.other_project, "fraud/v1").has_value());
    CHECK(
        send(fixture, Method::kPut, "/v1/deployments/d", admin, R"({"positive_class":1})").status ==
        200);
    CHECK(fixture.catalog->settings(fixture.project, "d")->positive_class == "1");
    const std::pair<const char*, const char*> wrong[] = {
        {R"({"task_type":"unknown"})", "/task_type"},
        {R"({"task_type":3})", "/task_type"},
        {R"({"threshold":1.5})", "/threshold"},
        {R"({"threshold":"0.5"})", "/threshold"},
        {R"({"positive_class":["a"]})", "/positive_class"},
        {R"({"positive_class":""})", "/positive_class"},
        {R"({"cohort_keys":["a\n"]})", "/cohort_keys/0"},
        {R"({"cohort_keys":"region"})", "/cohort_keys"},
        {R"({"cohort_keys":["a","a"]})", "/cohort_keys/1"},
        {R"({"score_is":"x"})", "/score_is"},
        {R"({"owner":"x"})", "/owner"},
    };
    for (const auto& [body, pointer] : wrong) {
        CAPTURE(body);
        const auto refused = send(fixture, Method::kPut, "/v1/deployments/d", admin, body);
        CHECK(refused.status == 422);
        CHECK(AppFixture::pointer(refused) == pointer);
    }
    CHECK(send(fixture, Method::kPut, "/v1/deployments/" + std::string(257, 'x'), admin, "{}")
              .status == 422);
}

TEST_CASE("dead letters: paged by a cursor that cannot be forged or carried over") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    for (int i = 0; i < 5; ++i) {
        REQUIRE(fixture.catalog->add_dead_letters({letter_of(fixture.project, std::to_string(i))})
                    .is_ok());
    }
    const auto first =
        AppFixture::json(send(fixture, Method::kGet, "/v1/dead-letters?limit=3", admin));
    REQUIRE(first.find("dead_letters")->items().size() == 3);
    CHECK(first.find("dead_letters")->items()[0].find("item")->string() == "4");
    const std::string cursor = first.find("next_cursor")->string();
    const auto rest = AppFixture::json(
        send(fixture, Method::kGet, "/v1/dead-letters?limit=3&cursor=" + cursor, admin));
    CHECK(rest.find("dead_letters")->items().size() == 2);
    CHECK(rest.find("next_cursor")->type() == codec::JsonValue::Type::kNull);
    std::string forged = cursor;
    forged[15] = forged[15] == '1' ? '2' : '1';
    const std::string other = fixture.key(kAdmin, fixture.other_project);
    CHECK(send(fixture, Method::kGet, "/v1/dead-letters?cursor=" + forged, admin).status == 400);
    CHECK(send(fixture, Method::kGet, "/v1/dead-letters?cursor=" + cursor, other).status == 400);
    CHECK(send(fixture, Method::kGet, "/v1/dead-letters?cursor=x", admin).status == 400);
    for (const char* limit : {"0", "1001", "-1", "x", ""}) {
        CHECK(send(fixture, Method::kGet, std::string("/v1/dead-letters?limit=") + limit, admin)
                  .status == 400);
    }
    CHECK(AppFixture::json(send(fixture, Method::kGet, "/v1/dead-letters", other))
              .find("dead_letters")
              ->items()
              .empty());
}

TEST_CASE("dead letters: replayed as they were or corrected; marked only when taken") {
    AppFixture fixture;
    const std::string admin = fixture.key(kAdmin);
    REQUIRE(fixture.catalog
                ->add_dead_letters({letter_of(fixture.project, R"({"a":1})", "label"),
                                    letter_of(fixture.project, std::string(16'384, 'x'))})
                .is_ok());
    const auto letters = *fixture.catalog->dead_letters(fixture.project, 0, 10);
    const std::string path = "/v1/dead-letters/" + std::to_string(letters[1].id);
    fixture.outcome = {};
    fixture.outcome.rejected.push_back({0, Status(ErrorCode::kInvalidField, "still", "/a"), ""});
    CHECK(send(fixture, Method::kPost, path + "/replay", admin).status == 422);
    CHECK(fixture.submitted.back() == R"({"a":1})");
    CHECK(fixture.submission->kind == codec::BatchKind::kLabels);
    CHECK_FALSE((*fixture.catalog->dead_letter(fixture.project, letters[1].id))->replayed);
    fixture.outcome = {.ingested = 1, .duplicates = 0, .rejected = {}, .last = 9};
    CHECK(send(fixture, Method::kPost, path + "/replay", admin, R"({"a":2})").status == 200);
    CHECK(fixture.submitted.back() == R"({"a":2})");
    CHECK(AppFixture::json(send(fixture, Method::kGet, path, admin)).find("replayed")->boolean());
    const std::string cut = "/v1/dead-letters/" + std::to_string(letters[0].id) + "/replay";
    CHECK(send(fixture, Method::kPost, cut, admin).status == 409);
    CHECK(send(fixture, Method::kPost, cut, admin, "{}").status == 200);

    const std::string other = fixture.key(kAdmin, fixture.other_project);
    CHECK(send(fixture, Method::kGet, path, other).status == 404);
    CHECK(send(fixture, Method::kPost, path + "/replay", other).status == 404);
    CHECK(send(fixture, Method::kDelete, path, other).status == 404);
    CHECK(send(fixture, Method::kGet, "/v1/dead-letters/x", admin).status == 404);
    CHECK(send(fixture, Method::kDelete, path, admin).status == 204);
    CHECK(send(fixture, Method::kGet, path, admin).status == 404);
}

TEST_CASE("cursor: good for its list, project and secret only") {
    const api::CursorScope scope{.secret = 1, .project = ProjectId{2}, .list = "a"};
    for (const std::int64_t position : {std::int64_t{0}, std::int64_t{-5}, INT64_MAX}) {
        const std::string cursor = api::make_cursor(scope, position);
        CHECK(*api::read_cursor(scope, cursor) == position);
        CHECK_FALSE(
            api::read_cursor({.secret = 1, .project = ProjectId{3}, .list = "a"}, cursor).is_ok());
        CHECK_FALSE(
            api::read_cursor({.secret = 1, .project = ProjectId{2}, .list = "b"}, cursor).is_ok());
        CHECK_FALSE(
            api::read_cursor({.secret = 2, .project = ProjectId{2}, .list = "a"}, cursor).is_ok());
    }
}
