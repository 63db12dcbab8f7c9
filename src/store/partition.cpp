#include "store/partition.h"

#include "base/hash.h"

namespace aiml042::store {

namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

std::string encode_partition_record(Lsn covered, const LabelChunks& chunks) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kFormat);
    writer.varint(covered);
    writer.varint(chunks.size());
    for (const auto& chunk : chunks) {
        writer.varint(chunk->id);
        writer.u8(chunk->base ? 1 : 0);
        writer.varint(chunk->entries);
        writer.varint(chunk->events);
        writer.varint(chunk->min_event);
        writer.varint(chunk->max_event);
        writer.varint(chunk->bytes);
    }
    writer.fixed(crc32c(out));
    return out;
}

Status decode_partition_record(ByteView bytes, Partition& partition) {
    Status corrupt(ErrorCode::kCorruptBlock, "a partition record is not valid");
    if (bytes.size() < 4) {
        return corrupt;
    }
    const ByteView body = bytes.substr(0, bytes.size() - 4);
    ByteReader tail(bytes.substr(body.size()));
    if (tail.fixed<std::uint32_t>() != crc32c(body)) {
        return corrupt;
    }
    ByteReader in(body);
    const std::uint8_t format = in.u8();
    partition.covered = in.varint();
    const std::uint64_t count = in.varint();
    if (!in.ok() || format != kFormat || count > in.remaining()) {
        return corrupt;
    }
    auto chunks = std::make_shared<LabelChunks>();
    for (std::uint64_t i = 0; i < count; ++i) {
        auto chunk = std::make_shared<LabelChunk>();
        chunk->id = in.varint();
        chunk->base = in.u8() != 0;
        chunk->entries = static_cast<std::uint32_t>(in.varint());
        chunk->events = static_cast<std::uint32_t>(in.varint());
        chunk->min_event = in.varint();
        chunk->max_event = in.varint();
        chunk->bytes = in.varint();
        chunks->push_back(std::move(chunk));
    }
    if (!in.ok() || !in.done()) {
        return corrupt;
    }
    partition.chunks = std::move(chunks);
    return Status::ok();
}

}  // namespace aiml042::store
