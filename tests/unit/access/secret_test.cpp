#include "access/secret.h"

#include <catch2/catch.hpp>
#include <set>

#include "access/principal.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)

TEST_CASE("secret: SHA-256 is SHA-256") {
    const access::Digest digest = access::sha256("abc");  // FIPS 180-4, appendix.
    CHECK(digest[0] == 0xBA);
    CHECK(digest[1] == 0x78);
    CHECK(digest[31] == 0xAD);
    CHECK(access::equal(digest, access::sha256("abc")));
    CHECK_FALSE(access::equal(digest, access::sha256("abd")));
}

TEST_CASE("secret: keys have their shape, are all different, and only a hash is stored") {
    std::set<std::string> secrets;
    for (int i = 0; i < 200; ++i) {
        const auto key = access::make_key({.project = ProjectId{1}, .name = "n", .scopes = 1, .expires_at = 9}, 5);
        CHECK(access::has_key_shape(key.secret));
        CHECK(key.secret.size() == 37);
        CHECK(key.record.hash.size() == 32);
        CHECK(key.record.prefix == key.secret.substr(0, 9));
        CHECK(key.record.name == "n");
        CHECK(key.record.created_at == 5);
        CHECK(key.record.expires_at == 9);
        secrets.insert(key.secret);
        secrets.insert(key.record.key_id);
    }
    CHECK(secrets.size() == 400);
}

TEST_CASE("secret: what has not the shape of a key") {
    const std::string good = "aiml_0123456789abcdefghijABCDEFGHIJ01";
    CHECK(access::has_key_shape(good));
    for (const std::string& bad : {good + "x", good.substr(1), std::string("aiml_"), std::string(), std::string("aiml-") + good.substr(5),
                                   good.substr(0, 36) + "-", good.substr(0, 36) + "\n"}) {
        CAPTURE(bad);
        CHECK_FALSE(access::has_key_shape(bad));
    }
}

TEST_CASE("secret: of a short key that was given little is shown") {
    const access::KeyRequest request{.project = ProjectId{1}, .name = "admin", .scopes = 4, .expires_at = std::nullopt};
    const auto key = access::adopt_key(request, "s3cret-pw", 1);
    REQUIRE(key.is_ok());
    CHECK(key->record.prefix == "s3");
    for (const char* bad : {"short", "with space here", "with\ttab in it", ""}) {
        CAPTURE(bad);
        CHECK(access::adopt_key(request, bad, 1).code() == ErrorCode::kInvalidArgument);
    }
    CHECK(access::adopt_key(request, std::string(257, 'x'), 1).code() == ErrorCode::kInvalidArgument);
}

TEST_CASE("scopes: names and bits are each other's inverse, admin implies the others") {
    using access::Scope;
    for (const Scope scope :
         {Scope::kIngestWrite, Scope::kMetricsRead, Scope::kAdmin, Scope::kJudgeRun, Scope::kAlertsManage}) {
        CHECK(access::parse_scope(access::scope_name(scope)) == scope);
    }
    CHECK_FALSE(access::parse_scope("root").has_value());
    CHECK_FALSE(access::parse_scope("").has_value());
    CHECK(access::scope_names(5) == std::vector<std::string_view>{"ingest:write", "admin"});
    access::Principal reader{.project = ProjectId{1}, .scopes = 2, .key_id = "k", .browser = false};
    CHECK(reader.allows(Scope::kMetricsRead));
    CHECK(reader.allows(Scope::kNone));
    CHECK(reader.allows(Scope::kSignedIn));
    CHECK_FALSE(reader.allows(Scope::kAdmin));
    CHECK_FALSE(reader.allows(Scope::kIngestWrite));
    reader.scopes = 4;
    CHECK(reader.allows(Scope::kJudgeRun));
    CHECK_FALSE(access::Principal{}.allows(Scope::kSignedIn));
}
