#include "codec/item_parser.h"

#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "support.h"

namespace aiml042::codec {

namespace {

std::string numbered(std::size_t i, const std::string& members = {}) {
    return R"({"deployment_id":"d","model_version":"v","request_id":"r)" + std::to_string(i) +
           R"(","score":0.5)" + members + "}";
}

std::vector<std::string> ids_of(const Parsed& parsed) {
    const std::string payload = parsed.payload();
    auto reader = BatchReader::open(payload);
    REQUIRE(reader.is_ok());
    std::vector<std::string> ids;
    model::EventRow row;
    while (reader->next(row)) {
        ids.emplace_back(row.request_id);
    }
    REQUIRE(reader->ok());
    return ids;
}

/// "code offset" of a body that could not be read.
std::string fault(std::string_view text, char padding = '9') {
    const Parsed parsed = parse(BatchKind::kEvents, text, BodyForm::kJson, padding);
    CHECK(parsed.batch.extents.empty());
    CHECK(parsed.batch.rejected.empty());
    CHECK(parsed.batch.items == 0);
    const std::string& detail = parsed.status.detail();
    return std::string(error_info(parsed.status.code()).code) + " " +
           detail.substr(0, detail.find(':'));
}

}  // namespace

TEST_CASE("body: one object, an array, lines") {
    CHECK(ids_of(parse_events(" \r\n" + numbered(1) + "\t\n")) == std::vector<std::string>{"r1"});
    CHECK(ids_of(parse_events("[" + numbered(1) + "," + numbered(2) + "]")) ==
          std::vector<std::string>{"r1", "r2"});
    CHECK(ids_of(parse_events(numbered(1) + "\n" + numbered(2), BodyForm::kNdjson)) ==
          std::vector<std::string>{"r1", "r2"});
    const std::string mark = "\xEF\xBB\xBF";
    CHECK(ids_of(parse_events(mark + numbered(1))) == std::vector<std::string>{"r1"});
    CHECK(ids_of(parse_events(mark + "[" + numbered(1) + "]")) == std::vector<std::string>{"r1"});
    CHECK(ids_of(parse_events(mark + numbered(1) + "\n" + numbered(2), BodyForm::kNdjson)) ==
          std::vector<std::string>{"r1", "r2"});
    CHECK(parse_events("[]").batch.items == 0);
    CHECK(parse_events(" [ \n ] ").status.is_ok());
    CHECK(parse_events("\n\n", BodyForm::kNdjson).batch.items == 0);
}

TEST_CASE(
    "lines: carriage returns, blank lines, no end of the last line, a bad one among good ones") {
    const std::string text = "\r\n" + numbered(0) + "\r\n \t\r\n" + "{\"deployment_id\":}\r\n" +
                             "nonsense\n" + numbered(3) + "\n\n[1]\n" + "\"x\n" + numbered(6) +
                             "x\n" + "5\n" + numbered(8);
    const Parsed parsed = parse_events(text, BodyForm::kNdjson);
    REQUIRE(parsed.status.is_ok());
    CHECK(parsed.batch.items == 9);
    CHECK(ids_of(parsed) == std::vector<std::string>{"r0", "r3", "r8"});
    std::vector<std::string> refused;
    for (const auto& one : parsed.batch.rejected) {
        refused.push_back(std::to_string(one.index) + " " +
                          std::string(error_info(one.status.code()).code));
    }
    CHECK(refused == std::vector<std::string>{"1 malformed_json",
                                              "2 malformed_json",
                                              "4 invalid_field",
                                              "5 malformed_json",
                                              "6 malformed_json",
                                              "7 invalid_field"});
    CHECK(parsed.batch.rejected[0].text == "{\"deployment_id\":}");
    CHECK(parsed.batch.rejected[0].status.detail() == "at byte 17: a value is missing");
    CHECK(parsed.batch.extents[2].index == 8);
}

TEST_CASE("array: an element that is wrong is refused alone") {
    const Parsed parsed =
        parse_events("[" + numbered(0) + ",{\"score\": {\"a\": [1, {}]} },7,[[]],\"x\",null," +
                     numbered(6) + "]");
    REQUIRE(parsed.status.is_ok());
    CHECK(ids_of(parsed) == std::vector<std::string>{"r0", "r6"});
    REQUIRE(parsed.batch.rejected.size() == 5);
    CHECK(parsed.batch.rejected[0].index == 1);
    CHECK(parsed.batch.rejected[0].text == "{\"score\": {\"a\": [1, {}]} }");
    CHECK(parsed.batch.rejected[0].status.pointer() == "/score");
    CHECK(parsed.batch.rejected[1].status.detail() == "expected an object, found a number");
    CHECK(parsed.batch.rejected[4].text == "null");
}

