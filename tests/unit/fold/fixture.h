// An engine in small for tests of the fold: parser, identity index, a log in memory, the fold, the
// store; and the answer a store must give, worked out from the raw log alone.

#pragma once

#include <algorithm>
#include <atomic>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "base/log.h"
#include "codec/item_parser.h"
#include "fold/applier.h"
#include "identity/index.h"
#include "model/column.h"
#include "store/store.h"

namespace aiml042::fold::test {

inline constexpr ProjectId kProject{7};
inline constexpr std::uint64_t kSeed = 0x5EED;
inline constexpr Timestamp kStart = 1'764'000'000LL * kSecond;

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "aiml_fold_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const {
        return (path_ / name).string();
    }

  private:
    std::filesystem::path path_;
};

struct LoggedRecord {
    Lsn first = 0;
    std::uint32_t count = 0;
    std::string payload;

    [[nodiscard]] wal::Record view() const {
        return {.first = first, .count = count, .payload = payload};
    }
};

/// What was committed, whatever became of everything else.
struct MemoryLog {
    std::vector<LoggedRecord> records;
    Lsn next = 1;
};

struct StoredLabel {
    Lsn sequence = 0;
    std::string class_text;
    std::string value;  // Text, so that a missing one compares equal.

    friend auto operator<=>(const StoredLabel&, const StoredLabel&) = default;
};

struct StoredEvent {
    std::string deployment;
    std::string request_id;
    Timestamp timestamp = 0;
    std::map<std::string, std::string> features;
    std::vector<StoredLabel> labels;  // By sequence.

    friend auto operator<=>(const StoredEvent&, const StoredEvent&) = default;
};

/// By sequence of the event: a sequence can be there once.
using Content = std::map<Lsn, StoredEvent>;

inline std::string number_text(double value) {
    return value != value ? std::string() : std::to_string(value);
}

/// Parses, dedupes and appends to the log like the gate does.
class MiniGate {
  public:
    /// Returns the last sequence; 0 when nothing was taken.
    Lsn submit(codec::BatchKind kind,
               std::string body,
               Timestamp arrival,
               identity::Index& identities,
               MemoryLog& log) {
        body.append(codec::ItemParser::kPadding, ' ');
        const std::string_view text(body.data(), body.size() - codec::ItemParser::kPadding);
        const codec::ParseContext context{
            .project = kProject, .identity_seed = kSeed, .arrival = arrival};
        const Status status =
            kind == codec::BatchKind::kEvents
                ? parser_.parse_events(text, codec::BodyForm::kJson, context, batch_)
                : parser_.parse_labels(text, codec::BodyForm::kJson, context, batch_);
        INFO(status.to_string());
        REQUIRE(status.is_ok());
        for (const codec::Rejection& rejection : batch_.rejected) {
            FAIL(rejection.status.to_string());
        }
        LoggedRecord record{.first = log.next, .count = 0, .payload = batch_.head};
        for (const codec::RowExtent& extent : batch_.extents) {
            const auto day = static_cast<std::int32_t>(floor_to(extent.timestamp, kDay) / kDay);
            if (kind == codec::BatchKind::kEvents &&
                !identities.insert(extent.identity, day, arrival)) {
                continue;
            }
            record.payload.append(batch_.rows, extent.offset, extent.length);
            ++record.count;
        }
        if (record.count == 0) {
            return 0;
        }
        log.next += record.count;
        log.records.push_back(std::move(record));
        return log.next - 1;
    }

  private:
    codec::ItemParser parser_;
    codec::ParsedBatch batch_;
};

/// What the store must hold after the log's first `records` records. One pass in order, no store,
/// no index.
inline Content expected_content(const MemoryLog& log, std::size_t records) {
    Content content;

    struct Waiting {
        StoredLabel label;
        std::string deployment;
        std::string request_id;
    };

    std::vector<Waiting> waiting;
    for (std::size_t r = 0; r < records; ++r) {
        const LoggedRecord& record = log.records[r];
        auto reader = codec::BatchReader::open(record.payload);
        REQUIRE(reader.is_ok());
        model::EventRow event;
        model::LabelRow label;
        for (Lsn at = record.first; at < record.first + record.count; ++at) {
            if (reader->kind() == codec::BatchKind::kEvents) {
                REQUIRE(reader->next(event));
                StoredEvent& stored = content[at];
                stored.deployment = event.deployment;
                stored.request_id = event.request_id;
                stored.timestamp = event.timestamp;
                for (const model::FieldView& field : event.fields) {
                    stored.features[std::string(field.name)] =
                        field.type == model::ValueType::kString ? std::string(field.text)
                                                                : number_text(field.number);
                }
                std::erase_if(waiting, [&](const Waiting& w) {
                    const bool mine = w.request_id == stored.request_id &&
                                      (w.deployment.empty() || w.deployment == stored.deployment);
                    if (mine) {
                        stored.labels.push_back(w.label);
                    }
                    return mine && !w.deployment.empty();
                });
                continue;
            }
            REQUIRE(reader->next(label));
            const StoredLabel stored{at, std::string(label.class_text), number_text(label.value)};
            bool found = false;
            for (auto& [sequence, candidate] : content) {
                if (candidate.request_id == label.request_id &&
                    (label.deployment.empty() || candidate.deployment == label.deployment)) {
                    candidate.labels.push_back(stored);
                    found = true;
                }
            }
            if (!found || label.deployment.empty()) {
                waiting.push_back(
                    {stored, std::string(label.deployment), std::string(label.request_id)});
            }
        }
    }
    for (auto& [sequence, event] : content) {
        std::ranges::sort(event.labels);
    }
    return content;
}

