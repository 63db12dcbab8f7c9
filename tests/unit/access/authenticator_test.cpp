#include "access/authenticator.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/limits.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using access::Credentials;

namespace {

/// A catalog with two projects, and a clock to turn.
struct Fixture {
    Fixture() {
        std::string pattern = (std::filesystem::temp_directory_path() / "aiml042_access_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
        auto opened = catalog::Catalog::open(folder + "/catalog.db");
        REQUIRE(opened.is_ok());
        catalog = std::move(*opened);
        first = catalog->create_project("default", 1)->id;
        second = catalog->create_project("other", 1)->id;
        access::AuthenticatorOptions options;
        options.requests = {.per_second = 10.0, .burst_seconds = 1.0};
        authenticator.emplace(*catalog, clock, options);
    }
    ~Fixture() {
        authenticator.reset();
        catalog.reset();
        std::filesystem::remove_all(folder);
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    access::NewKey add_key(ProjectId project, std::uint32_t scopes, std::optional<Timestamp> expires_at = std::nullopt) {
        auto key = access::make_key(
            {.project = project, .name = "test", .scopes = scopes, .expires_at = expires_at}, clock.now());
        REQUIRE(catalog->add_key(key.record).is_ok());
        return key;
    }

    access::Authentication bearer(const std::string& secret) {
        const std::string value = "Bearer " + secret;
        Credentials credentials;
        credentials.authorization = value;
        credentials.authorization_count = 1;
        credentials.remote_address = address;
        return authenticator->authenticate(credentials);
    }

    Credentials cookie(std::string_view id) const {
        Credentials credentials;
        credentials.session = id;
        credentials.remote_address = address;
        return credentials;
    }

    std::string folder;
    std::string address = "192.0.2.1";
    os::ManualClock clock{1'000 * kSecond};
    std::unique_ptr<catalog::Catalog> catalog;
    ProjectId first{};
    ProjectId second{};
    std::optional<access::Authenticator> authenticator;
};

}  // namespace

TEST_CASE("authenticator: a key is let in, with its project and scopes, by either header") {
    Fixture fixture;
    const auto key = fixture.add_key(fixture.second, 3);
    const auto found = fixture.bearer(key.secret);
    REQUIRE(found.status.is_ok());
    CHECK(found.principal.project == fixture.second);
    CHECK(found.principal.scopes == 3);
    CHECK(found.principal.key_id == key.record.key_id);
    CHECK_FALSE(found.principal.browser);
    CHECK(fixture.authenticator->last_used_at(key.record.key_id) == fixture.clock.now());
    Credentials header;
    header.api_key = key.secret;
    header.api_key_count = 1;
    CHECK(fixture.authenticator->authenticate(header).status.is_ok());
}

// A39, A40
TEST_CASE("authenticator: anything but one whole known key is 401") {
    Fixture fixture;
    const std::string good = fixture.add_key(fixture.first, 7).secret;
    for (const std::string& secret : {std::string(), good.substr(0, 36), good + "x", good + " ", good + "\n", " " + good + "x",
                                      std::string("aiml_") + std::string(32, 'A'), std::string(1'000, 'x')}) {
        CAPTURE(secret);
        fixture.address += "1";
        CHECK(fixture.bearer(secret).status.code() == ErrorCode::kUnauthenticated);
    }
    for (const std::string& value : {"Basic " + good, good, std::string("Bearer"), std::string("Bearer "), "Bearer" + good}) {
        CAPTURE(value);
        fixture.address += "1";
        Credentials credentials;
        credentials.authorization = value;
        credentials.authorization_count = 1;
        credentials.remote_address = fixture.address;
        CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kUnauthenticated);
    }
    CHECK(fixture.authenticator->authenticate({}).status.code() == ErrorCode::kUnauthenticated);
}

TEST_CASE("authenticator: two credentials, or one in the query, are 401 even when good") {
    Fixture fixture;
    const std::string good = fixture.add_key(fixture.first, 7).secret;
    const std::string value = "Bearer " + good;
    Credentials credentials;
    credentials.authorization = value;
    credentials.authorization_count = 2;
    CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kUnauthenticated);
    credentials.authorization_count = 1;
    credentials.api_key = good;
    credentials.api_key_count = 1;
    CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kUnauthenticated);
    credentials.api_key_count = 0;
    credentials.key_in_query = true;
    CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kUnauthenticated);
}

// A41
TEST_CASE("authenticator: revoking and expiring hold from the next request on") {
    Fixture fixture;
    const auto key = fixture.add_key(fixture.first, 7);
    const auto brief = fixture.add_key(fixture.first, 7, fixture.clock.now() + kSecond);
    CHECK(fixture.bearer(key.secret).status.is_ok());
    CHECK(fixture.bearer(brief.secret).status.is_ok());
    REQUIRE(*fixture.catalog->revoke_key(fixture.first, key.record.key_id));
    CHECK(fixture.bearer(key.secret).status.code() == ErrorCode::kUnauthenticated);
    fixture.clock.advance(kSecond);
    CHECK(fixture.bearer(brief.secret).status.code() == ErrorCode::kUnauthenticated);
}

TEST_CASE("authenticator: what a key has used up survives a change of other keys") {
    Fixture fixture;
    const auto key = fixture.add_key(fixture.first, 7);
    const auto use = fixture.bearer(key.secret).use;
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(use->requests.take(1, fixture.clock.steady()).has_value());
    }
    fixture.add_key(fixture.first, 1);
    CHECK(fixture.bearer(key.secret).use->requests.take(1, fixture.clock.steady()).has_value());
}

