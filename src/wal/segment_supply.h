// The files of the log for its writer: the active segment, the next one made ready behind its back,
// old ones reused or removed.
//
// Threads: the committer calls activate(), write() and room(); one thread of its own zero-fills
// ahead of the write position and makes the next segment; truncate_before() and live_bytes() from
// any thread.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/ids.h"
#include "base/scrub.h"
#include "base/status.h"
#include "os/file.h"
#include "wal/format.h"

namespace aiml042::wal {

struct SupplyOptions {
    std::string folder;
    std::uint64_t segment_bytes = limits::kSegmentBytes;
    std::function<bool()> disk_full;  // Asked before a new segment takes space; any thread.
    std::function<Status(std::uint64_t offset, std::size_t size)>
        write_fault;  // For tests; may be empty.
};

class SegmentSupply {
  public:
    /// Takes stock of the folder (made when missing) and starts to make the first segment. `next`
    /// is the first Lsn not used.
    static Result<std::unique_ptr<SegmentSupply>> open(SupplyOptions options, Lsn next);
    ~SegmentSupply();
    SegmentSupply(const SegmentSupply&) = delete;
    SegmentSupply& operator=(const SegmentSupply&) = delete;

    /// Whether `extent` more bytes fit into the active segment. False when there is none yet.
    [[nodiscard]] bool fits(std::uint64_t extent) const;

    /// Goes on to the next segment, whose first record will be `first`: its header is durable on
    /// return. Waits until one is ready. kDiskFull, with nothing changed, when none can be made for
    /// want of space; may be tried again. After any other failure nothing more may be written.
    Status activate(Lsn first);

    /// Seed, number and write position of the active segment, for the header of the next frame.
    [[nodiscard]] FrameHeader next_frame() const;

    /// Writes `frame` at the write position, durably. kDiskFull means that nothing was tried; after
    /// any other failure nothing more may be written.
    Status write(ByteView frame);

    /// Writes `head` durably, then reuses or removes the segments that hold only Lsns below it.
    /// What fails is logged and tried again with the next call.
    void truncate_before(Lsn head);

    [[nodiscard]] std::uint64_t live_bytes() const;

    /// Reads the segments that are not written any more, from the disk itself, against their
    /// checksums. One that is let go of meanwhile is not told of. False when it was stopped.
    bool scrub(const Scrub& scrub) const;

  private:
    /// A file being filled with zeros, then waiting for its turn, then written.
    struct Segment {
        std::uint32_t number = 0;
        os::File file;
        std::uint64_t zeroed =
            0;  // Of the file's beginning; what lies behind may not be written yet.
        Lsn first_lsn = 0;
        std::uint64_t seed = 0;
        std::uint64_t position = 0;
        std::uint64_t wanted = 0;  // The committer waits for zeros up to here.
    };

    /// A segment that is not written any more.
    struct Closed {
        std::uint32_t number;
        Lsn first_lsn;
        std::uint64_t bytes;
    };

    explicit SegmentSupply(SupplyOptions options) : options_(std::move(options)) {}

    Status take_stock(Lsn next);
    void run();
    bool wants_next() const;
    bool wants_zeros(const Segment& segment) const;
    std::shared_ptr<Segment> zero_target() const;
    Result<std::shared_ptr<Segment>> make_segment();
    Status zero_chunk(Segment& segment);
    Status let_go(const Closed& closed);
    Status make_next();
    std::string path(std::uint32_t number) const;

    /// A closed segment and what it should hold.
    struct Sealed {
        std::uint32_t number;
        Lsn first;
        Lsn behind;
    };

    /// The first one above `number`.
    [[nodiscard]] std::optional<Sealed> sealed_above(std::uint32_t number) const;

    const SupplyOptions options_;
    std::mutex
        files_mutex_;  // One at a time makes, renames or removes files. Taken before `mutex_`.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<Segment> active_;
    std::deque<std::shared_ptr<Segment>> ready_;  // Next segments, in order of their numbers.
    std::deque<Closed> closed_;
    std::uint32_t last_number_ = 0;
    Lsn head_ = 1;
    Lsn next_at_open_ = 1;
    Status failure_;              // Why the last attempt to make or fill a segment failed …
    std::uint64_t failures_ = 0;  // … and how many did.
    bool waiting_ = false;        // The committer waits for a segment.
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace aiml042::wal
