// Folders, rows and comparisons that the tests of the store share.

#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "model/row.h"
#include "store/store.h"

namespace aiml042::store::test {

namespace builtin = model::builtin;
using model::ColumnKind;
using model::ValueType;

/// A folder of its own, removed at the end.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "aiml_store_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string path(const std::string& name = "store") const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

inline std::unique_ptr<Store> open_store(const std::string& folder, std::size_t memtable_bytes_max = 256ULL << 20) {
    auto store = Store::open({.folder = folder, .memtable_bytes_max = memtable_bytes_max, .cache_bytes_max = 64ULL << 20});
    INFO(store.status().to_string());
    REQUIRE(store.is_ok());
    return std::move(*store);
}

/// What a crash at this moment would leave of a store's folder. RocksDB may be tidying up in the background: copied again
/// until nothing changed meanwhile.
inline void copy_as_crashed(const std::string& from, const std::string& to) {
    const auto list = [&] {
        std::map<std::string, std::uintmax_t> files;
        std::error_code gone;
        for (const auto& file : std::filesystem::directory_iterator(from)) {
            if (file.path().filename().string().rfind("LOG", 0) != 0) {
                files[file.path().filename().string()] = file.file_size(gone);
            }
        }
        return files;
    };
    for (;;) {
        const auto before = list();
        std::filesystem::remove_all(to);
        std::error_code gone;
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, gone);
        if (!gone && list() == before) {
            return;
        }
    }
}

inline constexpr ProjectId kProject{7};

inline std::int32_t day_of(Timestamp t) { return static_cast<std::int32_t>(floor_to(t, kDay) / kDay); }

/// A value of a row as a test remembers it: missing, number or text.
struct Value {
    std::optional<double> number;
    std::optional<std::string> text;

    friend bool operator==(const Value& a, const Value& b) {
        const bool same_number =
            a.number.has_value() == b.number.has_value() &&
            (!a.number || std::bit_cast<std::uint64_t>(*a.number) == std::bit_cast<std::uint64_t>(*b.number));
        return same_number && a.text == b.text;
    }
};

using Row = std::map<ColumnId, Value>;  // Only what is not missing; `shadow` only when true.

/// One event as a test makes it; owns its texts.
struct Event {
    std::string request_id;
    std::optional<std::string> model_version;
    std::optional<std::string> predicted_class;
    std::optional<std::string> error_code;
    std::optional<std::string> remainder;
    Timestamp timestamp = 0;
    double score = model::kMissing;
    double latency_ms = model::kMissing;
    bool shadow = false;
    std::vector<std::pair<model::ColumnKey, Value>> fields;
};

/// Appends events and remembers what was appended.
class Feeder {
  public:
    explicit Feeder(Store& store, std::string deployment = "model") : deployment_(std::move(deployment)) {
        attach(store);
    }

    /// Goes on with a store that was opened again.
    void attach(Store& store) {
        store_ = &store;
        id_ = store.intern_deployment(kProject, deployment_);
    }

    Lsn append(const Event& event, Lsn sequence, Timestamp arrival) {
        model::EventRow row;
        const auto view = [](const std::optional<std::string>& text) {
            return text ? std::string_view(*text) : std::string_view();
        };
        row.request_id = event.request_id;
        row.timestamp = event.timestamp;
        row.model_version = view(event.model_version);
        row.predicted_class = view(event.predicted_class);
        row.error_code = view(event.error_code);
        row.remainder = view(event.remainder);
        row.score = event.score;
        row.latency_ms = event.latency_ms;
        row.shadow = event.shadow;
        std::vector<ColumnId> ids;
        Row expected;
        for (const auto& [key, value] : event.fields) {
            model::FieldView field{.kind = key.kind, .type = key.type, .name_index = 0, .name = key.name, .number = 0.0, .text = {}};
            field.number = value.number.value_or(model::kMissing);
            field.text = view(value.text);
            row.fields.push_back(field);
            ids.push_back(store_->intern_column(id_, key).value_or(Store::kNoColumn));
            if (ids.back() != Store::kNoColumn) {
                expected[ids.back()] = value;
            }
        }
        const auto number = [&](ColumnId id, double v) {
            if (!std::isnan(v)) {
                expected[id].number = v;
            }
        };
        const auto text = [&](ColumnId id, const std::optional<std::string>& v) {
            if (v) {
                expected[id].text = v;
            }
        };
        number(builtin::kTimestamp, static_cast<double>(event.timestamp));
        number(builtin::kArrival, static_cast<double>(arrival));
        number(builtin::kSequence, static_cast<double>(sequence));
        number(builtin::kScore, event.score);
        number(builtin::kLatencyMs, event.latency_ms);
        text(builtin::kRequestId, event.request_id);
        text(builtin::kModelVersion, event.model_version);
        text(builtin::kPredictedClass, event.predicted_class);
        text(builtin::kErrorCode, event.error_code);
        text(builtin::kRemainder, event.remainder);
        if (event.shadow) {
            expected[builtin::kShadow].number = 1.0;
        }
        store_->append(partition(event.timestamp), row, ids, sequence, arrival);
        rows[sequence] = std::move(expected);
        return sequence;
    }

