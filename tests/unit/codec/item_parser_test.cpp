#include "codec/item_parser.h"

#include <catch2/catch.hpp>

#include "support.h"

namespace aiml042::codec {

namespace {

const model::FieldView* find(const model::EventRow& row, model::ColumnKind kind, std::string_view name) {
    for (const auto& field : row.fields) {
        if (field.kind == kind && field.name == name) {
            return &field;
        }
    }
    return nullptr;
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
    CHECK(find(row, model::ColumnKind::kFeature, "age")->number == 42.0);
    CHECK(find(row, model::ColumnKind::kFeature, "region")->text == "NA");
    CHECK(find(row, model::ColumnKind::kMetadata, "cohort")->text == "web");
    CHECK(find(row, model::ColumnKind::kMetadata, "ab_bucket")->text == "A");
}

}  // namespace aiml042::codec
