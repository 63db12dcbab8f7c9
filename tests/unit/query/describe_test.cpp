#include "query/describe.h"

#include <string>

#include <catch2/catch.hpp>

#include "query/core.h"
#include "replay.h"

namespace aiml042::query {

using namespace test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kNow = 1'754'000'000LL * kSecond;

codec::JsonValue described(const Engine& engine, std::string_view name) {
    const auto text = deployment_json(engine.core(), kProject, name, kNow);
    INFO(text.status().to_string());
    REQUIRE(text.is_ok());
    return parse_json(*text);
}

const codec::JsonValue& at(const codec::JsonValue& value, std::string_view name) {
    INFO(name);
    REQUIRE(value.find(name) != nullptr);
    return *value.find(name);
}

}  // namespace

// It was 404, so that what had just been declared could not be seen.
TEST_CASE("describe: a deployment that was declared and has no events yet") {
    Database database;
    model::DeploymentSettings settings;
    settings.task_type = model::TaskType::kBinary;
    settings.positive_class = "yes";
    settings.threshold = 0.25;
    settings.cohort_keys = {"region"};
    database.declare("new", settings);
    const Engine engine = database.engine();
    const codec::JsonValue shown = described(engine, "new");
    CHECK(at(shown, "deployment_id").string() == "new");
    CHECK(at(shown, "task_type").string() == "binary");
    CHECK(at(shown, "task_type_source").string() == "declared");
    CHECK(at(shown, "positive_class").string() == "yes");
    CHECK(at(shown, "threshold").number() == 0.25);
    CHECK(at(shown, "cohort_keys").items().size() == 1);
    CHECK(at(shown, "events").number() == 0.0);
    CHECK(at(shown, "last_event").type() == codec::JsonValue::Type::kNull);
    CHECK(at(shown, "health_reason").string() == "no events yet");
    CHECK(at(shown, "model_versions").items().empty());
    CHECK(at(shown, "columns").items().empty());
    MetricQuery query;
    query.project = kProject;
    query.deployment = "new";
    query.metrics = {"count"};
    query.range = {kNow - kDay, kNow};
    CHECK(engine.metrics_json(query).is_ok());
    CHECK(deployment_json(engine.core(), kProject, "neww", kNow).code() == ErrorCode::kNotFound);
}

// A column per type and each without the other's rows looked half missing.
TEST_CASE("describe: a feature whose type has changed is missing only where it has no value") {
    Database database;
    std::string events;
    for (int i = 0; i < 10; ++i) {
        const std::string age = i < 4 ? R"({"age":1})" : i < 8 ? R"({"age":"1"})" : "{}";
        events += R"({"deployment_id":"d","model_version":"v","score":0.5,"request_id":")" +
                  std::to_string(i) + R"(","timestamp":)" + std::to_string(kNow / 1000 - i) +
                  R"(,"features":)" + age + R"(,"metadata":{"age":true}})" + "\n";
    }
    database.add_events(events);
    const Engine engine = database.engine();
    const codec::JsonValue shown = described(engine, "d");
    int seen = 0;
    for (const codec::JsonValue& column : at(shown, "columns").items()) {
        if (at(column, "name").string() == "age") {
            const bool feature = at(column, "role").string() == "feature";
            CHECK(at(column, "missing_rate").number() == Approx(feature ? 0.2 : 0.0));
            CHECK(at(column, "distinct").number() == 1.0);
            ++seen;
        }
    }
    CHECK(seen == 3);
}

}  // namespace aiml042::query
