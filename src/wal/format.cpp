#include "wal/format.h"

#include <charconv>
#include <cstring>

#include <fmt/core.h>

#include "base/check.h"
#include "base/hash.h"
#include "os/file.h"

namespace aiml042::wal {

namespace {

constexpr std::uint64_t kSegmentMagic = 0x3147455332344941ULL;  // "AI42SEG1"
constexpr std::uint64_t kHeadMagic = 0x3144414832344941ULL;     // "AI42HAD1"
constexpr std::uint32_t kFrameMagic = 0x4D524634U;              // "4FRM"
constexpr std::size_t kHeadBytes = 20;
constexpr std::size_t kSegmentNameLength = 12;
constexpr std::size_t kSegmentDigits = 8;

std::uint32_t seeded_crc(ByteView bytes, std::uint64_t seed) {
    char raw[sizeof(seed)];
    std::memcpy(raw, &seed, sizeof(seed));
    return crc32c(bytes, crc32c(ByteView(raw, sizeof(raw))));
}

/// Everything of a frame header behind magic and checksum.
std::string frame_header_tail(const FrameHeader& header) {
    std::string out;
    out.reserve(kFrameHeaderBytes);
    ByteWriter w(out);
    w.fixed(header.body_crc);
    w.fixed(header.body_bytes);
    w.fixed(header.seed);
    w.fixed(header.segment);
    w.fixed(header.records);
    w.fixed(header.first_lsn);
    w.fixed(header.items);
    w.fixed(header.offset);
    w.fixed(header.synced_upto);
    AIML_CHECK(out.size() == kFrameHeaderBytes - 8);
    return out;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
    std::string sector;
    ByteWriter w(sector);
    w.fixed(kSegmentMagic);
    w.fixed(header.version);
    w.fixed(header.number);
    w.fixed(header.first_lsn);
    w.fixed(header.seed);
    sector.resize(kSegmentHeaderBytes - sizeof(std::uint32_t));
    w.fixed(crc32c(sector));
    sector.resize(kSector);
    return sector + sector;
}

std::optional<SegmentHeader> decode_segment_header(ByteView sector) {
    if (sector.size() < kSegmentHeaderBytes) {
        return std::nullopt;
    }
    const ByteView covered = sector.substr(0, kSegmentHeaderBytes - sizeof(std::uint32_t));
    ByteReader r(sector);
    SegmentHeader header;
    const auto magic = r.fixed<std::uint64_t>();
    header.version = r.fixed<std::uint32_t>();
    header.number = r.fixed<std::uint32_t>();
    header.first_lsn = r.fixed<Lsn>();
    header.seed = r.fixed<std::uint64_t>();
    ByteReader tail(sector.substr(covered.size()));
    if (magic != kSegmentMagic || tail.fixed<std::uint32_t>() != crc32c(covered)) {
        return std::nullopt;
    }
    return header;
}

void seal_frame(FrameHeader header, char* frame) {
    const std::uint64_t extent = header.extent();
    header.body_crc =
        seeded_crc(ByteView(frame + kFrameHeaderBytes, extent - kFrameHeaderBytes), header.seed);
    const std::string tail = frame_header_tail(header);
    const std::uint32_t crc = seeded_crc(tail, header.seed);
    std::memcpy(frame, &kFrameMagic, sizeof(kFrameMagic));
    std::memcpy(frame + 4, &crc, sizeof(crc));
    std::memcpy(frame + 8, tail.data(), tail.size());
}

std::optional<FrameHeader> decode_frame_header(ByteView bytes) {
    if (bytes.size() < kFrameHeaderBytes) {
        return std::nullopt;
    }
    ByteReader r(bytes.substr(0, kFrameHeaderBytes));
    const auto magic = r.fixed<std::uint32_t>();
    const auto crc = r.fixed<std::uint32_t>();
    if (magic != kFrameMagic) {
        return std::nullopt;
    }
    FrameHeader header;
    header.body_crc = r.fixed<std::uint32_t>();
    header.body_bytes = r.fixed<std::uint32_t>();
    header.seed = r.fixed<std::uint64_t>();
    header.segment = r.fixed<std::uint32_t>();
    header.records = r.fixed<std::uint32_t>();
    header.first_lsn = r.fixed<Lsn>();
    header.items = r.fixed<std::uint64_t>();
    header.offset = r.fixed<std::uint64_t>();
    header.synced_upto = r.fixed<std::uint64_t>();
    if (crc != seeded_crc(bytes.substr(8, kFrameHeaderBytes - 8), header.seed)) {
        return std::nullopt;
    }
    return header;
}

bool frame_body_holds(const FrameHeader& header, ByteView bytes) {
    const std::uint64_t extent = header.extent();
    return extent <= bytes.size() &&
           seeded_crc(bytes.substr(kFrameHeaderBytes, extent - kFrameHeaderBytes), header.seed) ==
               header.body_crc;
}

std::string segment_name(std::uint32_t number) {
    return fmt::format("{:08}.seg", number);
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
    std::uint32_t number = 0;
    if (name.size() != kSegmentNameLength || name.substr(kSegmentDigits) != ".seg") {
        return std::nullopt;
    }
    const char* end = name.data() + kSegmentDigits;
    const auto [at, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || at != end || number == 0) {
        return std::nullopt;
    }
    return number;
}

Status write_head(const std::string& folder, Lsn head) {
    std::string bytes;
    ByteWriter w(bytes);
    w.fixed(kHeadMagic);
    w.fixed(head);
    w.fixed(crc32c(bytes));
    return os::write_file_durably(folder, std::string(kHeadName), bytes);
}

Result<Lsn> read_head(const std::string& folder) {
    const auto bytes = os::read_file(folder + "/" + std::string(kHeadName), kSector);
    if (bytes.code() == ErrorCode::kNotFound) {
        return Lsn{1};
    }
    if (!bytes && bytes.code() != ErrorCode::kTooLarge) {
        return bytes.status();
    }
    if (bytes && bytes->size() == kHeadBytes) {
        ByteReader r(*bytes);
        const auto magic = r.fixed<std::uint64_t>();
        const auto head = r.fixed<Lsn>();
        const ByteView covered = ByteView(*bytes).substr(0, kHeadBytes - sizeof(std::uint32_t));
        if (magic == kHeadMagic && r.fixed<std::uint32_t>() == crc32c(covered)) {
            return head;
        }
    }
    return Status(ErrorCode::kCorruptBlock, folder + "/head is damaged");
}

}  // namespace aiml042::wal
