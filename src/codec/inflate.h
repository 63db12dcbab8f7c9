// gzip and zstd bodies, bounded after inflation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace aiml042::codec {

enum class Encoding : std::uint8_t { kIdentity, kGzip, kZstd };

/// Inflates `in` into `out` (replaced). kTooLarge as soon as more than `bytes_max` would come out,
/// kMalformedBody when truncated, damaged, or followed by anything. `out` gets ItemParser::kPadding
/// bytes of capacity beyond its size.
Status inflate(ByteView in, Encoding encoding, std::size_t bytes_max, std::string& out);

/// Compresses for answers and stored text: gzip level 1..9, zstd level 1..19.
[[nodiscard]] std::string deflate(ByteView in, Encoding encoding, int level);

}  // namespace aiml042::codec