TEST_CASE("array: a name that only a refused element used is not in the batch") {
    const Parsed parsed = parse_events("[" + numbered(0, R"(,"features":{"a":1})") + "," +
                                       numbered(1, R"(,"features":{"ghost":1},"nope":1)") + "," +
                                       numbered(2, R"(,"features":{"a":2,"b":1})") + "]");
    CHECK(parsed.batch.head.find("ghost") == std::string::npos);
    CHECK(parsed.batch.extents.size() == 2);
    CHECK(ids_of(parsed).size() == 2);
}

TEST_CASE("body: what follows the JSON is told from what is not closed") {
    const auto said = [](std::string_view text) {
        const std::string detail = parse_events(text).status.detail();
        return detail.substr(detail.find(": ") + 2);
    };
    const std::string good = numbered(0);
    for (const char* rest : {"x", " x", "{}", ",", "]", "}", " 5", "\"a\"", "\n[1]"}) {
        CAPTURE(rest);
        CHECK(said(good + rest) == "something follows the object");
        CHECK(said("[" + good + "]" + rest) == "something follows the array");
    }
    CHECK(said(good.substr(0, good.size() - 1)) == "the object is not closed");
    CHECK(said("[" + good) == "the array is not closed");
}

TEST_CASE("body: what is not JSON takes nothing, and the byte is named") {
    for (const char padding : {'9', '}', ']', ',', '"', '{', '\0'}) {
        CAPTURE(padding);
        const std::string good = numbered(0);
        const std::string at = std::to_string(good.size() + 1);
        CHECK(fault("", padding) == "malformed_json at byte 0");
        CHECK(fault("   ", padding) == "malformed_json at byte 3");
        CHECK(fault("{", padding) == "malformed_json at byte 1");
        CHECK(fault("[", padding) == "malformed_json at byte 1");
        CHECK(fault("[1", padding) == "malformed_json at byte 1");
        CHECK(fault("[" + good, padding) ==
              "malformed_json at byte " + std::to_string(good.size()));
        CHECK(fault("[" + good + ",", padding) == "malformed_json at byte " + at);
        CHECK(fault("[" + good + ",]", padding) ==
              "malformed_json at byte " + std::to_string(good.size() + 2));
        CHECK(fault("[" + good + " " + good + "]", padding) ==
              "malformed_json at byte " + std::to_string(good.size() + 2));
        CHECK(fault("[" + good + "]]", padding) ==
              "malformed_json at byte " + std::to_string(good.size() + 2));
        CHECK(fault("[" + good + "] x", padding) ==
              "malformed_json at byte " + std::to_string(good.size() + 3));
        CHECK(fault(good + good, padding) ==
              "malformed_json at byte " + std::to_string(good.size()));
        CHECK(fault(good + "," + good, padding) ==
              "malformed_json at byte " + std::to_string(good.size()));
        CHECK(fault("\xEF\xBB\xBF", padding) == "malformed_json at byte 3");
        CHECK(fault(" \xEF\xBB\xBF" + good, padding) == "malformed_json at byte 1");
        CHECK(fault(good + "\xEF\xBB\xBF", padding) ==
              "malformed_json at byte " + std::to_string(good.size()));
        CHECK(fault("[,]", padding) == "malformed_json at byte 1");
        CHECK(fault(R"({"a":1,})", padding) == "malformed_json at byte 7");
        CHECK(fault(R"({"a" 1})", padding) == "malformed_json at byte 5");
        CHECK(fault(R"({a:1})", padding) == "malformed_json at byte 1");
        CHECK(fault(R"({"a":NaN})", padding) == "malformed_json at byte 5");
        CHECK(fault("{\"a\":\"\x01\"}", padding) == "malformed_json at byte 6");
        CHECK(fault("{\"a\":\"\xFF\"}", padding) == "malformed_json at byte 6");
        CHECK(fault("{\"a\":\"b}", padding) == "malformed_json at byte 5");
    }
    CHECK(parse_events("5").batch.rejected.size() == 1);
}

