#include "base/bit_pack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace aiml042 {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t load(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

// One value near the end of the input, where eight bytes can no longer be read.
std::uint64_t load_tail(const char* in, std::size_t bytes, std::size_t bit, unsigned width) {
    char raw[16] = {};
    const std::size_t first = bit / 8;
    std::memcpy(raw, in + first, std::min<std::size_t>(sizeof(raw), bytes - first));
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    return (load(raw) >> (bit % 8)) & mask;
}

template <unsigned kWidth>
void unpack(const char* in, std::uint64_t* out, std::size_t count) {
    constexpr std::uint64_t kMask = (std::uint64_t{1} << kWidth) - 1;
    const std::size_t bytes = packed_bytes(count, kWidth);
    std::size_t i = 0;
    // The last load of a group of eight starts at byte 7 * kWidth / 8 of it.
    for (std::size_t at = 0; i + 8 <= count && at + (7 * kWidth) / 8 + 8 <= bytes;
         i += 8, at += kWidth) {
        [&]<std::size_t... kLane>(std::index_sequence<kLane...>) {
            ((out[i + kLane] =
                  (load(in + at + (kLane * kWidth) / 8) >> ((kLane * kWidth) % 8)) & kMask),
             ...);
        }
        (std::make_index_sequence<8>());
    }
    for (; i < count; ++i) {
        out[i] = load_tail(in, bytes, i * kWidth, kWidth);
    }
}

template <>
void unpack<0>(const char* /*in*/, std::uint64_t* out, std::size_t count) {
    std::fill_n(out, count, 0);
}

using Unpack = void (*)(const char*, std::uint64_t*, std::size_t);

template <std::size_t... kWidth>
constexpr std::array<Unpack, sizeof...(kWidth)> make_table(std::index_sequence<kWidth...>) {
    return {&unpack<static_cast<unsigned>(kWidth)>...};
}

constexpr auto kUnpack = make_table(std::make_index_sequence<kPackedWidthMax + 1>());

}  // namespace

void pack_bits(std::span<const std::uint64_t> values, unsigned width, std::string& out) {
    AIML_CHECK(is_packed_width(width));
    if (values.empty()) {
        return;
    }
    if (width == 64) {
        const std::size_t begin = out.size();
        out.resize(begin + values.size() * 8);
        std::memcpy(out.data() + begin, values.data(), values.size() * 8);
        return;
    }
    const std::size_t begin = out.size();
    const std::size_t bytes = packed_bytes(values.size(), width);
    out.resize(begin + bytes);
    char* to = out.data() + begin;
    Wide waiting = 0;
    unsigned bits = 0;
    std::size_t written = 0;
    for (const std::uint64_t v : values) {
        AIML_DCHECK((v >> width) == 0);
        waiting |= static_cast<Wide>(v) << bits;
        bits += width;
        if (bits >= 64) {
            const auto word = static_cast<std::uint64_t>(waiting);
            std::memcpy(to + written, &word, 8);
            written += 8;
            waiting >>= 64;
            bits -= 64;
        }
    }
    const auto word = static_cast<std::uint64_t>(waiting);
    std::memcpy(to + written, &word, bytes - written);
}

void unpack_bits(const char* in, unsigned width, std::span<std::uint64_t> out) {
    AIML_CHECK(is_packed_width(width));
    if (out.empty()) {
        return;
    }
    if (width == 64) {
        std::memcpy(out.data(), in, out.size() * 8);
        return;
    }
    kUnpack[width](in, out.data(), out.size());
}

std::uint64_t unpack_at(const char* in, unsigned width, std::size_t count, std::size_t index) {
    AIML_DCHECK(is_packed_width(width) && index < count);
    if (width == 0) {
        return 0;
    }
    return width == 64 ? load(in + index * 8)
                       : load_tail(in, packed_bytes(count, width), index * width, width);
}

}  // namespace aiml042
