#include "store/label_join.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "model/row.h"
#include "store/keys.h"

namespace aiml042::store {

namespace {

using model::kNullCode;
using model::LabelColumns;

// Row of a sequence: a table when the sequences lie close together, else a hash map.
class RowFinder {
  public:
    explicit RowFinder(std::span<const std::int64_t> sequences) {
        AIML_CHECK(!sequences.empty());
        const auto [low, high] = std::minmax_element(sequences.begin(), sequences.end());
        min_ = static_cast<Lsn>(*low);
        max_ = static_cast<Lsn>(*high);
        dense_ = max_ - min_ < sequences.size() * kSpreadMax;
        if (dense_) {
            rows_.resize(max_ - min_ + 1);
        } else {
            map_.reserve(sequences.size());
        }
        for (std::size_t row = 0; row < sequences.size(); ++row) {
            const auto sequence = static_cast<Lsn>(sequences[row]);
            (dense_ ? rows_[sequence - min_] : map_.at(sequence)) =
                static_cast<std::uint32_t>(row + 1);
        }
    }

    /// Row + 1; 0 when no row has this sequence.
    [[nodiscard]] std::uint32_t find(Lsn sequence) const {
        if (sequence < min_ || sequence > max_) {
            return 0;
        }
        return dense_ ? rows_[sequence - min_] : map_.find(sequence);
    }

    [[nodiscard]] Lsn min() const { return min_; }

    [[nodiscard]] Lsn max() const { return max_; }

  private:
    static constexpr std::size_t kSpreadMax = 16;

    Lsn min_ = 0;
    Lsn max_ = 0;
    bool dense_ = false;
    std::vector<std::uint32_t> rows_;
    SequenceMap map_;
};

class Join {
  public:
    Join(std::span<const std::int64_t> sequences, Timestamp as_of)
        : as_of_(as_of), columns_(std::make_shared<LabelColumns>()), best_(sequences.size()) {
        columns_->labelled.resize(sequences.size());
        columns_->class_codes.resize(sequences.size(), kNullCode);
        columns_->values.resize(sequences.size(), model::kMissing);
        columns_->label_ts.resize(sequences.size());
    }

    // Codes of `table`, which is the same until the next call, are translated once.
    void begin_table(const LabelTable& table) {
        translated_.assign(table.classes.strings.size(), kNullCode);
    }

    void offer(std::size_t row, const LabelTable& table, std::size_t i) {
        if (table.label_ts[i] > as_of_ || static_cast<Lsn>(table.sequences[i]) <= best_[row]) {
            return;
        }
        best_[row] = static_cast<Lsn>(table.sequences[i]);
        columns_->labelled_count += columns_->labelled[row] == 0 ? 1U : 0U;
        columns_->labelled[row] = 1;
        columns_->label_ts[row] = table.label_ts[i];
        columns_->values[row] = table.values[i];
        const std::uint32_t code = table.classes.codes[i];
        if (code == kNullCode) {
            columns_->class_codes[row] = kNullCode;
            return;
        }
        if (translated_[code] == kNullCode) {
            translated_[code] = dictionary_.code(table.classes.strings.at(code), columns_->classes);
        }
        columns_->class_codes[row] = translated_[code];
    }

    // Drops classes that only replaced labels had.
    std::shared_ptr<const LabelColumns> finish() {
        std::vector<std::uint32_t> codes(columns_->classes.size(), kNullCode);
        model::StringPool used;
        for (std::uint32_t& code : columns_->class_codes) {
            if (code == kNullCode) {
                continue;
            }
            if (codes[code] == kNullCode) {
                codes[code] = used.add(columns_->classes.at(code));
            }
            code = codes[code];
        }
        columns_->classes = std::move(used);
        return columns_;
    }

  private:
    const Timestamp as_of_;
    std::shared_ptr<LabelColumns> columns_;
    std::vector<Lsn> best_;
    StringDictionary dictionary_;
    std::vector<std::uint32_t> translated_;
};

Result<std::shared_ptr<const LabelTable>> cached_chunk(Storage& storage,
                                                       const PartitionKey& partition,
                                                       const LabelChunk& chunk) {
    const CacheKey key{.kind = CacheKey::Kind::kChunk, .part = 0, .id = chunk.id};
    if (auto found = storage.cache.find<LabelTable>(key)) {
        return found;
    }
    auto table = std::make_shared<LabelTable>();
    AIML_TRY(storage.disk->read(
        Family::kLabels, label_key(partition, chunk.id), [&](ByteView bytes) -> Status {
            AIML_ASSIGN(*table, decode_labels_for_join(bytes));
            return Status::ok();
        }));
    storage.cache.put(key, table, table->memory_bytes());
    return std::shared_ptr<const LabelTable>(std::move(table));
}

bool overlaps(const LabelChunk& chunk, Lsn min, Lsn max) {
    return chunk.min_event <= max && min <= chunk.max_event;
}

/// Offers `join` every label of the rows; `load` reads a chunk.
template <typename Join, typename Load>
Status join_tables(const LabelState& state,
                   std::span<const std::int64_t> sequences,
                   Join& join,
                   const Load& load) {
    const bool any = !sequences.empty() &&
                     (state.log != nullptr || (state.chunks != nullptr && !state.chunks->empty()));
    if (!any) {
        return Status::ok();
    }
    const RowFinder rows(sequences);
    for (std::size_t c = 0; state.chunks != nullptr && c < state.chunks->size(); ++c) {
        const LabelChunk& chunk = *(*state.chunks)[c];
        if (!overlaps(chunk, rows.min(), rows.max())) {
            continue;
        }
        std::shared_ptr<const LabelTable> table;
        AIML_ASSIGN(table, load(chunk));
        join.begin_table(*table);
        const auto& events = table->events;
        const auto first =
            std::lower_bound(events.begin(), events.end(), static_cast<std::int64_t>(rows.min()));
        for (auto i = static_cast<std::size_t>(first - events.begin());
             i < events.size() && static_cast<Lsn>(events[i]) <= rows.max();
             ++i) {
            if (const std::uint32_t row = rows.find(static_cast<Lsn>(events[i])); row != 0) {
                join.offer(row - 1, *table, i);
            }
        }
    }
    if (state.log != nullptr) {
        bool begun = false;
        state.log->visit(sequences, [&](const LabelTable& table, std::size_t i) {
            if (!begun) {
                join.begin_table(table);
                begun = true;
            }
            if (const std::uint32_t row = rows.find(static_cast<Lsn>(table.events[i])); row != 0) {
                join.offer(row - 1, table, i);
            }
        });
    }
    return Status::ok();
}

/// Remainders of the current labels.
class RemainderJoin {
  public:
    RemainderJoin(std::size_t rows, Timestamp as_of)
        : as_of_(as_of), column_(std::make_shared<model::ColumnVector>()), best_(rows) {
        column_->type = model::ValueType::kString;
        column_->codes.resize(rows, kNullCode);
    }