inline void add_block(Content& content,
                      const store::Block& block,
                      const store::DeploymentInfo& deployment) {
    const auto column = [&](ColumnId id) {
        auto read = block.column(id);
        INFO(read.status().to_string());
        REQUIRE(read.is_ok());
        return *read;
    };
    const auto sequences = column(model::builtin::kSequence);
    const auto requests = column(model::builtin::kRequestId);
    const auto times = column(model::builtin::kTimestamp);
    for (std::size_t i = 0; i < block.rows(); ++i) {
        const auto sequence = static_cast<Lsn>(sequences->integers[i]);
        REQUIRE(content.count(sequence) == 0);  // Stored twice otherwise.
        StoredEvent& event = content[sequence];
        event.deployment = deployment.name;
        event.request_id = requests->strings.at(requests->codes[i]);
        event.timestamp = times->integers[i];
        const auto history = block.label_history(sequence);
        REQUIRE(history.is_ok());
        for (const store::LabelEntry& label : *history) {
            event.labels.push_back({label.sequence, label.class_text, number_text(label.value)});
        }
        std::ranges::sort(event.labels);
    }
    for (const store::ColumnInfo& info : deployment.schema->columns) {
        const auto values = column(info.id);
        for (std::size_t i = 0; values != nullptr && i < block.rows(); ++i) {
            StoredEvent& event = content[static_cast<Lsn>(sequences->integers[i])];
            if (info.key.type == model::ValueType::kString) {
                if (values->codes[i] != model::kNullCode) {
                    event.features[info.key.name] = values->strings.at(values->codes[i]);
                }
            } else if (values->numbers[i] == values->numbers[i]) {
                event.features[info.key.name] = number_text(values->numbers[i]);
            }
        }
    }
}

inline Content content_of(const store::Store& store) {
    Content content;
    for (const store::DeploymentInfo& deployment : store.deployments(kProject)) {
        for (const auto& block : store.blocks(kProject, deployment.id, TimeRange{})) {
            add_block(content, *block, deployment);
        }
    }
    return content;
}

/// Store, index and fold over one folder.
struct Engine {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<identity::Index> identities;
    std::unique_ptr<Applier> fold;
    std::atomic<Timestamp> now{kStart};
    std::atomic<Lsn> head{1};

    explicit Engine(const std::string& folder, Timestamp horizon = 7 * kDay) {
        set_log_level(LogLevel::kError);
        std::filesystem::create_directories(folder);
        auto opened = store::Store::open({.folder = folder + "/store"});
        INFO(opened.status().to_string());
        REQUIRE(opened.is_ok());
        store = std::move(*opened);
        auto index = identity::Index::open(
            {.folder = folder + "/ids", .dedupe_horizon = horizon, .merge_inline = true});
        REQUIRE(index.is_ok());
        identities = std::move(*index);
        fold =
            std::make_unique<Applier>(*store, *identities, ApplierOptions{.identity_seed = kSeed});
    }

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// As at a start: identities, then the log from the store's head.
    void recover(const MemoryLog& log) {
        fold->begin_replay();
        const Lsn from = store->head();
        for (const LoggedRecord& record : log.records) {
            if (record.first + record.count > from) {
                REQUIRE(fold->apply(record.view()).is_ok());
            }
        }
        REQUIRE(fold->finish_replay().is_ok());
        store->publish(std::max(store->visible(), log.next - 1));
    }

    void start() {
        fold->start([this] { return now.load(); }, [this](Lsn cut) { head.store(cut); });
    }

    /// Hands a record to the fold thread and waits until it is visible.
    void sink(const LoggedRecord& record) {
        auto bytes = std::make_shared<const std::string>(record.payload);
        fold->sink({.bytes = bytes, .records = {{record.first, record.count, ByteView(*bytes)}}});
        REQUIRE(store->wait_visible(record.first + record.count - 1, 20'000));
    }
};

}  // namespace aiml042::fold::test
