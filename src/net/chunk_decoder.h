// Chunked bodies, decoded as they come in, with a bound on everything that is not payload.
//
// Strict where RFC 9112 lets a server be: CR LF only, at most 8 hex digits of size, short
// extensions (which are read over), no trailer fields (a trailer could be taken for a header
// further on). Pure: no I/O, no allocation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aiml042::net {

class ChunkDecoder {
  public:
    enum class State : std::uint8_t {
        kMore,       // Everything given was taken, more is needed.
        kPayload,    // `payload` is the next part of the body; call again with what follows it.
        kDone,       // The body is complete.
        kMalformed,  // Not acceptable; the connection has to be closed.
    };

    struct Step {
        State state = State::kMore;
        std::size_t consumed = 0;  // Bytes of the input that were taken, payload included.
        std::string_view payload;  // A part of the input.
    };

    /// Takes what it can from the front of `bytes`. Call again with the rest until kMore, kDone or
    /// kMalformed.
    Step step(std::string_view bytes);

  private:
    enum class Place : std::uint8_t {
        kSize,
        kExtension,
        kSizeLineFeed,
        kData,
        kDataReturn,
        kDataLineFeed,
        kEnd,
        kEndLineFeed,
        kDone
    };

    bool take_size_byte(char c);
    bool take_byte(char c);

    Place place_ = Place::kSize;
    std::uint8_t size_digits_ = 0;
    std::uint8_t extension_bytes_ = 0;
    std::uint64_t remaining_ = 0;      // Payload bytes left of this chunk.
    std::uint64_t payload_bytes_ = 0;  // Of all chunks.
    std::uint64_t overhead_bytes_ = 0;
};

}  // namespace aiml042::net
