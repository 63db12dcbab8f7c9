// Rows of one partition that are not on disk yet: columns that grow, in order of arrival.
//
// A column begins with its first value and is only as long as its last one; rows without it cost nothing.
// Threads: append(), columns() and find() from the fold thread; copy_column() from any thread. A reader names how many
// rows it was told of, so it never sees a row that is being added.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/column.h"
#include "model/row.h"
#include "store/request_table.h"
#include "store/store.h"
#include "store/string_dictionary.h"

namespace aiml042::store {

/// Value of a row that has none of a number column: NaN, but `shadow` is 0 where nothing else was said.
[[nodiscard]] double missing_number(ColumnId id);

class OpenBlock {
  public:
    struct Column {
        ColumnId id = 0;
        std::uint32_t first_row = 0;  // Of the first value.
        model::ColumnVector data;     // May be shorter than the block.
        StringDictionary dictionary;
    };

    /// `rows_max` is at most limits::kGroupRowsMax.
    OpenBlock(const PartitionKey& partition, std::uint64_t id, std::uint32_t rows_max);

    /// Adds a row. `columns[i]` is the id of row.fields[i]; Store::kNoColumn drops it. Sequences only grow.
    void append(const model::EventRow& row,
                std::span<const ColumnId> columns,
                Lsn sequence,
                Timestamp arrival);

    /// Whether `sequence` has to go to another block: this one has all the rows or bytes a block may have.
    [[nodiscard]] bool full_for(Lsn sequence) const;

    /// The column with exactly `rows` rows; empty when none of the first `rows` rows has it.
    [[nodiscard]] std::optional<model::ColumnVector> copy_column(ColumnId id, std::uint32_t rows) const;

    [[nodiscard]] const std::vector<std::unique_ptr<Column>>& columns() const { return columns_; }

    /// Appends the sequences of the rows with this request_id.
    void find(const Hash128& request, std::vector<Lsn>& out) const;

    [[nodiscard]] const PartitionKey& partition() const { return partition_; }

    [[nodiscard]] std::uint64_t id() const { return id_; }

    [[nodiscard]] std::uint32_t rows() const { return rows_; }

    /// About how much memory its rows take.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    [[nodiscard]] Timestamp min_timestamp() const { return min_timestamp_; }

    [[nodiscard]] Timestamp max_timestamp() const { return max_timestamp_; }

    [[nodiscard]] Timestamp first_arrival() const { return first_arrival_; }

    [[nodiscard]] Timestamp last_arrival() const { return last_arrival_; }

    [[nodiscard]] Lsn first_sequence() const { return first_sequence_; }

    [[nodiscard]] Lsn last_sequence() const { return last_sequence_; }

  private:
    Column& column(ColumnId id, model::ValueType type);
    const Column* find_column(ColumnId id) const;
    void put_integer(ColumnId id, std::int64_t value);
    void put_number(ColumnId id, model::ValueType type, double value);
    void put_text(ColumnId id, std::string_view value);
    void put_request(std::string_view value);

    const PartitionKey partition_;
    const std::uint64_t id_;
    const std::uint32_t rows_max_;

    std::uint32_t rows_ = 0;
    std::size_t bytes_ = 0;
    Timestamp min_timestamp_ = kTimestampMax;
    Timestamp max_timestamp_ = kTimestampMin;
    Timestamp first_arrival_ = 0;
    Timestamp last_arrival_ = 0;
    Lsn first_sequence_ = 0;
    Lsn last_sequence_ = 0;
    RequestTable requests_;

    mutable std::shared_mutex mutex_;  // Guards the columns against readers.
    std::vector<std::unique_ptr<Column>> columns_;
    std::array<Column*, model::builtin::kCount> builtin_{};
    std::vector<Column*> dynamic_;  // By id - kFirstDynamicColumn.
};

}  // namespace aiml042::store
