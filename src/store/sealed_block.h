// A block on disk: what is known of it in memory, and how its columns are read.
//
// Threads: immutable but for the label epoch, which is atomic.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "model/column.h"
#include "store/label_join.h"
#include "store/store.h"

namespace aiml042::store {

struct SealedBlock {
    PartitionKey partition;
    std::uint64_t id = 0;
    std::uint32_t rows = 0;
    Timestamp min_timestamp = 0;
    Timestamp max_timestamp = 0;
    Lsn min_sequence = 0;
    Lsn max_sequence = 0;
    Timestamp last_arrival = 0;
    std::uint64_t bytes = 0;                 // Encoded.
    std::uint64_t raw_bytes = 0;             // About the memory its rows took while open.
    bool packed = false;                     // All columns but the remainder in one value.
    std::vector<ColumnId> columns;           // In order; columns that no row has are not here.
    std::vector<std::optional<Zone>> zones;  // One per column; empty when packed.
    mutable std::atomic<std::uint64_t> label_epoch{0};
};

/// The record of a block in the meta family, and back; the key gives partition and id.
[[nodiscard]] std::string encode_block_record(const SealedBlock& block);
[[nodiscard]] Result<std::shared_ptr<SealedBlock>> decode_block_record(
    const PartitionKey& partition, std::uint64_t id, ByteView bytes);

/// Family and id under which a column is stored.
[[nodiscard]] inline Family family_of(ColumnId id) {
    return id == model::builtin::kRemainder ? Family::kText : Family::kColumns;
}

/// One value that holds several encoded columns: count varint, (id varint, length varint) each,
/// then the columns.
class PackedColumns {
  public:
    void add(ColumnId id, ByteView encoded);

    [[nodiscard]] std::string take() const;

    /// The encoded column of that id in a packed value; empty when it has none. kCorruptBlock when
    /// the value is not one.
    [[nodiscard]] static Result<ByteView> find(ByteView packed, ColumnId id);

  private:
    std::size_t count_ = 0;
    std::string directory_;
    std::string columns_;
};

/// Decodes a column past the cache; null when the block has none. Checks rows against the block.
[[nodiscard]] Result<std::shared_ptr<const model::ColumnVector>> read_column(
    const Disk& disk, const SealedBlock& block, ColumnId id);

/// read_column() through the cache.
[[nodiscard]] Result<std::shared_ptr<const model::ColumnVector>> cached_column(
    Storage& storage, const SealedBlock& block, ColumnId id);

}  // namespace aiml042::store
