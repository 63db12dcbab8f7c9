// Every event and label of the real data is taken, and comes back from the batch as the JSON says,
// read by the DOM of simdjson, which shares no code with the parser.
#include <bit>
#include <cmath>
#include <cstdio>

#include <catch2/catch.hpp>
#include <simdjson.h>

#include "codec/item_parser.h"
#include "support.h"

namespace aiml042::codec {

namespace {

using model::ColumnKind;
using model::EventRow;
using model::LabelRow;
using model::ValueType;
using simdjson::dom::element;
using simdjson::dom::element_type;

std::string_view text_at(const element& item, const char* pointer) {
    std::string_view text;
    return item.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

double number_at(const element& item, const char* pointer) {
    double number = 0.0;
    return item.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : model::kMissing;
}

bool same(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
}

/// Whether `row` has as many columns of `kind` as the object at `pointer` has values, each equal.
/// Adds their count.
bool columns_equal(const EventRow& row,
                   ColumnKind kind,
                   const element& item,
                   const char* pointer,
                   std::size_t& count) {
    simdjson::dom::object values;
    if (item.at_pointer(pointer).get(values) != simdjson::SUCCESS) {
        return true;
    }
    for (const auto [key, value] : values) {
        if (value.is_null()) {
            continue;
        }
        const auto* const field = &row.fields[count++];
        if (field->kind != kind || field->name != key) {
            return false;
        }
        switch (value.type()) {
            case element_type::STRING:
                if (field->type != ValueType::kString || field->text != std::string_view(value)) {
                    return false;
                }
                break;
            case element_type::BOOL:
                if (field->type != ValueType::kBool || field->number != (bool(value) ? 1.0 : 0.0)) {
                    return false;
                }
                break;
            default:
                if (field->type != ValueType::kNumber || !same(field->number, double(value))) {
                    return false;
                }
        }
    }
    return true;
}

bool remainder_equal(std::string_view remainder,
                     const element& item,
                     const char* pointer,
                     const char* inner) {
    element wanted;
    if (item.at_pointer(pointer).get(wanted) != simdjson::SUCCESS) {
        return true;
    }
    simdjson::dom::parser parser;
    element found;
    const simdjson::padded_string text(remainder);
    return parser.parse(text).at_pointer(inner).get(found) == simdjson::SUCCESS &&
           simdjson::to_string(found) == simdjson::to_string(wanted);
}

bool event_equal(const EventRow& row, const element& item) {
    std::size_t count = 0;
    // Kinds come in the order in which the fields stand in the data: prediction, features,
    // metadata, attributions.
    const bool columns =
        columns_equal(row, ColumnKind::kClassScore, item, "/prediction/scores", count) &&
        columns_equal(row, ColumnKind::kQuantile, item, "/prediction/quantiles", count) &&
        columns_equal(row, ColumnKind::kFeature, item, "/features", count) &&
        columns_equal(row, ColumnKind::kMetadata, item, "/metadata", count) &&
        columns_equal(row, ColumnKind::kAttribution, item, "/attributions", count) &&
        count == row.fields.size();
    bool sent = false;
    const bool shadow = item.at_pointer("/shadow").get(sent) == simdjson::SUCCESS && sent;
    return columns && row.deployment == text_at(item, "/deployment_id") &&
           row.model_version == text_at(item, "/model_version") &&
           row.request_id == text_at(item, "/request_id") &&
           row.timestamp == parse_rfc3339(text_at(item, "/timestamp")) &&
           row.predicted_class == text_at(item, "/prediction/class") &&
           same(row.score, number_at(item, "/prediction/score")) &&
           same(row.predicted_value, number_at(item, "/prediction/value")) &&
           row.action == text_at(item, "/prediction/action") &&
           same(row.propensity, number_at(item, "/prediction/propensity")) &&
           row.experiment == text_at(item, "/experiment/id") &&
           row.variant == text_at(item, "/experiment/variant") && row.shadow == shadow &&
           remainder_equal(row.remainder, item, "/llm", "/llm") &&
           remainder_equal(row.remainder, item, "/prediction/text", "/text") &&
           remainder_equal(row.remainder, item, "/prediction/ranking", "/ranking");
}

bool label_equal(const LabelRow& row, const element& item) {
    const double value = number_at(item, "/label/value");
    return row.request_id == text_at(item, "/request_id") &&
           row.deployment == text_at(item, "/deployment_id") &&
           row.class_text == text_at(item, "/label/class") &&
           same(row.value, std::isnan(value) ? number_at(item, "/label/reward") : value) &&
           row.label_ts == parse_rfc3339(text_at(item, "/label_ts")) &&
           row.source == text_at(item, "/source") &&
           remainder_equal(row.remainder, item, "/label/relevance", "/relevance");
}

template <typename Row>
bool equal(const Row& row, const element& item) {
    if constexpr (std::is_same_v<Row, EventRow>) {
        return event_equal(row, item);
    } else {
        return label_equal(row, item);
    }
}

/// Parses `text`, reads it back and compares item by item. Returns the count of items.
template <typename Row>
std::size_t compare(BatchKind kind,
                    std::string_view text,
                    BodyForm form,
                    const std::vector<std::string_view>& lines) {
    const Parsed parsed = parse(kind, text, form);
    INFO(parsed.status.to_string());
    REQUIRE(parsed.status.is_ok());
    if (!parsed.batch.rejected.empty()) {
        FAIL(parsed.batch.rejected.front().status.to_string()
             << " in " << parsed.batch.rejected.front().text);
    }
    REQUIRE(parsed.batch.extents.size() == lines.size());
    const std::string payload = parsed.payload();
    auto reader = BatchReader::open(payload);
    REQUIRE(reader.is_ok());
    CHECK(reader->project() == ProjectId{7});
    CHECK(reader->arrival() == kArrival);
    simdjson::dom::parser dom;
    Row row;
    std::size_t count = 0;
    for (; reader->next(row); ++count) {
        const element item = dom.parse(lines[count]);
        if (!equal(row, item) || row.identity != parsed.batch.extents[count].identity) {
            FAIL("differs: " << lines[count]);
        }
    }
    REQUIRE(reader->ok());
    REQUIRE(count == lines.size());
    return count;
}

/// The lines cut into bodies of 20,000, as NDJSON and as an array.
template <typename Row>
std::size_t compare_file(BatchKind kind, const std::filesystem::path& path) {
    CAPTURE(path.string());
    const std::string text = read_gzip(path);
    const auto lines = lines_of(text);
    std::size_t count = 0;
    for (std::size_t first = 0; first < lines.size(); first += 20'000) {
        const std::vector<std::string_view> part(
            lines.begin() + static_cast<std::ptrdiff_t>(first),
            lines.begin() + static_cast<std::ptrdiff_t>(std::min(first + 20'000, lines.size())));
        std::string as_lines;
        std::string as_array = "[";
        for (const std::string_view line : part) {
            as_lines.append(line).append("\r\n");
            as_array.append(as_array.size() > 1 ? " ,\n" : "").append(line);
        }
        as_array += "]";
        count += compare<Row>(kind, as_lines, BodyForm::kNdjson, part);
        compare<Row>(kind, as_array, BodyForm::kJson, part);
    }
    return count;
}

}  // namespace

TEST_CASE("replays: every real event and label is taken and read back equal", "[real]") {
    const auto data = shared_data();
    if (data.empty()) {
        std::puts("skipped: the shared data is not beside the repository");
        return;
    }
    std::size_t events = 0;
    std::size_t labels = 0;
    for (const auto& folder : {data / "replays", data / "demo" / "replays"}) {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            events += compare_file<EventRow>(BatchKind::kEvents, entry.path() / "events.ndjson.gz");
            labels += compare_file<LabelRow>(BatchKind::kLabels, entry.path() / "labels.ndjson.gz");
        }
    }
    CHECK(events > 500'000);
    CHECK(labels > 500'000);
}

}  // namespace aiml042::codec
