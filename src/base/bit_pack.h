// Unsigned integers of a fixed width, packed without gaps, little-endian, lowest bits first.
//
// Cost: about half a nanosecond per value to unpack; eight values of `width` bits are exactly
// `width` bytes, so one unrolled loop per width needs no branches. Reads never pass the end of the
// packed bytes.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace aiml042 {

/// Widths above this are stored as 64, so that one 8-byte load always holds a whole value.
inline constexpr unsigned kPackedWidthMax = 56;

/// Bits that hold `v`, as pack_bits() takes them: 0 to 56, or 64.
constexpr unsigned packed_width(std::uint64_t v) {
    const auto bits = static_cast<unsigned>(64 - std::countl_zero(v));
    return bits > kPackedWidthMax ? 64U : bits;
}

/// Whether a width read from a disk is one that packed_width() gives.
constexpr bool is_packed_width(unsigned width) {
    return width <= kPackedWidthMax || width == 64;
}

constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
    return (count * width + 7) / 8;
}

/// Appends `values`, each below 2^width, to `out`: packed_bytes(values.size(), width) bytes.
void pack_bits(std::span<const std::uint64_t> values, unsigned width, std::string& out);

/// Fills `out` from `in`, which holds at least packed_bytes(out.size(), width) bytes.
void unpack_bits(const char* in, unsigned width, std::span<std::uint64_t> out);

/// The value at `index` of the `count` values in `in`; a few nanoseconds.
[[nodiscard]] std::uint64_t unpack_at(const char* in,
                                      unsigned width,
                                      std::size_t count,
                                      std::size_t index);

}  // namespace aiml042
