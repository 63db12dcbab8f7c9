// Inflates a file bit by bit: plain, gzip (several members too) or zstd (several frames too), told
// apart by its first bytes.
//
// Memory: what zlib and zstd need (a window of at most 128 MiB for zstd files made with --long=27).
// Threads: one owner.

#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace aiml042::codec {

class InflateStream {
  public:
    InflateStream();
    ~InflateStream();
    InflateStream(const InflateStream&) = delete;
    InflateStream& operator=(const InflateStream&) = delete;

    /// Takes bytes from the front of `in` and puts at most `room` into `out`; returns how many.
    /// Call again with what is left of `in`; 0 with `in` empty asks for more. kMalformedBody when
    /// the bytes are damaged.
    Result<std::size_t> inflate(ByteView& in, char* out, std::size_t room);

    /// Whether the bytes may end here: kMalformedBody within a member or frame.
    [[nodiscard]] Status finish() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::codec
