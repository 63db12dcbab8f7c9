#include "codec/batch.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "support.h"

namespace aiml042::codec {

namespace {

std::string sample_events() {
    return parse_events(
               R"([{"deployment_id":"d","model_version":"v","request_id":"r1","prediction":{"class":"a","score":0.1,"scores":{"a":0.1}},
        "features":{"n":0.30000000000000004,"s":"text","b":true},"llm":{"prompt":"p","input_tokens":3},"shadow":true},
        {"deployment_id":"e","model_version":"w","trace_id":"t2","error_code":"E","experiment":{"id":"x","variant":"B"}}])")
        .payload();
}

std::string sample_labels() {
    return parse_labels(
               R"([{"request_id":"r1","deployment_id":"d","label":{"class":"a"},"source":"s"},{"request_id":"r2","label":{"relevance":{"d":1}}}])")
        .payload();
}

/// Reads everything; the count of rows, and whether all of it was well-formed.
template <typename Row>
std::pair<std::size_t, bool> drain(std::string_view payload) {
    // Memory of the exact size, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact(payload.begin(), payload.end());
    auto reader = BatchReader::open({exact.data(), exact.size()});
    if (!reader.is_ok()) {
        CHECK(reader.code() == ErrorCode::kCorruptBlock);
        return {0, false};
    }
    Row row;
    std::size_t count = 0;
    while (reader->next(row)) {
        ++count;
    }
    return {count, reader->ok()};
}

}  // namespace

TEST_CASE("batch: a payload tells its kind, project and arrival") {
    for (const auto& [payload, kind] : {std::pair{sample_events(), BatchKind::kEvents},
                                        std::pair{sample_labels(), BatchKind::kLabels}}) {
        auto reader = BatchReader::open(payload);
        REQUIRE(reader.is_ok());
        CHECK(reader->kind() == kind);
        CHECK(reader->project() == ProjectId{7});
        CHECK(reader->arrival() == kArrival);
    }
    CHECK(drain<model::EventRow>(sample_events()) == std::pair{std::size_t{2}, true});
    CHECK(drain<model::LabelRow>(sample_labels()) == std::pair{std::size_t{2}, true});
}

TEST_CASE("batch: rows can be left out, each extent is one row by itself") {
    const Parsed parsed = parse_events(
        R"([{"deployment_id":"d","model_version":"v","request_id":"r1","score":0,"features":{"a":1}},
        {"deployment_id":"e","model_version":"v","request_id":"r2","score":0,"features":{"b":1}}])");
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& extent = parsed.batch.extents[i];
        const std::string payload =
            parsed.batch.head + parsed.batch.rows.substr(extent.offset, extent.length);
        auto reader = BatchReader::open(payload);
        model::EventRow row;
        REQUIRE(reader->next(row));
        CHECK(row.request_id == "r" + std::to_string(i + 1));
        CHECK(row.deployment_index == i);
        CHECK(row.fields[0].name_index == i);
        CHECK_FALSE(reader->next(row));
        CHECK(reader->ok());
    }
}

TEST_CASE("batch: rows of the wrong kind are not read") {
    const std::string events = sample_events();
    auto reader = BatchReader::open(events);
    model::LabelRow row;
    CHECK_FALSE(reader->next(row));
    CHECK_FALSE(reader->ok());
}

TEST_CASE("batch: every cut is noticed unless it falls between rows") {
    const Parsed parsed = parse_events(
        R"([{"deployment_id":"d","model_version":"v","request_id":"r1","score":0.25,"features":{"a":1,"b":"x"}},
        {"deployment_id":"e","model_version":"v","request_id":"r2","score":0}])");
    const std::string payload = parsed.payload();
    for (std::size_t size = 0; size < payload.size(); ++size) {
        CAPTURE(size);
        const auto [count, good] = drain<model::EventRow>(payload.substr(0, size));
        const bool between = size == parsed.batch.head.size() ||
                             size == parsed.batch.head.size() + parsed.batch.extents[1].offset;
        CHECK(good == between);
    }
}

TEST_CASE("batch: damaged bytes are read or refused, never beyond the end") {
    std::mt19937_64 random(3);
    std::size_t refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string payload = i % 2 == 0 ? sample_events() : sample_labels();
        for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
            payload[random() % payload.size()] = static_cast<char>(random());
        }
        const auto [count, good] =
            i % 2 == 0 ? drain<model::EventRow>(payload) : drain<model::LabelRow>(payload);
        CHECK(count <= 4);
        refused += good ? 0U : 1U;
    }
    CHECK(refused > 5'000);
}

TEST_CASE("batch: a format of the future is refused") {
    std::string payload = sample_events();
    payload[1] = 2;
    CHECK(BatchReader::open(payload).code() == ErrorCode::kCorruptBlock);
}

}  // namespace aiml042::codec
