#include "codec/event_parser.h"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "support.h"

namespace aiml042::codec {

namespace {

using model::ColumnKind;
using model::FieldView;
using model::ValueType;

const FieldView* find(const model::EventRow& row, ColumnKind kind, std::string_view name) {
    for (const auto& field : row.fields) {
        if (field.kind == kind && field.name == name) {
            return &field;
        }
    }
    return nullptr;
}

/// A whole event with `members` in it.
std::string with(const std::string& members) {
    return R"({"deployment_id":"d","model_version":"v","request_id":"r",)" + members + "}";
}

/// The same with a prediction.
std::string predicted(const std::string& members) {
    return with(R"("prediction":1,)" + members);
}

}  // namespace

TEST_CASE("event: the example of the requirements comes back field by field") {
    const auto kept = event(R"({
  "deployment_id": "dep_123",
  "model_version": "rec_sys_v5",
  "request_id": "req_abc",
  "timestamp": "2025-11-25T10:02:31Z",
  "prediction": {"class": "approve", "score": 0.82},
  "features": {"age": 42, "region": "NA"},
  "latency_ms": 45,
  "metadata": {"cohort": "web", "ab_bucket": "A"}
})");
    const model::EventRow& row = kept.row;
    CHECK(row.deployment == "dep_123");
    CHECK(row.model_version == "rec_sys_v5");
    CHECK(row.request_id == "req_abc");
    CHECK(row.trace_id.data() == nullptr);
    CHECK(row.timestamp == kArrival);
    CHECK(row.predicted_class == "approve");
    CHECK(row.score == 0.82);
    CHECK(row.latency_ms == 45.0);
    CHECK(std::isnan(row.predicted_value));
    CHECK_FALSE(row.shadow);
    CHECK(row.remainder.data() == nullptr);
    CHECK(row.identity == model::identity_of(ProjectId{7}, "dep_123", "req_abc", kSeed));
    REQUIRE(row.fields.size() == 4);
    CHECK(find(row, ColumnKind::kFeature, "age")->number == 42.0);
    CHECK(find(row, ColumnKind::kFeature, "region")->text == "NA");
    CHECK(find(row, ColumnKind::kMetadata, "cohort")->text == "web");
    CHECK(find(row, ColumnKind::kMetadata, "ab_bucket")->text == "A");
}