// A42
TEST_CASE("authenticator: many bad keys of one address wait longer and longer; good ones and other addresses do not") {
    Fixture fixture;
    const std::string good = fixture.add_key(fixture.first, 7).secret;
    const std::string bad = "aiml_" + std::string(32, 'A');
    std::uint32_t longest = 0;
    for (int i = 0; i < 200; ++i) {
        const auto answer = fixture.bearer(bad);
        if (i < 10) {
            CHECK(answer.status.code() == ErrorCode::kUnauthenticated);
        } else {
            CHECK(answer.status.code() == ErrorCode::kRateLimited);
            CHECK(answer.retry_after_s >= std::max(1U, longest));
            longest = answer.retry_after_s;
        }
    }
    CHECK(longest == 300);
    CHECK(fixture.bearer(good).status.is_ok());
    fixture.address = "192.0.2.2";
    CHECK(fixture.bearer(bad).status.code() == ErrorCode::kUnauthenticated);
    fixture.address = "192.0.2.1";
    fixture.clock.advance(11 * kMinute);
    CHECK(fixture.bearer(bad).status.code() == ErrorCode::kUnauthenticated);
}

// A56
TEST_CASE("sessions: a sign-in token is good once and for ten minutes") {
    Fixture fixture;
    access::Sessions& sessions = fixture.authenticator->sessions();
    const std::string token = sessions.make_token(fixture.first, 7);
    const auto first = fixture.authenticator->redeem_token(token, "a");
    REQUIRE(first.status.is_ok());
    CHECK(first.principal.project == fixture.first);
    CHECK(first.principal.scopes == 7);
    CHECK(first.principal.browser);
    CHECK(fixture.authenticator->redeem_token(token, "a").status.code() == ErrorCode::kUnauthenticated);
    const std::string late = sessions.make_token(fixture.first, 7);
    fixture.clock.advance(access::Sessions::kTokenLife);
    CHECK_FALSE(sessions.redeem(late).has_value());
    const std::string in_time = sessions.make_token(fixture.first, 7);
    fixture.clock.advance(access::Sessions::kTokenLife - 1);
    CHECK(sessions.redeem(in_time).has_value());
    CHECK_FALSE(sessions.redeem("").has_value());
}

// A53, A55
TEST_CASE("sessions: a cookie reads; to change things it needs the header, and never from another site") {
    Fixture fixture;
    const auto key = fixture.add_key(fixture.second, 2);
    const auto who = fixture.authenticator->authenticate_key(key.secret, "a").principal;
    const std::string id = fixture.authenticator->sessions().begin(who);
    CHECK(id.size() == 32);
    Credentials credentials = fixture.cookie(id);
    const auto reading = fixture.authenticator->authenticate(credentials);
    REQUIRE(reading.status.is_ok());
    CHECK(reading.principal.project == fixture.second);
    CHECK(reading.principal.scopes == 2);
    CHECK(reading.principal.browser);
    credentials.changes_things = true;
    CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kForbidden);
    credentials.csrf_header = true;
    CHECK(fixture.authenticator->authenticate(credentials).status.is_ok());
    credentials.cross_site = true;
    CHECK(fixture.authenticator->authenticate(credentials).status.code() == ErrorCode::kForbidden);
    fixture.authenticator->sessions().end(id);
    CHECK(fixture.authenticator->authenticate(fixture.cookie(id)).status.code() == ErrorCode::kUnauthenticated);
}

TEST_CASE("sessions: they end when idle, when old, and with the key they were begun with") {
    Fixture fixture;
    access::Sessions& sessions = fixture.authenticator->sessions();
    const access::Principal who{.project = fixture.first, .scopes = 1, .key_id = "sign_in", .browser = true};
    const std::string idle = sessions.begin(who);
    fixture.clock.advance(access::Sessions::kIdleLife - 1);
    CHECK(sessions.find(idle).has_value());
    fixture.clock.advance(access::Sessions::kIdleLife);
    CHECK_FALSE(sessions.find(idle).has_value());
    const std::string old = sessions.begin(who);
    for (Timestamp age = kHour; age < access::Sessions::kLife; age += kHour) {
        fixture.clock.advance(kHour);
        CHECK(sessions.find(old).has_value());
    }
    fixture.clock.advance(kHour);
    CHECK_FALSE(sessions.find(old).has_value());

    const auto key = fixture.add_key(fixture.first, 7);
    const auto origin = fixture.authenticator->authenticate_key(key.secret, "a").principal;
    const std::string of_key = sessions.begin(origin);
    CHECK(fixture.authenticator->authenticate(fixture.cookie(of_key)).status.is_ok());
    REQUIRE(*fixture.catalog->revoke_key(fixture.first, key.record.key_id));
    CHECK(fixture.authenticator->authenticate(fixture.cookie(of_key)).status.code() == ErrorCode::kUnauthenticated);
}

TEST_CASE("sessions: their number is bounded, the one not used for longest gives way") {
    Fixture fixture;
    access::Sessions& sessions = fixture.authenticator->sessions();
    const access::Principal who{.project = fixture.first, .scopes = 1, .key_id = "sign_in", .browser = true};
    const std::string first = sessions.begin(who);
    fixture.clock.advance(1);
    const std::string second = sessions.begin(who);
    fixture.clock.advance(1);
    CHECK(sessions.find(first).has_value());
    for (std::size_t i = 0; i < limits::kSessionsMax - 1; ++i) {
        fixture.clock.advance(1);
        static_cast<void>(sessions.begin(who));
    }
    CHECK(sessions.find(first).has_value());
    CHECK_FALSE(sessions.find(second).has_value());
}
