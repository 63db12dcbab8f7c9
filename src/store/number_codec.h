// Doubles without loss, bit for bit; NaN is "missing" and comes back as the one NaN of
// model::kMissing.
//
// Stream: kind u8, then
//   constant    the 8 bytes
//   decimal     exponent u8, missing mark (flag u8, then zigzag), exceptions (count varint,
//   position gaps varint, 8
//               bytes each), integer stream of i, where the value is i / 10^exponent; division
//               rounds once, so every decimal of up to 15 digits is exact. Booleans are decimals of
//               exponent 0 and 1 bit.
//   dictionary  count varint, 8 bytes each, integer stream of codes
//   single      4 bytes each, for values that came from floats
//   raw         8 bytes each
// The writer tries them on a sample and takes the smallest.

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace aiml042::store {

void encode_numbers(std::span<const double> values, std::string& out);

/// False when the bytes are not a stream of out.size() numbers.
[[nodiscard]] bool decode_numbers(ByteReader& in, std::span<double> out);

}  // namespace aiml042::store
