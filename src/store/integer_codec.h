// Integers as streams of small groups: frame of reference or differences, bit-packed.
//
// Stream: mode u8, origin zigzag, then (not for a constant) scale varint and groups of up to 1,024
// values, each with base zigzag, width u8 and the packed bits. A value is origin + scale * u, where
// u is base + bits (frame of reference) or the running sum of base + bits (differences). The writer
// takes the mode that is smaller. All arithmetic wraps, so every int64 survives. Cost: about 3 ns
// per value to write, 0.5 to 1 ns to read.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace aiml042::store {

inline constexpr std::size_t kIntegerGroup = 1'024;

/// Appends the stream of `values` (their number is not part of it) to `out`.
void encode_integers(std::span<const std::int64_t> values, std::string& out);

/// Reads a stream group by group.
class IntegerReader {
  public:
    /// `in` stands at the stream, which has `count` values; it must outlive the reader.
    IntegerReader(ByteReader& in, std::size_t count);

    /// The next up to kIntegerGroup values, valid until the next call; empty at the end and when
    /// the bytes are not a stream: ok() tells.
    [[nodiscard]] std::span<const std::int64_t> next();

    [[nodiscard]] bool ok() const { return ok_; }

  private:
    void fill(std::size_t count);

    enum class Mode : std::uint8_t { kConstant = 0, kFrame = 1, kDifference = 2 };

    ByteReader* in_;
    std::size_t left_;
    bool ok_ = true;
    Mode mode_ = Mode::kConstant;
    std::uint64_t origin_ = 0;
    std::uint64_t scale_ = 1;
    std::uint64_t sum_ = 0;
    std::array<std::uint64_t, kIntegerGroup> bits_{};
    std::array<std::int64_t, kIntegerGroup> values_{};
};

/// Reads the whole stream into `out`. False when the bytes are not a stream of out.size() values.
[[nodiscard]] bool decode_integers(ByteReader& in, std::span<std::int64_t> out);

}  // namespace aiml042::store
