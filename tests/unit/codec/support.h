// What the tests of this room share: parsing a text with its padding, reading a batch back, the
// shared real data.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "codec/inflate.h"
#include "codec/item_parser.h"

namespace aiml042::codec {

inline constexpr Timestamp kArrival = 1'764'064'951LL * kSecond;  // 2025-11-25T10:02:31Z
inline constexpr std::uint64_t kSeed = 42;

inline ParseContext context() {
    return {.project = ProjectId{7}, .identity_seed = kSeed, .arrival = kArrival};
}

/// A body in memory of its exact size plus the padding, which is filled with bytes that would be
/// believed if they were looked at.
class Body {
  public:
    explicit Body(std::string_view text, char padding = '9')
        : size_(text.size()), bytes_(std::make_unique<char[]>(text.size() + ItemParser::kPadding)) {
        text.copy(bytes_.get(), text.size());
        std::fill_n(bytes_.get() + size_, ItemParser::kPadding, padding);
    }

    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

struct Parsed {
    Status status;
    ParsedBatch batch;

    [[nodiscard]] std::string payload() const { return batch.head + batch.rows; }
};

inline Parsed parse(BatchKind kind, std::string_view text, BodyForm form, char padding = '9') {
    // Kept, as a server keeps it, so that one body may disturb the next.
    static ItemParser& parser = *new ItemParser;
    const Body body(text, padding);
    Parsed parsed;
    parsed.status = kind == BatchKind::kEvents
                        ? parser.parse_events(body.view(), form, context(), parsed.batch)
                        : parser.parse_labels(body.view(), form, context(), parsed.batch);
    return parsed;
}

inline Parsed parse_events(std::string_view text, BodyForm form = BodyForm::kJson) {
    return parse(BatchKind::kEvents, text, form);
}

inline Parsed parse_labels(std::string_view text, BodyForm form = BodyForm::kJson) {
    return parse(BatchKind::kLabels, text, form);
}

/// One event read back, with the bytes that its views point into.
template <typename Row>
struct Kept {
    std::string bytes;
    Row row;
};

template <typename Row>
Kept<Row> read_only_row(const Parsed& parsed) {
    INFO(parsed.status.to_string());
    REQUIRE(parsed.status.is_ok());
    if (!parsed.batch.rejected.empty()) {
        INFO(parsed.batch.rejected.front().status.to_string());
        REQUIRE(parsed.batch.rejected.empty());
    }
    Kept<Row> kept{parsed.payload(), {}};
    auto reader = BatchReader::open(kept.bytes);
    REQUIRE(reader.is_ok());
    REQUIRE(reader->next(kept.row));
    Row other;
    REQUIRE_FALSE(reader->next(other));
    REQUIRE(reader->ok());
    return kept;
}

inline Kept<model::EventRow> event(std::string_view text) {
    return read_only_row<model::EventRow>(parse_events(text));
}

inline Kept<model::LabelRow> label(std::string_view text) {
    return read_only_row<model::LabelRow>(parse_labels(text));
}

/// "code pointer" of the only item, which must have been refused; "ok" when it was not.
inline std::string refusal(const Parsed& parsed) {
    INFO(parsed.status.to_string());
    REQUIRE(parsed.status.is_ok());
    if (parsed.batch.rejected.empty()) {
        return "ok";
    }
    REQUIRE(parsed.batch.rejected.size() == 1);
    REQUIRE(parsed.batch.extents.empty());
    REQUIRE(parsed.batch.rows.empty());
    const Status& status = parsed.batch.rejected.front().status;
    return std::string(error_info(status.code()).code) + " " + status.pointer();
}

inline std::string event_refusal(std::string_view text) {
    return refusal(parse_events(text));
}

inline std::string label_refusal(std::string_view text) {
    return refusal(parse_labels(text));
}

/// The folder of real data beside the repository, empty when it is not there.
inline std::filesystem::path shared_data() {
    const char* const named = std::getenv("AIML042_SHARED_DATA");
    const std::filesystem::path folder =
        named != nullptr ? std::filesystem::path(named)
                         : std::filesystem::path(AIML_REPO_ROOT "/../shared/data");
    return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string read_gzip(const std::filesystem::path& path) {
    std::string text;
    REQUIRE(inflate(read_file(path), Encoding::kGzip, std::size_t{1} << 30, text).is_ok());
    return text;
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t size = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return lines;
}

}  // namespace aiml042::codec