    void begin_table(const LabelTable& /*table*/) {}

    void offer(std::size_t row, const LabelTable& table, std::size_t i) {
        if (table.label_ts[i] > as_of_ || static_cast<Lsn>(table.sequences[i]) <= best_[row]) {
            return;
        }
        best_[row] = static_cast<Lsn>(table.sequences[i]);
        const std::uint32_t code = table.remainders.codes[i];
        column_->codes[row] =
            code == kNullCode ? code : column_->strings.add(table.remainders.strings.at(code));
    }

    std::shared_ptr<const model::ColumnVector> finish() { return column_; }

  private:
    const Timestamp as_of_;
    std::shared_ptr<model::ColumnVector> column_;
    std::vector<Lsn> best_;
};

}  // namespace

Result<std::shared_ptr<const LabelColumns>> join_labels(Storage& storage,
                                                        const PartitionKey& partition,
                                                        const LabelState& state,
                                                        std::span<const std::int64_t> sequences,
                                                        Timestamp as_of) {
    Join join(sequences, as_of);
    AIML_TRY(join_tables(state, sequences, join, [&](const LabelChunk& chunk) {
        return cached_chunk(storage, partition, chunk);
    }));
    return join.finish();
}

Result<std::shared_ptr<const model::ColumnVector>> join_remainders(
    Storage& storage,
    const PartitionKey& partition,
    const LabelState& state,
    std::span<const std::int64_t> sequences,
    Timestamp as_of) {
    RemainderJoin join(sequences.size(), as_of);
    const auto load = [&](const LabelChunk& chunk) -> Result<std::shared_ptr<const LabelTable>> {
        LabelTable table;
        AIML_ASSIGN(table, read_label_chunk(*storage.disk, partition, chunk));
        return std::make_shared<const LabelTable>(std::move(table));
    };
    AIML_TRY(join_tables(state, sequences, join, load));
    return join.finish();
}

Result<LabelTable> read_label_chunk(const Disk& disk,
                                    const PartitionKey& partition,
                                    const LabelChunk& chunk) {
    std::optional<LabelTable> table;
    AIML_TRY(
        disk.read(Family::kLabels, label_key(partition, chunk.id), [&](ByteView bytes) -> Status {
            AIML_ASSIGN(table, decode_labels(bytes));
            return table->size() == chunk.entries
                       ? Status::ok()
                       : Status(ErrorCode::kCorruptBlock,
                                "a label chunk has not the entries it should have");
        }));
    return std::move(*table);
}

Result<std::vector<LabelEntry>> read_label_history(Storage& storage,
                                                   const PartitionKey& partition,
                                                   const LabelState& state,
                                                   Lsn event) {
    std::vector<LabelEntry> entries;
    for (std::size_t c = 0; state.chunks != nullptr && c < state.chunks->size(); ++c) {
        const LabelChunk& chunk = *(*state.chunks)[c];
        if (!overlaps(chunk, event, event)) {
            continue;
        }
        LabelTable table;
        AIML_ASSIGN(table, read_label_chunk(*storage.disk, partition, chunk));
        const auto same = std::equal_range(
            table.events.begin(), table.events.end(), static_cast<std::int64_t>(event));
        for (auto at = same.first; at != same.second; ++at) {
            entries.push_back(table.entry(static_cast<std::size_t>(at - table.events.begin())));
        }
    }
    if (state.log != nullptr) {
        const auto wanted = static_cast<std::int64_t>(event);
        state.log->visit(std::span(&wanted, 1), [&](const LabelTable& table, std::size_t i) {
            if (table.events[i] == wanted) {
                entries.push_back(table.entry(i));
            }
        });
    }
    std::sort(entries.begin(), entries.end(), [](const LabelEntry& a, const LabelEntry& b) {
        return a.sequence < b.sequence;
    });
    const auto same = [](const LabelEntry& a, const LabelEntry& b) {
        return a.sequence == b.sequence;
    };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
    return entries;
}

}  // namespace aiml042::store