TEST_CASE("body: broken JSON is found wherever it hides") {
    // The event is good up to the field; each is also sent after an unknown field, where nobody
    // needs the value.
    const char* const broken[] = {"[",
                                  "[1,",
                                  "[1 2]",
                                  "{\"b\":[}",
                                  "tru",
                                  "nul",
                                  "truex",
                                  "+1",
                                  "01",
                                  "1.",
                                  ".5",
                                  "-",
                                  "1e",
                                  "1e+",
                                  "0x1",
                                  "NaN",
                                  "Infinity",
                                  "-Infinity",
                                  "\"\\x\"",
                                  "\"\\u12\"",
                                  "\"\\ud800\"",
                                  "\"\\udc00\"",
                                  "\"\\ud800\\u0041\"",
                                  "{\"x\"}",
                                  "{\"x\":}",
                                  "{1:2}",
                                  "{\"x\":1,}",
                                  "'a'",
                                  "[1]]",
                                  "\"a\"\"b\"",
                                  "1\"a\"",
                                  "\"a\"1",
                                  "[\"\\ud800\"]",
                                  "{\"\\ud800\":1}",
                                  ("\xEF\xBB\xBF"
                                   "1"),
                                  "1 2",
                                  "{}{}",
                                  "\f1",
                                  "/**/1",
                                  "[1,,2]",
                                  "[,1]"};
    for (const char* value : broken) {
        for (const char* place : {",\"nope\":",
                                  ",\"features\":{\"x\":",
                                  ",\"llm\":{\"citations\":[",
                                  ",\"score\":",
                                  ",\"metadata\":"}) {
            std::string text = numbered(0, std::string(place) + value);
            const std::string_view opened(place);
            text.insert(text.size() - 1,
                        opened.ends_with("[")      ? "]}"
                        : opened.ends_with("x\":") ? "}"
                                                   : "");
            CAPTURE(text);
            CHECK(fault(text).starts_with("malformed_json at byte "));
            CHECK(
                fault("[" + numbered(1) + "," + text + "]").starts_with("malformed_json at byte "));
            const Parsed lines =
                parse_events(numbered(1) + "\n" + text + "\n" + numbered(2), BodyForm::kNdjson);
            REQUIRE(lines.batch.rejected.size() == 1);
            CHECK(lines.batch.rejected.front().status.code() == ErrorCode::kMalformedJson);
            CHECK(lines.batch.extents.size() == 2);
        }
    }
}

TEST_CASE("body: nesting ends at the limit, in places nobody reads too") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    const auto in_unknown = [&](std::size_t depth) {
        return numbered(0, ",\"nope\":" + nested(depth));
    };
    const auto in_llm = [&](std::size_t depth) {
        return numbered(0, ",\"llm\":{\"citations\":[" + nested(depth) + "]}");
    };
    CHECK(event_refusal(in_unknown(limits::kJsonDepthMax - 1)) == "unknown_field /nope");
    CHECK(event_refusal(in_llm(limits::kJsonDepthMax - 3)) == "ok");
    for (const std::size_t depth :
         {limits::kJsonDepthMax, std::size_t{100}, std::size_t{1'025}, std::size_t{140'000}}) {
        CAPTURE(depth);
        CHECK(fault(in_unknown(depth)).starts_with("malformed_json"));
        CHECK(fault(in_llm(depth)).starts_with("malformed_json"));
        CHECK(
            fault("[" + numbered(1) + "," + in_unknown(depth) + "]").starts_with("malformed_json"));
        CHECK(fault(nested(depth + 1)).starts_with("malformed_json"));
        CHECK(fault(std::string(depth, '[')).starts_with("malformed_json"));
        std::string objects;
        for (std::size_t i = 0; i < depth; ++i) {
            objects += "{\"a\":";
        }
        CHECK(fault(numbered(0, ",\"features\":" + objects + "1" + std::string(depth, '}')))
                  .starts_with("malformed_json"));
    }
}

