// A double in two to nine bytes. Numbers that people and models write have few decimal digits: they
// are kept as integer / 10^places, the division by which they were read, so they come back bit for
// bit.
//
//   byte 0     places << 3 | (n - 1), places 0..22; or 0xFF
//   n bytes    little-endian: digits << 1 | sign, digits below 2^53
//   8 bytes    after 0xFF: the IEEE 754 double, finite
//
// Minus zero has its sign. Described in docs/formats/batch.md.

#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "codec/json_number.h"

namespace aiml042::codec {

inline constexpr std::uint8_t kRawNumber = 0xFF;
inline constexpr std::size_t kCompactNumberMax = 9;

/// Writes `number` to `out`, where kCompactNumberMax bytes are free, and returns the byte behind
/// it.
inline char* put_number(char* out, const JsonNumber& number) {
    if (!number.is_decimal) [[unlikely]] {
        *out = static_cast<char>(kRawNumber);
        std::memcpy(out + 1, &number.value, sizeof(double));
        return out + kCompactNumberMax;
    }
    const std::uint64_t word = number.digits << 1 | (number.negative ? 1U : 0U);
    const auto bytes = static_cast<unsigned>(71 - std::countl_zero(word | 1)) >> 3;
    *out = static_cast<char>(number.places << 3 | (bytes - 1));
    std::memcpy(out + 1, &word, sizeof(word));
    return out + 1 + bytes;
}

/// Reads a number from `at`, which is before `end`; moves `at` behind it. False when the bytes are
/// not one.
inline bool get_number(const char*& at, const char* end, double& value) {
    const auto head = static_cast<std::uint8_t>(*at);
    const auto left = static_cast<std::size_t>(end - at) - 1;
    if (head == kRawNumber) {
        if (left < sizeof(double)) {
            return false;
        }
        std::memcpy(&value, at + 1, sizeof(double));
        at += kCompactNumberMax;
        return std::isfinite(value);
    }
    const unsigned places = head >> 3;
    const unsigned bytes = (head & 7U) + 1;
    if (places > kPlacesMax || left < bytes) {
        return false;
    }
    std::uint64_t word = 0;
    if (left >= sizeof(word)) [[likely]] {
        std::memcpy(&word, at + 1, sizeof(word));
        word &= ~std::uint64_t{0} >> (64 - 8 * bytes);
    } else {
        std::memcpy(&word, at + 1, bytes);
    }
    const double magnitude = static_cast<double>(word >> 1) / kPowersOfTen[places];
    value = (word & 1) != 0 ? -magnitude : magnitude;
    at += 1 + bytes;
    return true;
}

}  // namespace aiml042::codec
