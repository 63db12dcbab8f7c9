// The bytes of a log folder: names, the header of a segment, the header of a frame, the head file.
// docs/formats/log.md is the specification; this file is its only implementation.
//
// A segment is two sectors with the same header (one survives if the other rots), then frames, each
// on a sector boundary. Every frame carries the seed of its segment in clear and in its checksums,
// so bytes that an earlier use of a recycled file left behind never validate, and a segment whose
// headers are both lost is still readable.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/status.h"

namespace aiml042::wal {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint64_t kSector = limits::kSectorBytes;
inline constexpr std::uint64_t kFramesBegin = 2 * kSector;  // Behind the two headers.
inline constexpr std::size_t kRecordPrefixBytes = 8;        // u32 count, u32 length.
inline constexpr std::size_t kFrameHeaderBytes = 64;
inline constexpr std::size_t kSegmentHeaderBytes = 48;

constexpr std::uint64_t round_to_sector(std::uint64_t n) {
    return (n + kSector - 1) / kSector * kSector;
}

/// What the first two sectors of a segment say.
struct SegmentHeader {
    std::uint32_t version = kFormatVersion;
    std::uint32_t number = 0;
    Lsn first_lsn =
        0;  // Of the first record; everything below was durable before this header was written.
    std::uint64_t seed = 0;
};

/// What stands before the records of one group commit. A frame without records is a seal: it only
/// says that all before it is durable.
struct FrameHeader {
    std::uint32_t body_crc = 0;    // Of everything behind the header up to the sector boundary.
    std::uint32_t body_bytes = 0;  // Of the records, without padding.
    std::uint64_t seed = 0;
    std::uint32_t segment = 0;
    std::uint32_t records = 0;
    Lsn first_lsn = 0;
    std::uint64_t items = 0;
    std::uint64_t offset = 0;  // Where the frame stands in its file.
    std::uint64_t synced_upto =
        0;  // Everything before this offset was durable when the frame was written.

    /// Bytes of the frame in the file.
    [[nodiscard]] std::uint64_t extent() const {
        return round_to_sector(kFrameHeaderBytes + std::uint64_t{body_bytes});
    }
};

/// The two header sectors, ready to be written at offset 0.
[[nodiscard]] std::string encode_segment_header(const SegmentHeader& header);

/// Reads one copy of the header from the beginning of `sector`. Empty when the checksum does not
/// hold.
[[nodiscard]] std::optional<SegmentHeader> decode_segment_header(ByteView sector);

/// Writes the header over the first kFrameHeaderBytes of `frame` (whole sectors) and fills in both
/// checksums.
void seal_frame(FrameHeader header, char* frame);

/// Reads the header of a frame at the beginning of `bytes`. Empty when its checksum (with the seed
/// it names) does not hold. The body is not looked at and may be longer than `bytes`.
[[nodiscard]] std::optional<FrameHeader> decode_frame_header(ByteView bytes);

/// Whether the body behind `header` (at the beginning of `bytes`) is whole.
[[nodiscard]] bool frame_body_holds(const FrameHeader& header, ByteView bytes);

/// "00000042.seg"
[[nodiscard]] std::string segment_name(std::uint32_t number);

/// The number in a segment's name; empty for any other name.
[[nodiscard]] std::optional<std::uint32_t> segment_number(std::string_view name);

/// The file that remembers how far the log was let go of.
inline constexpr std::string_view kHeadName = "head";

Status write_head(const std::string& folder, Lsn head);

/// 1 when the file was never written; kCorruptBlock when it is damaged.
Result<Lsn> read_head(const std::string& folder);

}  // namespace aiml042::wal
