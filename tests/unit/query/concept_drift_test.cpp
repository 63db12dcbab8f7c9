// Errors in the order of time and vectors of embeddings do not depend on how events lie in blocks.

#include "query/concept_drift.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "metrics/embedding_drift.h"
#include "query/embedding_reader.h"
#include "query/reference_codec.h"
#include "replay.h"

using namespace aiml042;               // NOLINT(google-build-using-namespace)
using namespace aiml042::query;        // NOLINT(google-build-using-namespace)
using namespace aiml042::query::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;  // 2023-11-15, 00:00.
constexpr int kEvents = 1'200;

std::string event_of(int i, std::mt19937_64& random) {
    std::string vector;
    for (int k = 0; k < 4; ++k) {
        vector +=
            fmt::format("{}{}",
                        k == 0 ? "" : ",",
                        static_cast<double>(random() % 2'001) / 1e3 - (k == 0 && i < 800 ? 3 : 1));
    }
    return fmt::format(
        R"({{"deployment_id":"m","model_version":"v1","request_id":"r{}","timestamp":"{}",)"
        R"("prediction":{{"class":"yes"}},"embeddings":{{"e":[{}]}}}})"
        "\n",
        i,
        format_rfc3339(kStart + i * kMinute),
        vector);
}

/// Every event is wrong one in ten times, after 700 every second time; event i is in part i %
/// parts, each part sealed by itself but for the last when `open`.
void fill(Database& database, int parts, bool open) {
    std::mt19937_64 random(5);
    std::vector<std::string> events(static_cast<std::size_t>(parts));
    std::string labels;
    for (int i = 0; i < kEvents; ++i) {
        events[static_cast<std::size_t>(i % parts)] += event_of(i, random);
        const bool wrong = random() % 100 < (i < 700 ? 10U : 50U);
        labels +=
            fmt::format(R"({{"request_id":"r{}","deployment_id":"m","label":{{"class":"{}"}}}})"
                        "\n",
                        i,
                        wrong ? "no" : "yes");
    }
    for (std::size_t part = 0; part < events.size(); ++part) {
        database.add_events(events[part]);
        if (part + 1 < events.size() || !open) {
            database.seal();
        }
    }
    database.add_labels(labels);
}

MetricQuery rows_of(std::vector<std::string> metrics) {
    MetricQuery query;
    query.project = kProject;
    query.deployment = "m";
    query.metrics = std::move(metrics);
    return query;
}

/// Without what counts stored items.
std::string without_sequence(const Result<std::string>& answer) {
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    return answer->substr(0, answer->find("\"as_of_seq\""));
}

std::string changes_of(int parts, bool open) {
    Database database;
    fill(database, parts, open);
    const Engine engine = database.engine();
    return without_sequence(
        concept_drift_json(engine.core(), {.rows = rows_of({}), .detectors = {}}));
}

std::string vectors_of(int parts, bool open) {
    Database database;
    fill(database, parts, open);
    const Engine engine = database.engine();
    MetricQuery query = rows_of({"cosine_shift", "mmd"});
    query.range = {kStart + 6 * kHour, kStart + 20 * kHour};
    query.step = 7 * kHour;
    query.feature = "e";
    query.reference.emplace().window = {kStart, kStart + 6 * kHour};
    const auto answer = engine.metrics_csv(query);
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    return *answer;
}

}  // namespace

TEST_CASE("concept drift: blocks that overlap in time give the order of time") {
    const std::string want = changes_of(1, true);
    CHECK(want.find(R"("events":1200)") != std::string::npos);
    CHECK(want.find(R"("direction":"up")") != std::string::npos);
    CHECK(changes_of(1, false) == want);
    CHECK(changes_of(3, false) == want);
    CHECK(changes_of(4, true) == want);
}

TEST_CASE("embeddings: blocks and cells do not change what is compared") {
    const std::string want = vectors_of(1, true);
    CHECK(want.find("mmd") != std::string::npos);
    CHECK(vectors_of(1, false) == want);
    CHECK(vectors_of(3, false) == want);
    CHECK(vectors_of(4, true) == want);
}

TEST_CASE("embeddings: stored vectors are read as they were sent") {
    std::vector<float> out;
    read_vector("[1,-2.5,3e2,0.1]", out);
    CHECK(out == std::vector<float>{1.0F, -2.5F, 300.0F, 0.1F});
    read_vector("[]", out);
    CHECK(out.empty());
}

TEST_CASE("references: embeddings are what was written, or damaged") {
    metrics::EmbeddingSample state;
    std::mt19937_64 random(6);
    for (std::uint64_t i = 0; i < 50; ++i) {
        state.add(std::vector<float>{static_cast<float>(random() % 100), 2.0F, 0.25F}, i);
    }
    state.add({}, 1);
    state.add(std::vector<float>{1.0F}, 1);
    const auto column = metrics::EmbeddingColumn::of(state);
    const std::string bytes = encode_reference_embedding(column);
    const auto read = decode_reference_embedding(bytes);
    REQUIRE(read.is_ok());
    CHECK(read->name() == column.name());
    CHECK(decode_reference_embedding(encode_reference_embedding({}))->length == 0);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        CHECK_FALSE(decode_reference_embedding(std::string_view(bytes).substr(0, cut)).is_ok());
    }
    CHECK_FALSE(decode_reference_embedding(bytes + "x").is_ok());
}
