#include "api/session_routes.h"

#include "api/credentials.h"
#include "app_fixture.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using api::AppFixture;
using net::Method;

namespace {

std::string sign_in(AppFixture& fixture, const std::string& body, int status = 200) {
    const auto answer =
        fixture.ask({.method = Method::kPost, .target = "/v1/session", .key = "", .body = body});
    CHECK(answer.status == status);
    const std::string cookie = AppFixture::header(answer, "Set-Cookie");
    return cookie.substr(0, cookie.find(';'));
}

}  // namespace

TEST_CASE(
    "session: a token signs in once; the cookie is strict and lets read, and change with the "
    "header") {
    AppFixture fixture;
    const std::string token = fixture.authenticator->sessions().make_token(fixture.project, 7);
    const auto answer = fixture.ask({.method = Method::kPost,
                                     .target = "/v1/session",
                                     .key = "",
                                     .body = R"({"token":")" + token + R"("})"});
    REQUIRE(answer.status == 200);
    CHECK(answer.body ==
          R"({"project":{"project_id":"prj_default","name":"default"},)"
          R"("scopes":["ingest:write","metrics:read","admin"],"version":"0.1.0","demo":false})");
    const std::string set = AppFixture::header(answer, "Set-Cookie");
    CHECK(set.find("; Path=/; HttpOnly; SameSite=Strict") != std::string::npos);
    const std::string cookie = set.substr(0, set.find(';'));
    sign_in(fixture, R"({"token":")" + token + R"("})", 401);

    CHECK(
        fixture.ask({.target = "/v1/session", .key = "", .headers = {{"cookie", "a=b; " + cookie}}})
            .status == 200);
    const std::string body = R"({"name":"n","scopes":["admin"]})";
    const auto post = [&](std::vector<std::pair<std::string, std::string>> headers) {
        headers.emplace_back("cookie", cookie);
        return fixture
            .ask({.method = Method::kPost,
                  .target = "/v1/keys",
                  .key = "",
                  .body = body,
                  .headers = std::move(headers)})
            .status;
    };
    CHECK(post({}) == 403);
    CHECK(post({{"x-aiml042-csrf", "1"}}) == 201);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"sec-fetch-site", "cross-site"}}) == 403);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"sec-fetch-site", "same-site"}}) == 403);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"sec-fetch-site", "same-origin"}}) == 201);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"origin", "http://evil.example"}}) == 403);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"origin", "null"}}) == 403);
    CHECK(post({{"x-aiml042-csrf", "1"}, {"origin", "http://localhost"}}) == 201);

    const auto out = fixture.ask({.method = Method::kDelete,
                                  .target = "/v1/session",
                                  .key = "",
                                  .headers = {{"cookie", cookie}, {"x-aiml042-csrf", "1"}}});
    CHECK(out.status == 204);
    CHECK(AppFixture::header(out, "Set-Cookie").find("Max-Age=0") != std::string::npos);
    CHECK(
        fixture.ask({.target = "/v1/session", .key = "", .headers = {{"cookie", cookie}}}).status ==
        401);
}

TEST_CASE("session: a key signs in with its own scopes") {
    AppFixture fixture;
    const std::string key = fixture.key(2, fixture.other_project);
    const std::string cookie = sign_in(fixture, R"({"key":")" + key + R"("})");
    const auto who =
        fixture.ask({.target = "/v1/session", .key = "", .headers = {{"cookie", cookie}}});
    CHECK(who.body.find(R"("name":"other"},"scopes":["metrics:read"])") != std::string::npos);
    CHECK(fixture.ask({.target = "/v1/keys", .key = "", .headers = {{"cookie", cookie}}}).status ==
          403);
}

TEST_CASE("session: signing in ends the session the browser brought along") {
    AppFixture fixture;
    const std::string key = fixture.key(2);
    const std::string body = R"({"key":")" + key + R"("})";
    const std::string first = sign_in(fixture, body);
    fixture.ask({.method = Method::kPost,
                 .target = "/v1/session",
                 .key = "",
                 .body = body,
                 .headers = {{"cookie", first}}});
    CHECK(
        fixture.ask({.target = "/v1/session", .key = "", .headers = {{"cookie", first}}}).status ==
        401);
}

TEST_CASE("session: bad proofs, and other sites, are refused") {
    AppFixture fixture;
    sign_in(fixture, R"({"token":"x"})", 401);
    sign_in(fixture, R"({"key":"aiml_x"})", 401);
    sign_in(fixture, R"({})", 422);
    sign_in(fixture, R"({"token":"x","key":"y"})", 422);
    sign_in(fixture, R"({"token":5})", 422);
    const std::string body = R"({"key":")" + fixture.key(2) + R"("})";
    CHECK(fixture
              .ask({.method = Method::kPost,
                    .target = "/v1/session",
                    .key = "",
                    .body = body,
                    .headers = {{"origin", "http://evil.example"}}})
              .status == 403);
    CHECK(fixture
              .ask({.method = Method::kPost,
                    .target = "/v1/session",
                    .key = "",
                    .body = body,
                    .headers = {},
                    .content_type = "text/plain"})
              .status == 415);
    for (int i = 0; i < 20; ++i) {
        fixture.ask({.method = Method::kPost,
                     .target = "/v1/session",
                     .key = "",
                     .body = R"({"token":"x"})"});
    }
    const auto throttled = fixture.ask(
        {.method = Method::kPost, .target = "/v1/session", .key = "", .body = R"({"token":"x"})"});
    CHECK(throttled.status == 429);
    CHECK(std::stoi(AppFixture::header(throttled, "Retry-After")) > 1);
}

TEST_CASE("credentials: a key in the query string is refused, whatever it is called") {
    AppFixture fixture;
    const std::string key = fixture.key(7);
    CHECK(fixture.ask({.target = "/v1/session?api_key=" + key, .key = ""}).status == 401);
    CHECK(fixture.ask({.target = "/v1/session?x=" + key, .key = key}).status == 401);
}
