#include "store/sealed_block.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "store/column_codec.h"
#include "store/keys.h"

namespace aiml042::store {

namespace {

constexpr std::uint8_t kFormat = 1;

Status corrupt(const char* what) {
    return {ErrorCode::kCorruptBlock, what};
}

}  // namespace

std::string encode_block_record(const SealedBlock& block) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kFormat);
    writer.varint(block.rows);
    writer.fixed(block.min_timestamp);
    writer.fixed(block.max_timestamp);
    writer.varint(block.min_sequence);
    writer.varint(block.max_sequence);
    writer.fixed(block.last_arrival);
    writer.varint(block.bytes);
    writer.varint(block.raw_bytes);
    writer.u8(block.packed ? 1 : 0);
    writer.varint(block.columns.size());
    for (std::size_t i = 0; i < block.columns.size(); ++i) {
        writer.varint(block.columns[i]);
        if (!block.packed) {
            const auto& zone = block.zones[i];
            writer.u8(zone ? 1 : 0);
            if (zone) {
                writer.fixed(zone->min);
                writer.fixed(zone->max);
            }
        }
    }
    writer.fixed(crc32c(out));
    return out;
}

Result<std::shared_ptr<SealedBlock>> decode_block_record(const PartitionKey& partition,
                                                         std::uint64_t id,
                                                         ByteView bytes) {
    if (bytes.size() < 4) {
        return corrupt("a block record is too short");
    }
    const ByteView body = bytes.substr(0, bytes.size() - 4);
    ByteReader tail(bytes.substr(body.size()));
    if (tail.fixed<std::uint32_t>() != crc32c(body)) {
        return corrupt("the checksum of a block record is wrong");
    }
    ByteReader in(body);
    auto block = std::make_shared<SealedBlock>();
    block->partition = partition;
    block->id = id;
    const std::uint8_t format = in.u8();
    block->rows = static_cast<std::uint32_t>(in.varint());
    block->min_timestamp = in.fixed<std::int64_t>();
    block->max_timestamp = in.fixed<std::int64_t>();
    block->min_sequence = in.varint();
    block->max_sequence = in.varint();
    block->last_arrival = in.fixed<std::int64_t>();
    block->bytes = in.varint();
    block->raw_bytes = in.varint();
    block->packed = in.u8() != 0;
    const std::uint64_t columns = in.varint();
    if (!in.ok() || format != kFormat || columns > in.remaining()) {
        return corrupt("a block record is not valid");
    }
    block->columns.reserve(columns);
    for (std::uint64_t i = 0; i < columns; ++i) {
        block->columns.push_back(static_cast<ColumnId>(in.varint()));
        if (!block->packed) {
            std::optional<Zone> zone;
            if (in.u8() != 0) {
                const auto low = in.fixed<double>();
                zone = Zone{low, in.fixed<double>()};
            }
            block->zones.push_back(zone);
        }
    }
    if (!in.done() || !in.ok()) {
        return corrupt("a block record is not valid");
    }
    return block;
}

void PackedColumns::add(ColumnId id, ByteView encoded) {
    ByteWriter directory(directory_);
    directory.varint(id);
    directory.varint(encoded.size());
    columns_.append(encoded);
    ++count_;
}

std::string PackedColumns::take() const {
    std::string out;
    ByteWriter writer(out);
    writer.varint(count_);
    writer.bytes(directory_);
    writer.bytes(columns_);
    return out;
}

Result<ByteView> PackedColumns::find(ByteView packed, ColumnId id) {
    ByteReader in(packed);
    const std::uint64_t count = in.varint();
    if (!in.ok() || count > packed.size()) {
        return corrupt("a packed value is not valid");
    }
    std::uint64_t offset = 0;
    std::uint64_t total = 0;
    std::uint64_t length = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t column = in.varint();
        const std::uint64_t size = in.varint();
        if (size > packed.size()) {
            return corrupt("a packed value is not valid");
        }
        if (column == id) {
            offset = total;
            length = size;
        }
        total += size;
    }
    if (!in.ok() || in.remaining() != total) {
        return corrupt("a packed value is not valid");
    }
    return ByteView(in.position(), total).substr(offset, length);
}

Result<std::shared_ptr<const model::ColumnVector>> read_column(const Disk& disk,
                                                               const SealedBlock& block,
                                                               ColumnId id) {
    if (!std::binary_search(block.columns.begin(), block.columns.end(), id)) {
        return std::shared_ptr<const model::ColumnVector>();
    }
    const Family family = family_of(id);
    const bool packed = block.packed && family == Family::kColumns;
    auto column = std::make_shared<model::ColumnVector>();
    Status status = disk.read(family,
                              column_key(block.partition, block.id, packed ? kPackedColumns : id),
                              [&](ByteView value) -> Status {
                                  ByteView encoded = value;
                                  if (packed) {
                                      AIML_ASSIGN(encoded, PackedColumns::find(value, id));
                                  }
                                  DecodedColumn decoded;
                                  AIML_ASSIGN(decoded, decode_column(encoded));
                                  if (decoded.head.rows != block.rows) {
                                      return corrupt("a column has not the rows of its block");
                                  }
                                  *column = std::move(decoded.column);
                                  return Status::ok();
                              });
    if (status.code() == ErrorCode::kNotFound) {
        return Status(ErrorCode::kCorruptBlock,
                      "a column of a block is not there: " + status.detail());
    }
    if (!status.is_ok()) {
        return status;
    }
    return std::shared_ptr<const model::ColumnVector>(std::move(column));
}

Result<std::shared_ptr<const model::ColumnVector>> cached_column(Storage& storage,
                                                                 const SealedBlock& block,
                                                                 ColumnId id) {
    const CacheKey key{.kind = CacheKey::Kind::kColumn, .part = id, .id = block.id};
    if (auto found = storage.cache.find<model::ColumnVector>(key)) {
        return found;
    }
    std::shared_ptr<const model::ColumnVector> column;
    AIML_ASSIGN(column, read_column(*storage.disk, block, id));
    if (column != nullptr) {
        storage.cache.put(key, column, column->memory_bytes());
    }
    return column;
}

}  // namespace aiml042::store