    [[nodiscard]] PartitionKey partition(Timestamp t) const { return {day_of(t), kProject, id_}; }

    [[nodiscard]] DeploymentId id() const { return id_; }

    std::map<Lsn, Row> rows;

  private:
    Store* store_ = nullptr;
    std::string deployment_;
    DeploymentId id_{};
};

inline Value value_at(const model::ColumnVector& column, std::size_t row) {
    Value value;
    if (column.type == ValueType::kTime) {
        value.number = static_cast<double>(column.integers[row]);
    } else if (column.type == ValueType::kString) {
        if (column.codes[row] != model::kNullCode) {
            value.text = std::string(column.strings.at(column.codes[row]));
        }
    } else if (!std::isnan(column.numbers[row])) {
        value.number = column.numbers[row];
    }
    return value;
}

/// Everything that blocks() shows of a deployment, by sequence. Each sequence must come once.
inline std::map<Lsn, Row> read_all(const Store& store, DeploymentId deployment, TimeRange range = {}) {
    std::map<Lsn, Row> rows;
    std::vector<ColumnId> ids;
    for (ColumnId id = 0; id < builtin::kCount; ++id) {
        ids.push_back(id);
    }
    for (const DeploymentInfo& info : store.deployments(kProject)) {
        if (info.id == deployment) {
            for (const ColumnInfo& column : info.schema->columns) {
                ids.push_back(column.id);
            }
        }
    }
    for (const auto& block : store.blocks(kProject, deployment, range)) {
        const auto sequences = block->column(builtin::kSequence);
        INFO(sequences.status().to_string());
        REQUIRE(sequences.is_ok());
        REQUIRE((*sequences)->integers.size() == block->rows());
        for (const ColumnId id : ids) {
            const auto column = block->column(id);
            INFO(column.status().to_string());
            REQUIRE(column.is_ok());
            for (std::size_t row = 0; *column != nullptr && row < block->rows(); ++row) {
                const auto value = value_at(**column, row);
                const bool there = (value.number || value.text) &&
                                   !(id == builtin::kShadow && value.number == 0.0);
                if (there) {
                    Row& to = rows[static_cast<Lsn>((*sequences)->integers[row])];
                    REQUIRE(to.count(id) == 0);
                    to[id] = value;
                }
            }
        }
    }
    return rows;
}

inline std::uint64_t count_rows(const Store& store, DeploymentId deployment) {
    std::uint64_t rows = 0;
    for (const auto& block : store.blocks(kProject, deployment, {})) {
        rows += block->rows();
    }
    return rows;
}

/// verify() finds nothing.
inline void check_clean(const Store& store) {
    std::string faults;
    const Status status = store.verify([&](const std::string& line) { faults += line + "\n"; });
    INFO(faults);
    CHECK(status.is_ok());
}

/// Some random event of the day of `start`: every type, unicode, missing values, columns that come and go.
inline Event random_event(std::mt19937_64& random, std::uint64_t number, Timestamp start) {
    const auto below = [&](std::uint64_t n) { return std::uint64_t{random() % n}; };
    Event event;
    event.request_id = "req-" + std::to_string(number);
    event.timestamp = start + static_cast<Timestamp>(below(static_cast<std::uint64_t>(kDay)));
    if (below(4) != 0) {
        event.model_version = "v" + std::to_string(below(3));
    }
    if (below(3) != 0) {
        event.predicted_class = below(2) == 0 ? "ja" : "nein ü€😀";
    }
    if (below(20) == 0) {
        event.error_code = "";
    }
    if (below(10) == 0) {
        event.remainder = R"({"text":")" + std::string(below(300), 'x') + "\"}";
    }
    event.score = below(5) == 0 ? model::kMissing : static_cast<double>(below(1'000'001)) / 1e6;
    event.latency_ms = std::exp(static_cast<double>(below(1000)) / 100.0);
    event.shadow = number > 50 && below(50) == 0;
    const auto add = [&](const char* name, ValueType type, Value value) {
        event.fields.push_back({{ColumnKind::kFeature, type, name}, std::move(value)});
    };
    if (below(2) == 0) {
        add("age", ValueType::kNumber, {static_cast<double>(below(90)), {}});
    } else {
        add("age", ValueType::kString, {{}, "unknown"});  // Changes type.
    }
    if (number > 100) {
        add("late", ValueType::kNumber, {-0.0, {}});  // Appears.
    }
    if (number < 60) {
        add("early", ValueType::kBool, {static_cast<double>(below(2)), {}});  // Vanishes.
    }
    add("raw", ValueType::kNumber, {std::bit_cast<double>(below(1ULL << 62)), {}});
    add("city", ValueType::kString, {{}, "city " + std::to_string(below(30))});
    return event;
}

}  // namespace aiml042::store::test
