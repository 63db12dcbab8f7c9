// The memory of one frame while records are put into it: sector-aligned, so that it goes to the
// disk as it stands, and a std::string, so that it goes on to the consumers as it stands. No byte
// is copied twice.
//
// Threads: one owner at a time. BufferPool is shared by its buffers and locks itself.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "wal/format.h"
#include "wal/writer.h"

namespace aiml042::wal {

/// Strings that were used before, bounded in number and size, so that a commit does not pay for
/// fresh pages.
class BufferPool {
  public:
    /// An empty string, with memory when one is at hand.
    std::string take();

    /// Keeps the memory, or lets go of it when there is enough.
    void give(std::string buffer);

  private:
    Mutex mutex_;
    std::vector<std::string> free_ AIML_GUARDED_BY(mutex_);
};

class FrameBuffer {
  public:
    explicit FrameBuffer(std::shared_ptr<BufferPool> pool) : pool_(std::move(pool)) {}

    /// Adds one record of `count` > 0 items.
    void add(std::span<const ByteView> pieces, std::uint32_t count);

    [[nodiscard]] std::size_t records() const { return entries_.size(); }

    [[nodiscard]] std::uint64_t items() const { return items_; }

    /// Bytes that the frame will take in the file, with `more` bytes (prefixes included) added to
    /// it.
    [[nodiscard]] std::uint64_t extent_with(std::uint64_t more) const;

    [[nodiscard]] std::uint64_t extent() const { return extent_with(0); }

    /// Pads to the sector boundary, writes the header (whose counts and lengths are filled in here)
    /// with its checksums and returns the frame as it goes into the file, valid until the next
    /// call.
    ByteView finish(FrameHeader header);

    /// Hands out what was finished, with Lsns from `first`, and leaves the buffer empty.
    CommittedGroup release(Lsn first);

    /// Forgets the records.
    void clear();

  private:
    struct Entry {
        std::uint64_t offset;  // Of the payload, from the beginning of the frame.
        std::uint32_t length;
        std::uint32_t count;
    };

    void begin();
    void make_room(std::size_t more);

    std::shared_ptr<BufferPool> pool_;
    std::string bytes_;  // `pad_` bytes to the sector boundary, then the frame.
    std::size_t pad_ = 0;
    std::uint64_t items_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace aiml042::wal
