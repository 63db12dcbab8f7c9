#include "codec/json_value.h"

#include <cstdio>

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "support.h"

namespace aiml042::codec {

namespace {

std::string from_base64(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) {
            break;
        }
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>(bits >> count));
        }
    }
    return out;
}

/// Whether an ingest body takes `text` for JSON.
bool body_is_json(std::string_view text) {
    return parse_events(text).status.is_ok();
}

/// The same for `text` in places of an event that nobody reads, that are copied, and that are read.
bool event_is_json(std::string_view text, const char* before, const char* after) {
    const Parsed parsed =
        parse_events(R"({"deployment_id":"d","model_version":"v","request_id":"r","score":1,)" +
                     std::string(before) + std::string(text) + after + "}");
    return parsed.status.is_ok();
}

}  // namespace

TEST_CASE("json: the conformance set of JSONTestSuite", "[real]") {
    const auto data = shared_data();
    if (data.empty()) {
        std::puts("skipped: the shared data is not beside the repository");
        return;
    }
    const std::string text = read_gzip(data / "oracles" / "json_test_suite.ndjson.gz");
    std::size_t count = 0;
    for (const std::string_view line : lines_of(text)) {
        const auto one = JsonValue::parse(line);
        REQUIRE(one.is_ok());
        const std::string body = from_base64(one->find("body_base64")->string());
        const std::string& name = one->find("case")->string();
        const std::string& expect = one->find("expect")->string();
        CAPTURE(name, body);
        ++count;
        const bool value = JsonValue::parse(body).is_ok();
        const bool in_unknown = event_is_json(body, "\"nope\":", "");
        const bool in_features = event_is_json(body, "\"features\":{\"x\":", "}");
        const bool in_copy = event_is_json(body, "\"llm\":{\"citations\":[", "]}");
        if (expect == "reject") {
            CHECK_FALSE(value);
            CHECK_FALSE(body_is_json(body));
            // An empty text is a missing value there, and "1,2" two values of the array around it.
            CHECK_FALSE(in_unknown);
            CHECK_FALSE(in_features);
            if (JsonValue::parse("[" + body + "]").is_ok()) {
                CHECK(in_copy);
            } else {
                CHECK_FALSE(in_copy);
            }
        } else if (expect == "accept") {
            // A key given twice is JSON by its grammar; we refuse it as a value all the same.
            const bool twice = name.find("duplicated_key") != std::string::npos;
            CHECK(value == !twice);
            CHECK(body_is_json(body));
            CHECK(in_unknown);
            CHECK(in_features);
            CHECK(in_copy);
        }
    }
    CHECK(count == 201);
}

TEST_CASE("json value: types and members") {
    const auto value = JsonValue::parse(
        R"( {"n":null,"t":true,"f":false,"i":-12,"d":0.5,"s":"a\n\u00e9","a":[1,[],{}],"o":{"k":"v"}} )");
    REQUIRE(value.is_ok());
    CHECK(value->type() == JsonValue::Type::kObject);
    CHECK(value->members().size() == 8);
    CHECK(value->find("n")->type() == JsonValue::Type::kNull);
    CHECK(value->find("t")->boolean());
    CHECK(value->find("f")->type() == JsonValue::Type::kBool);
    CHECK_FALSE(value->find("f")->boolean());
    CHECK(value->find("i")->number() == -12.0);
    CHECK(value->find("d")->number() == 0.5);
    CHECK(value->find("s")->string() == "a\né");
    REQUIRE(value->find("a")->items().size() == 3);
    CHECK(value->find("a")->items()[0].number() == 1.0);
    CHECK(value->find("o")->find("k")->string() == "v");
    CHECK(value->find("missing") == nullptr);
    CHECK(value->find("i")->find("x") == nullptr);
}

TEST_CASE("json value: scalars at the end of memory") {
    for (const char* text : {"1", "\xEF\xBB\xBF[1]", "-0.5e3", "true", "null", "\"x\"", " 12 "}) {
        CAPTURE(text);
        CHECK(JsonValue::parse(text).is_ok());
    }
    for (const char* text : {"",
                             " ",
                             "\xEF\xBB\xBF",
                             " \xEF\xBB\xBF[1]",
                             "tru",
                             "nulll",
                             "1 2",
                             "[1] 2",
                             "{} {}",
                             "1]",
                             "]",
                             "{",
                             "\"x"}) {
        CAPTURE(text);
        CHECK(JsonValue::parse(text).code() == ErrorCode::kMalformedJson);
    }
}

TEST_CASE("json value: keys given twice, depth, numbers beyond the doubles") {
    const auto twice = JsonValue::parse(R"({"a":{"b":1,"c":2,"\u0062":3}})");
    CHECK(twice.code() == ErrorCode::kMalformedJson);
    CHECK(twice.status().pointer() == "/a/b");
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(JsonValue::parse(nested(limits::kJsonDepthMax)).is_ok());
    CHECK_FALSE(JsonValue::parse(nested(limits::kJsonDepthMax + 1)).is_ok());
    CHECK_FALSE(JsonValue::parse(nested(1'000'000)).is_ok());
    CHECK_FALSE(JsonValue::parse("[1e400]").is_ok());
    CHECK(JsonValue::parse("[1e-400]").is_ok());
}

}  // namespace aiml042::codec
