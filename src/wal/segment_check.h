// Checks the bytes of a closed segment as they come in, without its records: for the scrub of a log
// that is in use, where replay() would need the segment in memory.
//
// State: the bytes of one frame. Pure. Everything in a closed segment was acknowledged, so whatever
// does not hold before its last record is damage; behind it anything may be (zeros, leftovers of a
// recycled file).

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "wal/format.h"

namespace aiml042::wal {

class SegmentCheck {
  public:
    /// Told of every stretch of acknowledged bytes that does not hold.
    using Bad = std::function<void(std::uint64_t offset, std::uint64_t length)>;

    /// The segment's first record is `first`, that of the next segment `behind`.
    SegmentCheck(std::uint32_t number, Lsn first, Lsn behind, Bad bad);

    /// The next bytes of the file.
    void feed(ByteView bytes);

    /// The file is over.
    void finish();

  private:
    [[nodiscard]] ByteView rest() const { return ByteView(pending_).substr(begin_); }

    bool step();
    void skip(std::uint64_t bytes);
    void check_header();
    [[nodiscard]] bool belongs(const FrameHeader& frame) const;

    const std::uint32_t number_;
    const Lsn behind_;
    const Bad bad_;
    std::string pending_;  // What was fed and not yet taken begins at `begin_` …
    std::size_t begin_ = 0;
    std::uint64_t at_ = 0;                   // … which is at this offset of the file.
    std::uint64_t good_end_ = kFramesBegin;  // Behind the last frame that holds.
    std::uint64_t headers_bad_ = 0;
    bool first_header_bad_ = false;
    std::optional<std::uint64_t> seed_;
    Lsn next_;
};

}  // namespace aiml042::wal
