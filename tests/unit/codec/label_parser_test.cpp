#include "codec/label_parser.h"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "support.h"

namespace aiml042::codec {

namespace {

std::string with(const std::string& members) {
    return R"({"request_id":"r",)" + members + "}";
}

}  // namespace

TEST_CASE("label: the example of the requirements") {
    const auto kept = label(R"({"request_id": "req_abc", "label": {"class": "approve"},
        "label_ts": "2025-11-26T10:02:31Z", "source": "crm_system"})");
    CHECK(kept.row.request_id == "req_abc");
    CHECK(kept.row.deployment.data() == nullptr);
    CHECK(kept.row.class_text == "approve");
    CHECK(std::isnan(kept.row.value));
    CHECK(kept.row.remainder.data() == nullptr);
    CHECK(kept.row.label_ts == kArrival + kDay);
    CHECK(kept.row.source == "crm_system");
    CHECK(kept.row.identity == model::identity_of(ProjectId{7}, "", "req_abc", kSeed));
}

TEST_CASE("label: with a deployment the identity is that of the event") {
    const auto kept = label(R"({"deployment_id":"d","request_id":"t","label":1})");
    CHECK(kept.row.deployment == "d");
    CHECK(kept.row.request_id == "t");
    CHECK(kept.row.label_ts == kArrival);
    CHECK(kept.row.identity == model::identity_of(ProjectId{7}, "d", "t", kSeed));
}

TEST_CASE("label: every form") {
    struct Case {
        const char* sent;
        const char* class_text;  // Null: none.
        double value;
        const char* remainder;
    };

    constexpr double kNone = model::kMissing;
    const Case cases[] = {
        {R"("yes")", "yes", kNone, nullptr},
        {"1", "1", 1.0, nullptr},
        {"0.5", "0.5", 0.5, nullptr},
        {"true", "true", 1.0, nullptr},
        {"false", "false", 0.0, nullptr},
        {R"({"class":"a"})", "a", kNone, nullptr},
        {R"({"class":1})", "1", kNone, nullptr},
        {R"({"class":1.0})", "1", kNone, nullptr},
        {R"({"class":true})", "true", kNone, nullptr},
        {R"({"value":2.5})", nullptr, 2.5, nullptr},
        {R"({"reward":-1})", nullptr, -1.0, nullptr},
        {R"({"class":"a","value":3})", "a", 3.0, nullptr},
        {R"({"relevance":{ "d1" : 2, "d\"2": 0.50 }})",
         nullptr,
         kNone,
         R"({"relevance":{"d1":2,"d\"2":0.50}})"},
        {R"({"relevance":{}})", nullptr, kNone, R"({"relevance":{}})"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.sent);
        const auto kept = label(with(std::string("\"label\":") + one.sent));
        CHECK((kept.row.class_text.data() == nullptr) == (one.class_text == nullptr));
        CHECK(kept.row.class_text == (one.class_text == nullptr ? "" : one.class_text));
        CHECK(
            (kept.row.value == one.value || (std::isnan(kept.row.value) && std::isnan(one.value))));
        CHECK(kept.row.remainder == (one.remainder == nullptr ? "" : one.remainder));
    }
}

TEST_CASE("label: what is refused") {
    const std::pair<const char*, const char*> cases[] = {
        {R"("label":null)", "missing_field /label"},
        {R"("label":{})", "missing_field /label"},
        {R"("label":[])", "invalid_field /label"},
        {R"("label":"")", "invalid_field /label"},
        {R"("label":{"class":{}})", "invalid_field /label/class"},
        {R"("label":{"value":"1"})", "invalid_field /label/value"},
        {R"("label":{"value":1e999})", "out_of_range /label/value"},
        {R"("label":{"reward":true})", "invalid_field /label/reward"},
        {R"("label":{"value":1,"reward":1})", "invalid_field /label"},
        {R"("label":{"value":1,"value":1})", "duplicate_field /label/value"},
        {R"("label":{"relevance":[1]})", "invalid_field /label/relevance"},
        {R"("label":{"relevance":{"d":"1"}})", "invalid_field /label/relevance/d"},
        {R"("label":{"relevance":{"d":1,"d":2}})", "duplicate_field /label/relevance/d"},
        {R"("label":{"relevance":{"":1}})", "out_of_range /label/relevance/"},
        {R"("label":{"klass":1})", "unknown_field /label/klass"},
        {R"("label":9007199254740993)", "out_of_range /label"},
        {R"("label":1,"label_ts":"yesterday")", "invalid_field /label_ts"},
        {R"("label":1,"label_ts":"9000-01-01T00:00:00Z")", "out_of_range /label_ts"},
        {R"("label":1,"source":5)", "invalid_field /source"},
        {R"("label":1,"deployment_id":5)", "invalid_field /deployment_id"},
        {R"("label":1,"request_id":"x")", "duplicate_field /request_id"},
        {R"("label":1,"labelts":0)", "unknown_field /labelts"},
    };
    for (const auto& [members, wanted] : cases) {
        CAPTURE(members);
        CHECK(label_refusal(with(members)) == wanted);
    }
    CHECK(label_refusal(R"({"label":1})") == "missing_field /request_id");
    CHECK(label_refusal(R"({"request_id":"a\n","label":1})") == "invalid_field /request_id");
    CHECK(label_refusal(R"({"request_id":"..","label":1})") == "invalid_field /request_id");
    CHECK(label_refusal(with(R"("label":1,"deployment_id":"\t")")) ==
          "invalid_field /deployment_id");
    CHECK(label_refusal(with(R"("label":1,"deployment_id":".")")) ==
          "invalid_field /deployment_id");
    CHECK(label_refusal(R"({"request_id":7,"label":1})") == "invalid_field /request_id");
}

TEST_CASE("label: a trace_id is no name of an event, and the refusal says what is") {
    // An event sent with both ids is known by its request_id: its trace_id would find nothing.
    const Parsed parsed = parse_labels(R"({"trace_id":"t","label":1})");
    CHECK(refusal(parsed) == "unknown_field /trace_id");
    const std::string& detail = parsed.batch.rejected.front().status.detail();
    CHECK(detail.find("request_id, which is the trace id") != std::string::npos);
}

TEST_CASE("label: many documents, one of them twice") {
    std::string text = "{";
    for (int i = 0; i < 2'000; ++i) {
        text += "\"d" + std::to_string(i) + "\":1,";
    }
    CHECK(label_refusal(with("\"label\":{\"relevance\":" + text + "\"e\":1}}")) == "ok");
    CHECK(label_refusal(with("\"label\":{\"relevance\":" + text + "\"d77\":1}}")) ==
          "duplicate_field /label/relevance/d77");
}

}  // namespace aiml042::codec
