// Arbitrary bytes as a segment of the log. The first byte chooses: as they are, or with the
// checksums put right, so that what lies behind them is reached too. Checks that what comes out is
// in order and inside the input.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/hash.h"
#include "wal/segment_reader.h"

namespace {

using aiml042::ByteView;
using aiml042::Lsn;
using aiml042::Status;
namespace wal = aiml042::wal;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// Puts a frame's two checksums, place, seed and segment right; lengths and counts stay what the
/// fuzzer made them.
void mend(std::string& bytes, std::uint64_t at, const wal::SegmentHeader& segment) {
    const std::uint64_t left = bytes.size() - at;
    std::uint32_t body_bytes = 0;
    wal::FrameHeader frame;
    std::memcpy(&body_bytes, bytes.data() + at + 12, sizeof(body_bytes));
    std::memcpy(&frame.records, bytes.data() + at + 28, sizeof(frame.records));
    std::memcpy(&frame.first_lsn, bytes.data() + at + 32, sizeof(frame.first_lsn));
    std::memcpy(&frame.items, bytes.data() + at + 40, sizeof(frame.items));
    std::memcpy(&frame.synced_upto, bytes.data() + at + 56, sizeof(frame.synced_upto));
    frame.body_bytes = static_cast<std::uint32_t>(body_bytes % (left - wal::kFrameHeaderBytes + 1));
    frame.seed = segment.seed;
    frame.segment = segment.number;
    frame.offset = at;
    if (frame.extent() <= left) {
        wal::seal_frame(frame, bytes.data() + at);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    constexpr std::uint32_t kNumber = 7;
    // Spread over sectors: the fuzzer's bytes are the beginnings of frames, 128 bytes to a sector.
    std::string bytes(wal::kFramesBegin, '\0');
    constexpr std::size_t kPart = 128;
    const bool mended = (data[0] & 1) != 0;
    for (std::size_t at = 1; at < size; at += kPart) {
        std::string sector(reinterpret_cast<const char*>(data + at), std::min(kPart, size - at));
        sector.resize(wal::kSector);
        bytes += sector;
    }
    wal::SegmentHeader segment{.number = kNumber, .first_lsn = 5, .seed = 99};
    if ((data[0] & 2) != 0) {
        bytes.replace(0, wal::kFramesBegin, wal::encode_segment_header(segment));
    }
    if (mended) {
        for (std::uint64_t at = wal::kFramesBegin; at < bytes.size(); at += wal::kSector) {
            mend(bytes, at, segment);
        }
    }
    const wal::HeaderScan header = wal::scan_header(bytes, kNumber);
    if (!header.found) {
        return 0;
    }
    Lsn next = 5;
    const auto scan = wal::scan_frames(bytes, header.header, 5, [&](const wal::Record& record) {
        require(record.first >= next && record.count > 0);
        require(record.payload.data() >= bytes.data());
        require(record.payload.data() + record.payload.size() <= bytes.data() + bytes.size());
        next = record.first + record.count;
        return Status();
    });
    require(scan.is_ok());
    require(scan->next >= next && scan->end <= bytes.size());
    require(scan->tail_length <= bytes.size() - scan->end);
    std::uint64_t behind = 0;
    for (const wal::BadStretch& bad : scan->bad) {
        require(bad.offset >= behind && bad.offset + bad.length <= scan->end &&
                bad.until > bad.after);
        behind = bad.offset + bad.length;
    }
    return 0;
}
