#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "codec/batch.h"
#include "codec/inflate.h"
#include "codec/item_parser.h"
#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr std::size_t kLines = 10'000;  // Per body.
constexpr codec::ParseContext kContext{
    .project = kProject, .identity_seed = 1, .arrival = 1'700'000'000 * kSecond};

std::filesystem::path shared_data() {
    const char* given = std::getenv("AIML042_SHARED_DATA");
    return given != nullptr ? std::filesystem::path(given)
                            : std::filesystem::path(AIML_REPO_ROOT) / ".." / "shared" / "data";
}

std::string inflated(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string packed{std::istreambuf_iterator<char>(in), {}};
    std::string out;
    REQUIRE(codec::inflate(packed, codec::Encoding::kGzip, 1ULL << 30, out).is_ok());
    return out;
}

// Bodies of whole lines, each followed by the parser's padding.
template <typename Use>
void each_body(const std::string& text, Use&& use) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        for (std::size_t line = 0; line < kLines && end < text.size(); ++line) {
            end = std::min(text.find('\n', end), text.size() - 1) + 1;
        }
        std::string body = text.substr(at, end - at);
        const std::size_t size = body.size();
        body.append(codec::ItemParser::kPadding, '\0');
        use(std::string_view(body).substr(0, size));
        at = end;
    }
}

class Replay {
  public:
    explicit Replay(Store& store) : store_(store) {}

    void events(const std::string& text) {
        each_body(text, [&](std::string_view body) {
            REQUIRE(parser_.parse_events(body, codec::BodyForm::kNdjson, kContext, batch_).is_ok());
            REQUIRE(batch_.rejected.empty());
            const std::string payload = batch_.head + batch_.rows;
            auto reader = codec::BatchReader::open(payload);
            REQUIRE(reader.is_ok());
            model::EventRow row;
            std::vector<ColumnId> columns;
            while (reader->next(row)) {
                const DeploymentId deployment = store_.intern_deployment(kProject, row.deployment);
                columns.clear();
                for (const auto& field : row.fields) {
                    columns.push_back(*store_.intern_column(
                        deployment, {field.kind, field.type, std::string(field.name)}));
                }
                const PartitionKey partition{day_of(row.timestamp), kProject, deployment};
                store_.append(partition, row, columns, ++lsn_, row.timestamp);
                partition_of_[row.identity] = partition;
            }
            REQUIRE(reader->ok());
            store_.publish(lsn_);
            REQUIRE(store_.seal(0, kDay).is_ok());
        });
    }

    std::size_t labels(const std::string& text) {
        std::size_t joined = 0;
        each_body(text, [&](std::string_view body) {
            REQUIRE(parser_.parse_labels(body, codec::BodyForm::kNdjson, kContext, batch_).is_ok());
            const std::string payload = batch_.head + batch_.rows;
            auto reader = codec::BatchReader::open(payload);
            REQUIRE(reader.is_ok());
            model::LabelRow row;
            while (reader->next(row)) {
                const PartitionKey partition = partition_of_.at(row.identity);
                const auto found = store_.find_events(partition, row.request_id);
                REQUIRE(found.is_ok());
                REQUIRE(found->size() == 1);
                LabelEntry entry;
                entry.event = found->front();
                entry.sequence = ++lsn_;
                entry.label_ts = row.label_ts;
                entry.arrival = row.label_ts;
                entry.has_class = row.class_text.data() != nullptr;
                entry.class_text = row.class_text;
                entry.value = row.value;
                entry.source = row.source;
                store_.add_label(partition, entry);
                ++joined;
            }
            store_.publish(lsn_);
            REQUIRE(store_.seal(0, 0).is_ok());
        });
        return joined;
    }

  private:
    Store& store_;
    codec::ItemParser parser_;
    codec::ParsedBatch batch_;
    std::map<Hash128, PartitionKey> partition_of_;
    Lsn lsn_ = 0;
};

std::uintmax_t table_bytes(const std::string& folder) {
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        bytes += file.path().extension() == ".sst" ? file.file_size() : 0;
    }
    return bytes;
}

}  // namespace

// Real events in 150 small days: every day of them is overhead, and they must still be small.
TEST_CASE("store: the flights replay is stored in at most 50 bytes an event") {
    const auto flights = shared_data() / "demo" / "replays" / "flights";
    if (!std::filesystem::exists(flights)) {
        WARN("skipped: " << flights.string() << " is not there");
        return;
    }
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Replay replay(*store);
    replay.events(inflated(flights / "events.ndjson.gz"));
    REQUIRE(store->seal(0, 0).is_ok());
    const StoreStats events = store->stats();
    CHECK(events.events == 43'061);
    CHECK(replay.labels(inflated(flights / "labels.ndjson.gz")) == 43'061);
    const StoreStats all = store->stats();
    CHECK(all.labels == 43'061);
    const auto count = static_cast<double>(all.events);
    const double event_bytes = static_cast<double>(events.disk_bytes) / count;
    const double label_bytes = static_cast<double>(all.disk_bytes - events.disk_bytes) / count;
    store.reset();
    store = open_store(folder.path());
    const double files = static_cast<double>(table_bytes(folder.path())) / count;
    std::printf(
        "flights: %.1f B/event and %.1f B/label encoded in %llu blocks; %.1f B/event in files\n",
        event_bytes,
        label_bytes,
        static_cast<unsigned long long>(all.blocks),
        files);
    CHECK(event_bytes <= 50);
    CHECK(label_bytes <= 20);
    check_clean(*store);
    const auto deployment = store->find_deployment(kProject, "flight_delay");
    REQUIRE(deployment.has_value());
    std::uint64_t labelled = 0;
    for (const auto& block : store->blocks(kProject, deployment->id, {})) {
        const auto labels = block->labels();
        REQUIRE(labels.is_ok());
        labelled += (*labels)->labelled_count;
    }
    CHECK(labelled == 43'061);
}
