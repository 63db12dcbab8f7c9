#include "ingest/census.h"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "codec/item_parser.h"

namespace aiml042::ingest {
namespace {

using model::ColumnKey;
using model::ColumnKind;
using model::ValueType;

/// Passes NDJSON of events through a parser and a census.
class Door {
  public:
    explicit Door(std::vector<KnownDeployment> stored = {})
        : census_(
              [this, stored = std::move(stored)](ProjectId) {
                  ++asked;
                  return stored;
              },
              7) {}

    codec::ParsedBatch& pass(std::string body) {
        const std::size_t size = body.size();
        body.append(codec::ItemParser::kPadding, ' ');
        const std::string_view text = std::string_view(body).substr(0, size);
        REQUIRE(parser_
                    .parse_events(text,
                                  codec::BodyForm::kNdjson,
                                  {.project = ProjectId{1}, .identity_seed = 7, .arrival = 5},
                                  batch_)
                    .is_ok());
        census_.admit(text, batch_);
        return batch_;
    }

    int asked = 0;

  private:
    codec::ItemParser parser_;
    codec::ParsedBatch batch_;
    Census census_;
};

std::string event(std::string_view deployment, std::string_view features) {
    return R"({"deployment_id":")" + std::string(deployment) +
           R"(","model_version":"v","prediction":1,"request_id":"r","features":{)" +
           std::string(features) + "}}\n";
}

/// "f<first>": 1, … of `count` features.
std::string features(std::size_t first, std::size_t count) {
    std::string text;
    for (std::size_t i = first; i < first + count; ++i) {
        text += (text.empty() ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    }
    return text;
}

std::vector<std::string> rows_of(const codec::ParsedBatch& batch) {
    std::vector<std::string> names;
    const std::string payload = batch.head + batch.rows;
    auto reader = codec::BatchReader::open(payload);
    REQUIRE(reader.is_ok());
    model::EventRow row;
    while (reader->next(row)) {
        names.emplace_back(row.fields.empty() ? "" : row.fields.back().name);
    }
    REQUIRE(reader->ok());
    return names;
}

TEST_CASE("a name too many costs only its item", "[ingest]") {
    Door door;
    constexpr std::size_t kMax = limits::kColumnsPerDeploymentMax;
    CHECK(door.pass(event("d", features(0, kMax / 2))).rejected.empty());
    const std::string newest = "{ \"f1\":2, \"x/~\":3 }";
    codec::ParsedBatch& batch = door.pass(
        event("d", features(kMax / 2, kMax / 2)) +
        R"({"deployment_id":"d","model_version":"v","prediction":1,"request_id":"s","metadata":)" +
        newest + "} \n" + event("d", "\"f1\":2") + event("d", R"("f2":"text")") +
        event("e", "\"x\":1"));
    REQUIRE(batch.rejected.size() == 2);
    CHECK(batch.rejected[0].index == 1);
    CHECK(batch.rejected[0].status.code() == ErrorCode::kCardinalityLimit);
    CHECK(batch.rejected[0].status.pointer() == "/metadata/f1");
    CHECK(batch.rejected[0].text.ends_with(newest + "}"));
    CHECK(batch.rejected[1].index == 3);
    CHECK(batch.rejected[1].status.pointer() == "/features/f2");
    REQUIRE(batch.extents.size() == 3);
    CHECK(batch.extents[1].index == 2);
    CHECK(batch.extents[0].offset == 0);
    CHECK(batch.extents[1].offset == batch.extents[0].length);
    CHECK(rows_of(batch) == std::vector<std::string>{"f" + std::to_string(kMax - 1), "f1", "x"});
    CHECK(door.asked == 1);
}

TEST_CASE("what the store has counts, and is known", "[ingest]") {
    KnownDeployment full{.name = "d", .columns = {}};
    for (std::size_t i = 0; i < limits::kColumnsPerDeploymentMax; ++i) {
        full.columns.push_back({ColumnKind::kFeature, ValueType::kNumber, "f" + std::to_string(i)});
    }
    Door door({full});
    CHECK(door.pass(event("d", features(100, 50))).rejected.empty());
    CHECK(door.pass(event("d", features(100, 50))).rejected.empty());  // By its table.
    CHECK(door.pass(event("d", R"("f100":true)")).rejected.size() == 1);
    // A table with a name that was refused is not known by its look.
    CHECK(door.pass(event("d", R"("f100":true)")).rejected.size() == 1);
}

TEST_CASE("rejected items stand in the order of the request", "[ingest]") {
    KnownDeployment full{.name = "d", .columns = {}};
    for (std::size_t i = 0; i < limits::kColumnsPerDeploymentMax; ++i) {
        full.columns.push_back({ColumnKind::kFeature, ValueType::kNumber, "f" + std::to_string(i)});
    }
    Door door({full});
    const codec::ParsedBatch& batch =
        door.pass("{}\n" + event("d", R"("new":1)") + "{\"a\":1}\n" + event("d", R"("new":1)"));
    REQUIRE(batch.rejected.size() == 4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(batch.rejected[i].index == i);
    }
    CHECK(batch.extents.empty());
    CHECK(batch.rows.empty());
}

TEST_CASE("a project has so many deployments", "[ingest]") {
    std::vector<KnownDeployment> stored;
    for (std::size_t i = 1; i < limits::kDeploymentsPerProjectMax; ++i) {
        stored.push_back({.name = "d" + std::to_string(i), .columns = {}});
    }
    Door door(std::move(stored));
    const codec::ParsedBatch& batch =
        door.pass(event("last", "\"a\":1") + event("more", "\"a\":1") + event("d1", "\"a\":1"));
    REQUIRE(batch.rejected.size() == 1);
    CHECK(batch.rejected[0].index == 1);
    CHECK(batch.rejected[0].status.pointer() == "/deployment_id");
    CHECK(batch.extents.size() == 2);
}

}  // namespace
}  // namespace aiml042::ingest
