#include "base/hash.h"

#include <cstring>

#include <nmmintrin.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace aiml042 {

std::uint32_t crc32c(ByteView bytes, std::uint32_t crc) {
    std::uint64_t state = ~crc & 0xFFFFFFFFU;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        state = _mm_crc32_u64(state, word);
    }
    auto narrow = static_cast<std::uint32_t>(state);
    for (; left > 0; --left, ++at) {
        narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(*at));
    }
    return ~narrow;
}

Hash128 hash128(ByteView bytes, std::uint64_t seed) {
    const XXH128_hash_t h = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {h.high64, h.low64};
}

std::uint64_t hash64(ByteView bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace aiml042