TEST_CASE("body: limits of items") {
    const std::string large = numbered(
        1,
        ",\"llm\":{\"response\":\"" + std::string(400'000, 'a') + "\",\"prompt\":\"" +
            std::string(500'000, 'b') + "\",\"context\":[\"" + std::string(200'000, 'c') + "\"]}");
    REQUIRE(large.size() > limits::kItemBytesMax);
    CHECK(parse_events(large).status.code() == ErrorCode::kTooLarge);
    CHECK(parse_events("[" + numbered(0) + "," + large + "," + numbered(2) + "]").status.code() ==
          ErrorCode::kTooLarge);
    const Parsed lines =
        parse_events(numbered(0) + "\n" + large + "\n" + numbered(2), BodyForm::kNdjson);
    CHECK(ids_of(lines) == std::vector<std::string>{"r0", "r2"});
    REQUIRE(lines.batch.rejected.size() == 1);
    CHECK(lines.batch.rejected.front().status.code() == ErrorCode::kTooLarge);
    CHECK(lines.batch.rejected.front().text.size() == limits::kRejectedTextMax);

    std::string most = "{}";
    std::string most_lines = "{}\n";
    for (std::size_t i = 1; i < limits::kItemsPerRequestMax; ++i) {
        most += ",{}";
        most_lines += "{}\n";
    }
    CHECK(parse_events("[" + most + "]").batch.rejected.size() == limits::kItemsPerRequestMax);
    CHECK(parse_events(most_lines, BodyForm::kNdjson).batch.items == limits::kItemsPerRequestMax);
    CHECK(parse_events("[" + most + ",{}]").status.code() == ErrorCode::kTooLarge);
    const Parsed too_many = parse_events(most_lines + "{}", BodyForm::kNdjson);
    CHECK(too_many.status.code() == ErrorCode::kTooLarge);
    CHECK(too_many.batch.rejected.empty());
}

TEST_CASE("array: larger than its windows, with cuts that look like ends and are not") {
    std::mt19937_64 random(7);
    const std::string traps[] = {
        R"(,"features":{"a":1})",
        R"(,"features":{"t":"}, {","u":"\"},{\\"})",
        R"(,"prediction":{"ranking":[{"id":"a","score":1}, {"id":"b","score":2},{"id":"c","score":3}]})",
        R"(,"llm":{"context":[")" + std::string(3'000, '{') + R"(},{"]})",
        R"(,"llm":{"prompt":")" + std::string(60'000, 'x') + R"(},{","response":"}\n,\n{"})",
    };
    for (int round = 0; round < 6; ++round) {
        std::string text = "[";
        std::vector<std::string> wanted;
        for (std::size_t i = 0; text.size() < 2'000'000; ++i) {
            text += i > 0 ? (random() % 3 == 0 ? " ,\r\n\t" : ",") : "\n";
            // The fourth round is made of the trap only: every guess of a window is wrong there.
            text += numbered(i, traps[round == 3 ? 4 : random() % (round == 0 ? 1 : 5)]);
            wanted.push_back("r" + std::to_string(i));
        }
        CAPTURE(round);
        const Parsed parsed = parse_events(text + "\n] ");
        INFO(parsed.status.to_string());
        REQUIRE(parsed.status.is_ok());
        CHECK(parsed.batch.rejected.empty());
        CHECK(ids_of(parsed) == wanted);
        // Broken near the end: nothing is taken, and the byte is right.
        const std::size_t at = text.size();
        CHECK(fault(text + "}]") == "malformed_json at byte " + std::to_string(at));
        CHECK(fault(text + ",]") == "malformed_json at byte " + std::to_string(at + 1));
        std::string early = text;
        early.insert(1, "[1,],");
        CHECK(fault(early + "]") == "malformed_json at byte 4");
    }
}

TEST_CASE("array: one string of more than a window, and scalars without end") {
    const std::string large =
        numbered(1, ",\"llm\":{\"prompt\":\"" + std::string(500'000, 'a') + "\"}");
    CHECK(ids_of(parse_events("[" + numbered(0) + "," + large + "," + numbered(2) + "," + large +
                              "]")) == std::vector<std::string>{"r0", "r1", "r2", "r1"});
    std::string scalars = "[1";
    for (std::size_t i = 1; i < limits::kItemsPerRequestMax; ++i) {
        scalars += ", \"s,]}\"";
    }
    const Parsed parsed = parse_events(scalars + "]");
    CHECK(parsed.status.is_ok());
    CHECK(parsed.batch.rejected.size() == limits::kItemsPerRequestMax);
    CHECK(fault("[" + std::string(200'000, '1') + "x," + std::string(200'000, ' ') + "1]")
              .starts_with("malformed_json"));
}

TEST_CASE("batch: deployments, versions and columns have one index each") {
    std::string text;
    for (std::size_t i = 0; i < 30; ++i) {
        text += R"({"deployment_id":"d)" + std::to_string(i % 3) + R"(","model_version":"v)" +
                std::to_string(i % 2) + R"(","request_id":"r)" + std::to_string(i) +
                R"(","score":0,"features":{"a":)" + (i % 2 == 0 ? "1" : "\"x\"") + R"(,"f)" +
                std::to_string(i % 5) + R"(":true}})" + "\n";
    }
    const Parsed parsed = parse_events(text, BodyForm::kNdjson);
    REQUIRE(parsed.batch.extents.size() == 30);
    const std::string payload = parsed.payload();
    auto reader = BatchReader::open(payload);
    model::EventRow row;
    for (std::size_t i = 0; reader->next(row); ++i) {
        CHECK(row.deployment_index == i % 3);
        CHECK(row.deployment == "d" + std::to_string(i % 3));
        CHECK(row.model_version == "v" + std::to_string(i % 2));
        REQUIRE(row.fields.size() == 2);
        CHECK(row.fields[0].name == "a");
        CHECK((row.fields[0].name_index == 0) == (i % 2 == 0));
        CHECK(row.fields[1].name == "f" + std::to_string(i % 5));
    }
    CHECK(reader->ok());
}

}  // namespace aiml042::codec
