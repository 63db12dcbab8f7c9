// The bytes of a run file that reader and writer share.

#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/hash.h"
#include "identity/run.h"

namespace aiml042::identity {

inline constexpr std::uint64_t kRunMagic = 0x314E'5552'4449'4D41ULL;   // "AMIDRUN1"
inline constexpr std::uint64_t kRunFooter = 0x3154'4F46'4449'4D41ULL;  // "AMIDFOT1"
inline constexpr std::size_t kRunFooterBytes = 32;

/// The page at the start.
inline std::string encode_run_header(const RunInfo& info,
                                     std::uint64_t pages,
                                     RunVersion version = RunVersion::kPacked) {
    std::string bytes;
    ByteWriter out(bytes);
    out.fixed(kRunMagic);
    out.fixed(static_cast<std::uint32_t>(version));
    out.fixed(version == RunVersion::kFixed ? kFixedEntryBytes : std::uint32_t{kPageBytes});
    out.fixed(info.id);
    out.fixed(info.entries);
    out.fixed(pages);
    out.fixed(info.arrival_min);
    out.fixed(info.arrival_max);
    bytes.resize(kPageBytes - 4, '\0');
    ByteWriter(bytes).fixed(crc32c(bytes));
    return bytes;
}

/// The 32 bytes at the end, behind a tail of that size and checksum.
inline std::string encode_run_footer(std::uint64_t id,
                                     std::uint64_t tail_bytes,
                                     std::uint32_t tail_crc) {
    std::string bytes;
    ByteWriter out(bytes);
    out.fixed(tail_bytes);
    out.fixed(tail_crc);
    out.fixed(static_cast<std::uint32_t>(id));
    out.fixed(kRunFooter);
    bytes.resize(kRunFooterBytes - 4, '\0');
    ByteWriter(bytes).fixed(crc32c(bytes));
    return bytes;
}

inline std::string encode_run_footer(std::uint64_t id, ByteView tail) {
    return encode_run_footer(id, tail.size(), crc32c(tail));
}

}  // namespace aiml042::identity
