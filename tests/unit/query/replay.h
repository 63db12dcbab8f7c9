// Real replays in a store of their own: parsed by the codec, appended and joined the plain way, so
// that what the engine answers can be compared with reference answers.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>
#include <zlib.h>

#include "codec/batch.h"
#include "codec/item_parser.h"
#include "codec/json_value.h"
#include "query/engine.h"
#include "store/store.h"

namespace aiml042::query::test {

using codec::JsonValue;

inline constexpr ProjectId kProject{1};
inline constexpr Timestamp kArrival = 1'764'064'951LL * kSecond;  // Later than all replays.

inline std::filesystem::path shared_data() {
    if (const char* given = std::getenv("AIML042_SHARED_DATA")) {
        return given;
    }
    return std::filesystem::path(AIML_REPO_ROOT) / "../shared/data";
}

/// A file, inflated when its name ends in .gz; nothing when it is not there.
inline std::optional<std::string> read_file(const std::filesystem::path& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) {
        return std::nullopt;
    }
    std::string out;
    char buffer[1 << 16];
    for (int n = gzread(file, buffer, sizeof(buffer)); n > 0;
         n = gzread(file, buffer, sizeof(buffer))) {
        out.append(buffer, static_cast<std::size_t>(n));
    }
    gzclose(file);
    return out;
}

inline JsonValue parse_json(std::string_view text) {
    auto parsed = JsonValue::parse(text);
    INFO(text.substr(0, 400));
    INFO(parsed.status().to_string());
    REQUIRE(parsed.is_ok());
    return *std::move(parsed);
}

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "aiml_query_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A store filled from NDJSON, as the fold would fill it.
class Database {
  public:
    Database() {
        auto opened = store::Store::open({.folder = (folder_.path() / "store").string()});
        INFO(opened.status().to_string());
        REQUIRE(opened.is_ok());
        store_ = *std::move(opened);
    }

    [[nodiscard]] store::Store& store() { return *store_; }

    [[nodiscard]] Engine engine(EngineOptions options = {}) const {
        return {*store_,
                [this](ProjectId, std::string_view name) { return settings_of(name); },
                options};
    }

    void declare(const std::string& deployment, model::DeploymentSettings settings) {
        settings_[deployment] = std::move(settings);
    }

    void add_events(std::string_view ndjson) {
        parse(ndjson, true, [this](codec::BatchReader& reader) {
            model::EventRow row;
            while (reader.next(row)) {
                append(row);
            }
        });
    }

    /// Labels of events that were added before; others are left out.
    void add_labels(std::string_view ndjson) {
        parse(ndjson, false, [this](codec::BatchReader& reader) {
            model::LabelRow row;
            while (reader.next(row)) {
                add_label(row);
            }
        });
    }

    void seal() { REQUIRE(store_->seal(0, 0).is_ok()); }

  private:
    struct Place {
        store::PartitionKey partition;
        Lsn sequence = 0;
    };

    [[nodiscard]] std::optional<model::DeploymentSettings> settings_of(
        std::string_view name) const {
        const auto found = settings_.find(std::string(name));
        return found == settings_.end() ? std::nullopt
                                        : std::optional<model::DeploymentSettings>(found->second);
    }

    template <typename Take>
    void parse(std::string_view ndjson, bool events, const Take& take) {
        constexpr std::size_t kPieceBytes = 4 << 20;
        while (!ndjson.empty()) {
            std::size_t cut = ndjson.size();
            if (cut > kPieceBytes) {
                cut = ndjson.rfind('\n', kPieceBytes) + 1;
            }
            std::string piece(ndjson.substr(0, cut));
            ndjson.remove_prefix(cut);
            const std::size_t size = piece.size();
            piece.resize(size + codec::ItemParser::kPadding, ' ');
            codec::ParsedBatch batch;
            const codec::ParseContext context{
                .project = kProject, .identity_seed = 1, .arrival = kArrival};
            const std::string_view body = std::string_view(piece).substr(0, size);
            const Status status =
                events ? parser_.parse_events(body, codec::BodyForm::kNdjson, context, batch)
                       : parser_.parse_labels(body, codec::BodyForm::kNdjson, context, batch);
            INFO(status.to_string());
            REQUIRE(status.is_ok());
            INFO((batch.rejected.empty() ? "" : batch.rejected[0].status.to_string()));
            REQUIRE(batch.rejected.empty());
            const std::string payload = batch.head + batch.rows;
            auto reader = codec::BatchReader::open(payload);
            REQUIRE(reader.is_ok());
            take(*reader);
            REQUIRE(reader->ok());
        }
        store_->publish(next_ - 1);
    }

    void append(const model::EventRow& row) {
        const DeploymentId deployment = store_->intern_deployment(kProject, row.deployment);
        std::vector<ColumnId> columns;
        for (const model::FieldView& field : row.fields) {
            columns.push_back(*store_->intern_column(
                deployment, {field.kind, field.type, std::string(field.name)}));
        }
        const auto day = static_cast<std::int32_t>(floor_to(row.timestamp, kDay) / kDay);
        const store::PartitionKey partition{day, kProject, deployment};
        store_->append(partition, row, columns, next_, row.timestamp + kSecond);
        places_[std::string(row.request_id)] = {partition, next_++};
    }

    void add_label(const model::LabelRow& row) {
        const auto place = places_.find(std::string(row.request_id));
        const Lsn sequence = next_++;
        if (place == places_.end()) {
            return;
        }
        store::LabelEntry entry;
        entry.event = place->second.sequence;
        entry.sequence = sequence;
        entry.label_ts = row.label_ts;
        entry.arrival = row.label_ts;
        entry.has_class = row.class_text.data() != nullptr;
        entry.class_text = row.class_text;
        entry.value = row.value;
        entry.source = row.source;
        entry.remainder = row.remainder;
        store_->add_label(place->second.partition, std::move(entry));
    }

    TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
    codec::ItemParser parser_;
    std::map<std::string, model::DeploymentSettings> settings_;
    std::unordered_map<std::string, Place> places_;
    Lsn next_ = 1;
};

}  // namespace aiml042::query::test