TEST_CASE("event: everything that can be sent is kept") {
    const auto kept = event(with(R"(
        "trace_id":"t","timestamp":1764064951500,"score":0.25,
        "prediction":{"class":"a","scores":{"a":0.25,"b":0.75},"value":-1.5,"quantiles":{"0.10":1,"0.9":2},
                      "ranking":[{"id":"x","score":1.50},{"score":-2e0,"id":7}],"action":3,"propensity":1,"text":"h\u0069"},
        "features":{"n":1.5,"s":"text","b":true,"f":false,"missing":null},
        "embeddings":{"e":[0.10,-1,2e3]},"attributions":{"n":-0.0,"s":3},
        "latency_ms":0,"error_code":"timeout","metadata":{"m":12345678901234567000,"k":"v"},"prompt_version":"p1",
        "llm":{"prompt":"a\nb","response":"r","context":["c1","c2"],"citations":["c1",2,{"doc":"x"}],
               "retrieved":[{"id":"d1","score":0.5,"text":"t","updated_at":"2025-01-01"},{"id":2}],
               "input_tokens":10,"output_tokens":20,"cost_usd":0.0015,"model":"gpt","refusal":false},
        "experiment":{"id":"exp","variant":"B"},"shadow":true)"));
    const model::EventRow& row = kept.row;
    CHECK(row.trace_id == "t");
    CHECK(row.timestamp == kArrival + 500 * kMillisecond);
    CHECK(row.score == 0.25);
    CHECK(row.predicted_class == "a");
    CHECK(row.predicted_value == -1.5);
    CHECK(row.action == "3");
    CHECK(row.propensity == 1.0);
    CHECK(row.latency_ms == 0.0);
    CHECK(row.error_code == "timeout");
    CHECK(row.prompt_version == "p1");
    CHECK(row.input_tokens == 10.0);
    CHECK(row.output_tokens == 20.0);
    CHECK(row.cost_usd == 0.0015);
    CHECK(row.experiment == "exp");
    CHECK(row.variant == "B");
    CHECK(row.shadow);
    CHECK(
        row.remainder ==
        R"({"ranking":[{"id":"x","score":1.50},{"score":-2e0,"id":7}],"text":"h\u0069","embeddings":{"e":[0.10,-1,2e3]},)"
        R"("llm":{"prompt":"a\nb","response":"r","context":["c1","c2"],"citations":["c1",2,{"doc":"x"}],)"
        R"("retrieved":[{"id":"d1","score":0.5,"text":"t","updated_at":"2025-01-01"},{"id":2}],)"
        R"("model":"gpt","refusal":false}})");
    REQUIRE(row.fields.size() == 12);
    CHECK(find(row, ColumnKind::kClassScore, "b")->number == 0.75);
    CHECK(find(row, ColumnKind::kQuantile, "0.1")->number == 1.0);
    CHECK(find(row, ColumnKind::kFeature, "n")->number == 1.5);
    CHECK(find(row, ColumnKind::kFeature, "b")->type == ValueType::kBool);
    CHECK(find(row, ColumnKind::kFeature, "b")->number == 1.0);
    CHECK(find(row, ColumnKind::kFeature, "f")->number == 0.0);
    CHECK(find(row, ColumnKind::kFeature, "missing") == nullptr);
    CHECK(std::signbit(find(row, ColumnKind::kAttribution, "n")->number));
    CHECK(find(row, ColumnKind::kMetadata, "m")->number == 12345678901234567000.0);
}

TEST_CASE("event: every form of a prediction") {
    CHECK(event(with(R"("prediction":12.5)")).row.predicted_value == 12.5);
    CHECK(event(with(R"("prediction":{"value":-3})")).row.predicted_value == -3.0);
    CHECK(event(with(R"("score":0.5)")).row.score == 0.5);
    CHECK(event(with(R"("score":1,"prediction":{"class":"x","score":1.0})")).row.score == 1.0);
    CHECK(event(with(R"("error_code":"E1")")).row.error_code == "E1");
    CHECK(event(with(R"("error_code":"E1","prediction":null)")).row.predicted_class.data() ==
          nullptr);
    CHECK(event(with(R"("prediction":{"text":"hi"})")).row.remainder == R"({"text":"hi"})");
    CHECK(event(with(R"("prediction":{"class":"a","scores":{"a":1}})")).row.fields.size() == 1);
    CHECK(std::isnan(event(with(R"("prediction":{"class":"a","scores":{"a":1}})")).row.score));
}

TEST_CASE("event: a class is text, whatever was sent") {
    const auto class_of = [](const std::string& sent) {
        return std::string(
            event(with(R"("prediction":{"class":)" + sent + "}")).row.predicted_class);
    };
    CHECK(class_of(R"("yes")") == "yes");
    CHECK(class_of("1") == "1");
    CHECK(class_of("1.0") == "1");
    CHECK(class_of("-0.5") == "-0.5");
    CHECK(class_of("100000") == "100000");
    CHECK(class_of("1e21") == "1e+21");
    CHECK(class_of("true") == "true");
    CHECK(class_of("false") == "false");
}

TEST_CASE("event: each field with each wrong type is refused by name") {
    struct Field {
        const char* name;
        const char* pointer;
        const char* right;  // Letters of the types it takes: s, n, b, o, a.
    };

    const Field fields[] = {
        {"deployment_id", "/deployment_id", "s"},
        {"model_version", "/model_version", "s"},
        {"request_id", "/request_id", "s"},
        {"trace_id", "/trace_id", "s"},
        {"timestamp", "/timestamp", "sn"},
        {"prediction", "/prediction", "no"},
        {"score", "/score", "n"},
        {"features", "/features", "o"},
        {"embeddings", "/embeddings", "o"},
        {"attributions", "/attributions", "o"},
        {"latency_ms", "/latency_ms", "n"},
        {"error_code", "/error_code", "s"},
        {"metadata", "/metadata", "o"},
        {"prompt_version", "/prompt_version", "s"},
        {"llm", "/llm", "o"},
        {"experiment", "/experiment", "o"},
        {"shadow", "/shadow", "b"},
    };
    const std::pair<char, const char*> values[] = {
        {'s', "\"x\""}, {'n', "1"}, {'b', "true"}, {'o', "{}"}, {'a', "[]"}};
    for (const Field& field : fields) {
        for (const auto& [type, text] : values) {
            if (std::string_view(field.right).find(type) != std::string_view::npos) {
                continue;
            }
            CAPTURE(field.name, text);
            CHECK(event_refusal(std::string("{\"") + field.name + "\":" + text + "}") ==
                  std::string("invalid_field ") + field.pointer);
        }
    }
}

TEST_CASE("event: nested fields with wrong types or values are refused with their pointer") {
    const std::pair<const char*, const char*> cases[] = {
        {R"("prediction":{"class":null})", "missing_field /prediction"},
        {R"("prediction":{})", "missing_field /prediction"},
        {R"("prediction":{"class":[]})", "invalid_field /prediction/class"},
        {R"("prediction":{"class":""})", "invalid_field /prediction/class"},
        {R"("prediction":{"score":"0.5"})", "invalid_field /prediction/score"},
        {R"("prediction":{"score":1.01})", "out_of_range /prediction/score"},
        {R"("prediction":{"score":-0.01})", "out_of_range /prediction/score"},
        {R"("prediction":{"scores":{"a":2}})", "out_of_range /prediction/scores/a"},
        {R"("prediction":{"scores":{"a/b~c":true}})", "invalid_field /prediction/scores/a~1b~0c"},
        {R"("prediction":{"scores":[0.5]})", "invalid_field /prediction/scores"},
        {R"("prediction":{"value":"1"})", "invalid_field /prediction/value"},
        {R"("prediction":{"quantiles":{"p50":1}})", "invalid_field /prediction/quantiles/p50"},
        {R"("prediction":{"quantiles":{"1.5":1}})", "invalid_field /prediction/quantiles/1.5"},
        {R"("prediction":{"quantiles":{"0.5":1,"0.50":2}})",
         "duplicate_field /prediction/quantiles/0.5"},
        {R"("prediction":{"ranking":{}})", "invalid_field /prediction/ranking"},
        {R"("prediction":{"ranking":[{"id":"a","score":1},7]})",
         "invalid_field /prediction/ranking/1"},
        {R"("prediction":{"ranking":[{"id":"a"}]})", "missing_field /prediction/ranking/0/score"},
        {R"("prediction":{"ranking":[{"id":[],"score":1}]})",
         "invalid_field /prediction/ranking/0/id"},
        {R"("prediction":{"ranking":[{"id":"a","score":1,"rank":1}]})",
         "unknown_field /prediction/ranking/0/rank"},
        {R"("prediction":{"action":"a","propensity":0})", "out_of_range /prediction/propensity"},
        {R"("prediction":{"action":"a","propensity":1.5})", "out_of_range /prediction/propensity"},
        {R"("prediction":{"propensity":0.5})", "missing_field /prediction"},
        {R"("prediction":{"value":1,"propensity":0.5})", "missing_field /prediction/action"},
        {R"("prediction":{"text":5})", "invalid_field /prediction/text"},
        {R"("prediction":{"klass":5})", "unknown_field /prediction/klass"},
        {R"("prediction":"yes")", "invalid_field /prediction"},
        {R"("prediction":{"class":"a","score":0.5},"score":0.6)", "invalid_field /score"},
        {R"("score":2)", "out_of_range /score"},
        {R"("prediction":1,"features":{"a":{}})", "invalid_field /features/a"},
        {R"("prediction":1,"features":{"a":[1]})", "invalid_field /features/a"},
        {R"("prediction":1,"features":{"a":1,"a":2})", "duplicate_field /features/a"},
        {R"("prediction":1,"features":{"a":1,"\u0061":"x"})", "duplicate_field /features/a"},
        {R"("prediction":1,"features":{"a":null,"a":null})", "duplicate_field /features/a"},
        {R"("prediction":1,"features":{"":1})", "invalid_field /features/"},
        {R"("prediction":1,"metadata":{"a":{}})", "invalid_field /metadata/a"},
        {R"("prediction":1,"metadata":{"a":"","a":1})", "duplicate_field /metadata/a"},
        {R"("prediction":1,"attributions":{"a":"1"})", "invalid_field /attributions/a"},
        {R"("prediction":1,"embeddings":{"a":1})", "invalid_field /embeddings/a"},
        {R"("prediction":1,"embeddings":{"a":[1,"2"]})", "invalid_field /embeddings/a/1"},
        {R"("prediction":1,"embeddings":{"a":[1],"a":[1]})", "duplicate_field /embeddings/a"},
        {R"("prediction":1,"latency_ms":-1)", "out_of_range /latency_ms"},
        {R"("prediction":1,"latency_ms":-1e-9)", "out_of_range /latency_ms"},
        {R"("prediction":1,"latency_ms":1e400)", "out_of_range /latency_ms"},
        {R"("prediction":1,"error_code":"")", "invalid_field /error_code"},
        {R"("prediction":1,"experiment":{"id":"e"})", "missing_field /experiment/variant"},
        {R"("prediction":1,"experiment":{"variant":"A"})", "missing_field /experiment/id"},
        {R"("prediction":1,"experiment":{"id":1,"variant":"A"})", "invalid_field /experiment/id"},
        {R"("prediction":1,"llm":{"prompt":1})", "invalid_field /llm/prompt"},
        {R"("prediction":1,"llm":{"context":"c"})", "invalid_field /llm/context"},
        {R"("prediction":1,"llm":{"context":["c",1]})", "invalid_field /llm/context/1"},
        {R"("prediction":1,"llm":{"retrieved":[{"score":1}]})",
         "missing_field /llm/retrieved/0/id"},
        {R"("prediction":1,"llm":{"retrieved":[{"id":1,"id":2}]})",
         "duplicate_field /llm/retrieved/0/id"},
        {R"("prediction":1,"llm":{"retrieved":[{"id":1,"x":{"y":1,"y":2}}]})",
         "duplicate_field /llm/retrieved/0/x/y"},
        {R"("prediction":1,"llm":{"input_tokens":-1})", "out_of_range /llm/input_tokens"},
        {R"("prediction":1,"llm":{"refusal":"no"})", "invalid_field /llm/refusal"},
        {R"("prediction":1,"llm":{"promt":"x"})", "unknown_field /llm/promt"},
        {R"("prediction":1,"latency":5)", "unknown_field /latency"},
        {R"("prediction":1,"request_id":"r")", "duplicate_field /request_id"},
        {R"("prediction":1,"prediction":1)", "duplicate_field /prediction"},
        {R"("prediction":1,"deployment\u005fid":"e")", "duplicate_field /deployment_id"},
    };
    for (const auto& [members, wanted] : cases) {
        CAPTURE(members);
        CHECK(event_refusal(with(members)) == wanted);
    }
}

TEST_CASE("event: what is required") {
    CHECK(event_refusal("{}") == "missing_field /deployment_id");
    CHECK(event_refusal(R"({"deployment_id":"d"})") == "missing_field /model_version");
    CHECK(event_refusal(R"({"deployment_id":"d","model_version":"v"})") ==
          "missing_field /request_id");
    CHECK(event_refusal(R"({"deployment_id":"d","model_version":"v","request_id":"r"})") ==
          "missing_field /prediction");
    CHECK(event_refusal(R"({"deployment_id":null,"model_version":"v"})") ==
          "missing_field /deployment_id");
    const auto traced =
        event(R"({"deployment_id":"d","model_version":"v","trace_id":"t","score":0})");
    CHECK(traced.row.request_id == "t");
    CHECK(traced.row.trace_id == "t");
    CHECK(traced.row.identity == model::identity_of(ProjectId{7}, "d", "t", kSeed));
}

TEST_CASE(
    "event: an unknown field is named together with the nearest known one, and no value is "
    "repeated") {
    const Parsed parsed = parse_events(with(R"("prediction":1,"latency":"secret-4711")"));
    REQUIRE(parsed.batch.rejected.size() == 1);
    const Status& status = parsed.batch.rejected.front().status;
    CHECK(status.detail().find("latency_ms") != std::string::npos);
    CHECK(status.detail().find("4711") == std::string::npos);
    const Parsed wrong = parse_events(with(R"("prediction":1,"latency_ms":"secret-4711")"));
    CHECK(wrong.batch.rejected.front().status.detail() == "expected a number, found a string");
    CHECK(wrong.batch.rejected.front().text.find("4711") != std::string::npos);
}

TEST_CASE("event: times") {
    const auto time_of = [](const std::string& sent) {
        return event(predicted("\"timestamp\":" + sent)).row.timestamp;
    };
    const auto refused = [](const std::string& sent) {
        return event_refusal(predicted("\"timestamp\":" + sent));
    };
    CHECK(event(with(R"("prediction":1)")).row.timestamp == kArrival);
    CHECK(time_of("null") == kArrival);
    CHECK(time_of("0") == 0);
    CHECK(time_of("-1000.5") == -1'000'500);
    CHECK(time_of("1764064951000") == kArrival);
    CHECK(time_of(R"("1600-01-01T00:00:00Z")") == kTimestampMin);
    CHECK(refused(R"("1599-12-31T23:59:59Z")") == "out_of_range /timestamp");
    CHECK(refused(R"("0001-01-01T00:00:00Z")") == "out_of_range /timestamp");
    CHECK(refused(R"("9999-12-31T23:59:59Z")") == "out_of_range /timestamp");
    CHECK(refused(R"("2036-11-27T00:00:00Z")") == "out_of_range /timestamp");
    CHECK(time_of(R"("2035-11-24T00:00:00Z")") == parse_rfc3339("2035-11-24T00:00:00Z"));
    CHECK(refused("1e18") == "out_of_range /timestamp");
    CHECK(refused("-1e300") == "out_of_range /timestamp");
    CHECK(refused(R"("2025-11-25")") == "invalid_field /timestamp");
    CHECK(refused(R"("2025-11-25T10:02:31+25:00")") == "invalid_field /timestamp");
    CHECK(refused("true") == "invalid_field /timestamp");
    // Each form after a time of the same day and of another one: the date is remembered between
    // events.
    for (const char* text : {"2025-11-25T10:02:31Z",
                             "2025-11-25T23:59:59.999Z",
                             "2025-11-25T00:00:00.000Z",
                             "2016-12-31T23:59:60Z",
                             "2016-12-31T23:59:59Z",
                             "2016-12-31T23:59:60.500Z",
                             "2016-12-31T01:00:00.25Z",
                             "2016-12-31T01:00:00+01:00",
                             "2016-12-31t01:00:00z",
                             "1969-12-31T23:59:59.001Z",
                             "1969-12-31T00:00:00Z"}) {
        CAPTURE(text);
        CHECK(time_of('"' + std::string(text) + '"') == parse_rfc3339(text));
    }
    for (const char* text : {"1969-12-31T24:00:00Z",
                             "1969-12-31T00:60:00Z",
                             "1969-12-31T00:0x:00Z",
                             "1969-12-31T00:00:00.1x0Z"}) {
        CAPTURE(text);
        CHECK(refused('"' + std::string(text) + '"') == "invalid_field /timestamp");
    }
}

TEST_CASE("event: text comes back byte for byte") {
    const auto kept = event(with(
        R"("prediction":{"class":"\u0000a\u202e\u2028"},"features":{"t\"\\":"\ud83d\ude00\u0000\b\f\n\r\t\/\"","é":"日本"})"));
    CHECK(kept.row.predicted_class == std::string_view("\0a\u202e\u2028", 8));
    REQUIRE(kept.row.fields.size() == 2);
    CHECK(kept.row.fields[0].name == "t\"\\");
    CHECK(kept.row.fields[0].text == std::string_view("\U0001F600\0\b\f\n\r\t/\"", 12));
    CHECK(kept.row.fields[1].name == "é");
    CHECK(kept.row.fields[1].text == "日本");
    CHECK(event(predicted(R"("features":{"a":""})")).row.fields[0].text.data() != nullptr);
}

// A name or id is asked for in a URL, where control characters and dot segments cannot be.
TEST_CASE("event: names and ids that no URL can hold are refused, values are not") {
    for (const std::string bad :
         {R"(a\u0000)", R"(\n)", R"(a\tb)", R"(\u001f)", "a\x7F", R"(\u007f)"}) {
        CAPTURE(bad);
        const std::string text = '"' + bad + '"';
        for (const std::string field : {"deployment_id",
                                        "model_version",
                                        "request_id",
                                        "trace_id",
                                        "error_code",
                                        "prompt_version"}) {
            CHECK(event_refusal("{\"" + field + "\":" + text + "}") == "invalid_field /" + field);
        }
        CHECK(event_refusal(predicted("\"experiment\":{\"id\":" + text + "}")) ==
              "invalid_field /experiment/id");
        for (const std::string kind : {"features", "metadata", "attributions", "embeddings"}) {
            CHECK(event_refusal(predicted("\"" + kind + "\":{" + text + ":1}"))
                      .starts_with("invalid_field /" + kind + "/"));
        }
        CHECK(event_refusal(predicted("\"metadata\":{\"a\":" + text + "}")) == "ok");
        CHECK(event_refusal(with("\"prediction\":{\"class\":" + text + "}")) == "ok");
    }
    for (const std::string bad : {R"(".")", R"("..")", R"("\u002e")"}) {
        CAPTURE(bad);
        for (const std::string field :
             {"deployment_id", "model_version", "request_id", "trace_id"}) {
            CHECK(event_refusal("{\"" + field + "\":" + bad + "}") == "invalid_field /" + field);
        }
        CHECK(event_refusal(predicted("\"features\":{" + bad + ":1}")) == "ok");
    }
    CHECK(event_refusal(
              R"({"deployment_id":"...","model_version":".a","request_id":"..b","score":1})") ==
          "ok");
}

TEST_CASE("event: names that look alike in JSON are not mixed up by the guess") {
    // The second event's keys begin with the bytes of the first one's, quote and backslash
    // included.
    const auto lines =
        with(
            R"("prediction":1,"features":{"a":1,"b\\":2,"c\"":3,"abcdefghijklmnopqrstuvwxyz":4})") +
        "\n" +
        with(
            R"("prediction":1,"features":{"a\"":1,"b\\\"":2,"c\\":3,"abcdefghijklmnopqrstuvwxyzz":4})") +
        "\n" + with(R"("prediction":1,"features":{"b":1,"abcdefghijklmnopqrstuvwxyz":2,"a":3})");
    const Parsed parsed = parse_events(lines, BodyForm::kNdjson);
    REQUIRE(parsed.batch.extents.size() == 3);
    const std::string payload = parsed.payload();
    auto reader = BatchReader::open(payload);
    model::EventRow row;
    std::vector<std::string> names;
    while (reader->next(row)) {
        for (const auto& field : row.fields) {
            names.emplace_back(field.name);
        }
    }
    CHECK(names == std::vector<std::string>{"a",
                                            "b\\",
                                            "c\"",
                                            "abcdefghijklmnopqrstuvwxyz",
                                            "a\"",
                                            "b\\\"",
                                            "c\\",
                                            "abcdefghijklmnopqrstuvwxyzz",
                                            "b",
                                            "abcdefghijklmnopqrstuvwxyz",
                                            "a"});
}

