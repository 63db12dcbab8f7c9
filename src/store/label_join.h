// Which label each row of a block has.
//
// Current is the label with the highest sequence among those with label_ts <= as_of. Cost: well
// below 2 ms for 65,536 rows; only chunks whose events overlap the block are read. Threads: any.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "model/column.h"
#include "store/cache.h"
#include "store/disk.h"
#include "store/labels.h"
#include "store/store.h"

namespace aiml042::store {

/// What the readers of a store share; outlives the store while a block is held.
struct Storage {
    Storage(std::unique_ptr<Disk> opened, std::size_t cache_bytes_max)
        : disk(std::move(opened)), cache(cache_bytes_max) {}

    std::unique_ptr<Disk> disk;
    Cache cache;
};

/// The labels of a partition at one moment.
struct LabelState {
    std::shared_ptr<const LabelChunks> chunks;  // Null: none.
    std::shared_ptr<const LabelLog> log;        // Null: none.
};

/// Remainders of the labels that join_labels() takes, in the order of the rows.
[[nodiscard]] Result<std::shared_ptr<const model::ColumnVector>> join_remainders(
    Storage& storage,
    const PartitionKey& partition,
    const LabelState& state,
    std::span<const std::int64_t> sequences,
    Timestamp as_of);

/// Labels of the rows with these sequences, in their order.
[[nodiscard]] Result<std::shared_ptr<const model::LabelColumns>> join_labels(
    Storage& storage,
    const PartitionKey& partition,
    const LabelState& state,
    std::span<const std::int64_t> sequences,
    Timestamp as_of);

/// Every label of one event, by label sequence.
[[nodiscard]] Result<std::vector<LabelEntry>> read_label_history(Storage& storage,
                                                                 const PartitionKey& partition,
                                                                 const LabelState& state,
                                                                 Lsn event);

/// A chunk with all its fields, read from disk.
[[nodiscard]] Result<LabelTable> read_label_chunk(const Disk& disk,
                                                  const PartitionKey& partition,
                                                  const LabelChunk& chunk);

}  // namespace aiml042::store
