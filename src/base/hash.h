// Hashes: CRC32C for stored bytes, XXH3-128 for identity.

#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace aiml042 {

/// CRC-32C (Castagnoli) of `bytes`, continued from `crc` (0 to begin). SSE4.2; about 10 GB/s.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t crc = 0);

struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

/// XXH3 with a seed: not cryptographic, so a seed that callers do not know keeps them from making
/// collisions.
[[nodiscard]] Hash128 hash128(ByteView bytes, std::uint64_t seed);
[[nodiscard]] std::uint64_t hash64(ByteView bytes, std::uint64_t seed = 0);

}  // namespace aiml042
