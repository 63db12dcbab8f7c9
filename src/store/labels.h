// Labels as columns: those of a partition that are in memory, and sorted chunks of them on disk.
//
// Labels refer to events by sequence, so nothing here knows rows or blocks. All labels of an event
// are kept; which one is current is decided when they are joined (see label_join.h). Threads: a
// LabelLog is written by the fold thread and read by any; tables and chunks are immutable once
// shared.

#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "model/column.h"
#include "store/sequence_map.h"
#include "store/store.h"
#include "store/string_dictionary.h"

namespace aiml042::store {

/// Label entries, one array per field.
struct LabelTable {
    std::vector<std::int64_t> events;
    std::vector<std::int64_t> sequences;
    std::vector<std::int64_t> label_ts;
    std::vector<std::int64_t> arrivals;
    std::vector<double> values;
    model::ColumnVector classes{.type = model::ValueType::kString,
                                .integers = {},
                                .numbers = {},
                                .codes = {},
                                .strings = {}};
    model::ColumnVector sources{.type = model::ValueType::kString,
                                .integers = {},
                                .numbers = {},
                                .codes = {},
                                .strings = {}};
    model::ColumnVector remainders{.type = model::ValueType::kString,
                                   .integers = {},
                                   .numbers = {},
                                   .codes = {},
                                   .strings = {}};

    [[nodiscard]] std::size_t size() const { return events.size(); }

    [[nodiscard]] LabelEntry entry(std::size_t i) const;

    [[nodiscard]] std::size_t memory_bytes() const;
};

/// Fills a LabelTable.
class LabelTableBuilder {
  public:
    void add(const LabelEntry& entry);

    /// Appends entry `i` of `from`.
    void add(const LabelTable& from, std::size_t i);

    [[nodiscard]] const LabelTable& table() const { return table_; }

  private:
    LabelTable table_;
    StringDictionary classes_;
    StringDictionary sources_;
    StringDictionary remainders_;
};

/// The labels of one partition that are not on disk yet.
class LabelLog {
  public:
    /// False, and nothing changes, when the event has a label of this sequence already.
    bool add(const LabelEntry& entry);

    /// Calls `use(table, i)` for the labels of the events `sequences` (in no order of theirs),
    /// under a shared lock.
    template <typename Use>
    void visit(std::span<const std::int64_t> sequences, Use&& use) const {
        const std::shared_lock lock(mutex_);
        const LabelTable& table = builder_.table();
        if (table.size() <= 2 * sequences.size()) {
            for (std::size_t i = 0; i < table.size(); ++i) {
                use(table, i);
            }
            return;
        }
        for (const std::int64_t event : sequences) {
            for (std::uint32_t at = newest_.find(static_cast<Lsn>(event)); at != 0;
                 at = before_[at - 1]) {
                use(table, at - 1);
            }
        }
    }

    /// For the fold thread, which is the only one that adds.
    [[nodiscard]] const LabelTable& table() const { return builder_.table(); }

    [[nodiscard]] std::size_t events() const { return newest_.size(); }

  private:
    mutable std::shared_mutex mutex_;
    LabelTableBuilder builder_;
    SequenceMap newest_;  // Event → index + 1 of its label added last.
    std::vector<std::uint32_t>
        before_;  // Index + 1 of the label added before to the same event; 0 = none.
};

/// What is known of a chunk without reading it.
struct LabelChunk {
    std::uint64_t id = 0;
    bool base = false;  // Base chunks of a partition do not overlap.
    std::uint32_t entries = 0;
    std::uint32_t events = 0;  // Distinct ones.
    Lsn min_event = 0;
    Lsn max_event = 0;
    std::uint64_t bytes = 0;
};

using LabelChunks = std::vector<std::shared_ptr<const LabelChunk>>;

/// Indices of the entries of `table` sorted by event, then label sequence, each pair once.
[[nodiscard]] std::vector<std::uint32_t> label_order(const LabelTable& table);

/// Encodes the entries `order` of `table`, which label_order() gave.
[[nodiscard]] std::string encode_labels(const LabelTable& table,
                                        std::span<const std::uint32_t> order,
                                        int zstd_level);

/// What a join needs: events, sequences, label_ts, values, classes; the rest of the table stays
/// empty.
[[nodiscard]] Result<LabelTable> decode_labels_for_join(ByteView bytes);
[[nodiscard]] Result<LabelTable> decode_labels(ByteView bytes);

}  // namespace aiml042::store