TEST_CASE("event: limits") {
    const auto name = [](std::size_t n) { return '"' + std::string(n, 'n') + '"'; };
    const auto features = [](std::size_t n) {
        std::string text = "\"features\":{";
        for (std::size_t i = 0; i < n; ++i) {
            text += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":" + std::to_string(i);
        }
        return predicted(text + "}");
    };
    CHECK(event_refusal(predicted("\"features\":{" + name(256) + ":1}")) == "ok");
    CHECK(event_refusal(predicted("\"features\":{" + name(257) + ":1}"))
              .starts_with("out_of_range /features/nnn"));
    CHECK(event_refusal(predicted("\"features\":{\"a\":" + name(8192) + "}")) == "ok");
    CHECK(event_refusal(predicted("\"features\":{\"a\":" + name(8193) + "}")) ==
          "out_of_range /features/a");
    CHECK(event_refusal("{\"deployment_id\":" + name(257) + "}") == "out_of_range /deployment_id");
    CHECK(event_refusal("{\"request_id\":" + name(257) + "}") == "out_of_range /request_id");
    CHECK(event_refusal(predicted("\"error_code\":" + name(257))) == "out_of_range /error_code");
    CHECK(event(features(2'048)).row.fields.size() == 2'048);
    CHECK(event_refusal(features(2'049)) == "cardinality_limit /features");
    CHECK(parse_events(features(100'000)).status.code() == ErrorCode::kTooLarge);
    CHECK(refusal(parse_events("[" + features(50'000) + "]")) == "cardinality_limit /features");
    std::string numbers = "[1";
    for (std::size_t i = 1; i < limits::kEmbeddingLengthMax; ++i) {
        numbers += ",1";
    }
    CHECK(event_refusal(predicted("\"embeddings\":{\"e\":" + numbers + "]}")) == "ok");
    CHECK(event_refusal(predicted("\"embeddings\":{\"e\":" + numbers + ",1]}")) ==
          "out_of_range /embeddings/e/4096");
    CHECK(event_refusal(predicted("\"llm\":{\"prompt\":" + name(limits::kTextBytesMax) + "}")) ==
          "ok");
    CHECK(event_refusal(predicted("\"llm\":{\"prompt\":" + name(limits::kTextBytesMax + 1) +
                                  "}")) == "out_of_range /llm/prompt");
    // An unknown key of any length makes a short pointer.
    const Parsed long_key = parse_events(predicted(name(500'000) + ":1"));
    REQUIRE(long_key.batch.rejected.size() == 1);
    CHECK(long_key.batch.rejected.front().status.pointer().size() < 300);
    CHECK(long_key.batch.rejected.front().text.size() == limits::kRejectedTextMax);
}

TEST_CASE(
    "event: too many distinct names in one request refuse the items beyond, not those before") {
    std::string lines;
    std::size_t n = 0;
    for (int item = 0; item < 40; ++item) {
        lines += R"({"deployment_id":"d","model_version":"v","request_id":"r)" +
                 std::to_string(item) + R"(","score":0,"features":{)";
        for (int i = 0; i < 2'000; ++i) {
            lines += (i > 0 ? ",\"f" : "\"f") + std::to_string(n++) + "\":1";
        }
        lines += "}}\n";
    }
    ItemParser parser;  // Its own: names that a parser has seen before are not new.
    ParsedBatch batch;
    const Body body(lines);
    REQUIRE(parser.parse_events(body.view(), BodyForm::kNdjson, context(), batch).is_ok());
    CHECK(batch.extents.size() == 32);
    REQUIRE(batch.rejected.size() == 8);
    CHECK(batch.rejected.front().status.code() == ErrorCode::kCardinalityLimit);
    const Body next(predicted(R"("features":{"new":1})"));
    REQUIRE(parser.parse_events(next.view(), BodyForm::kJson, context(), batch).is_ok());
    CHECK(batch.extents.size() == 1);
}

// Two ids that are the same double would be one group, one class, one value.
TEST_CASE("event: an integer that a double cannot hold is refused where it may be an id") {
    const std::pair<const char*, bool> cases[] = {
        {"9007199254740991", true},
        {"9007199254740992", true},
        {"9007199254740993", false},
        {"-9007199254740993", false},
        {"1700000000123456789", false},
        {"1152921504606846976", true},  // 2^60.
        {"1152921504606847000", true},  // As JavaScript writes it.
        {"123456789012345678901234567890", false},
        {"9007199254740993.0", true},
        {"0.12345678901234567890123", true},
        {"1e300", true}};
    for (const auto& [number, is_taken] : cases) {
        CAPTURE(number);
        const std::string text = number;
        CHECK(event_refusal(predicted("\"features\":{\"a\":" + text + "}")) ==
              (is_taken ? "ok" : "out_of_range /features/a"));
        CHECK(event_refusal(predicted("\"metadata\":{\"a\":" + text + "}")) ==
              (is_taken ? "ok" : "out_of_range /metadata/a"));
        CHECK(event_refusal(with("\"prediction\":{\"class\":" + text + "}")) ==
              (is_taken ? "ok" : "out_of_range /prediction/class"));
        CHECK(event_refusal(with("\"prediction\":{\"value\":" + text + "}")) == "ok");
    }
}

TEST_CASE("event: numbers beyond the doubles are refused, those too near to zero are zero") {
    for (const char* text : {"1e309", "-1e309", "123123e100000", "1e99999999999999999999"}) {
        CAPTURE(text);
        CHECK(event_refusal(predicted(std::string("\"features\":{\"a\":") + text + "}")) ==
              "out_of_range /features/a");
        CHECK(event_refusal(predicted(std::string("\"embeddings\":{\"a\":[") + text + "]}")) ==
              "out_of_range /embeddings/a/0");
        CHECK(event_refusal(predicted(std::string("\"llm\":{\"citations\":[") + text + "]}")) ==
              "out_of_range /llm/citations/0");
    }
    const auto kept = event(predicted(R"("features":{"a":1e-400,"b":-1e-99999999999,"c":0.)" +
                                      std::string(400, '0') + R"(1,"d":1)" + std::string(300, '0') +
                                      R"(,"e":5e-324,"f":1.7976931348623157e308})"));
    CHECK(kept.row.fields[0].number == 0.0);
    CHECK(std::signbit(kept.row.fields[1].number));
    CHECK(kept.row.fields[2].number == 0.0);
    CHECK(kept.row.fields[3].number == 1e300);
    CHECK(kept.row.fields[4].number == 5e-324);
    CHECK(kept.row.fields[5].number == 1.7976931348623157e308);
    const std::string million(900'000, '9');
    CHECK(event_refusal(predicted("\"features\":{\"a\":" + million + "}")) ==
          "out_of_range /features/a");
    CHECK(event(predicted("\"features\":{\"a\":0." + million + "}")).row.fields[0].number == 1.0);
}

}  // namespace aiml042::codec
