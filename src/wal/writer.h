// The one durable log: appends records, commits them in groups, answers after the sync, hands them
// on in order.
//
// Segment files of limits::kSegmentBytes in one folder, written ahead of use, O_DIRECT|O_DSYNC
// where the file system can (else fdatasync), frames on sector boundaries, each with its checksums.
// See docs/formats/log.md. Threads: append() from any thread; one committer thread of its own runs
// callbacks and sink.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/scrub.h"
#include "base/status.h"

namespace aiml042::wal {

/// One record as committed or replayed: `count` items with Lsn first, first + 1 …
struct Record {
    Lsn first = 0;
    std::uint32_t count = 0;
    ByteView payload;
};

/// A group commit: records in Lsn order, their payloads in `bytes` (shared so that a consumer may
/// keep it).
struct CommittedGroup {
    std::shared_ptr<const std::string> bytes;
    std::vector<Record> records;
};

/// Where a group goes after its sync, in Lsn order. May wait (that is the back-pressure); never
/// while holding a lock that append() could need.
using Sink = std::function<void(CommittedGroup)>;

/// Called once, on the committer thread, after the sync (with the Lsn of the record's first item;
/// for a barrier the first Lsn not used, so that first + count - 1 is always the last Lsn there is
/// to wait for) or with why not. Must be quick and not call back into the Writer.
using CommitCallback = std::function<void(const Status&, Lsn first)>;

struct WriterOptions {
    std::string folder;
    std::size_t waiting_bytes_max = limits::kLogWaitingBytesMax;
    std::uint64_t free_bytes_min =
        1ULL << 30;  // Below this much free disk appends are refused with kDiskFull …
    std::uint64_t free_bytes_resume =
        0;  // … until this much is free again (0: 1.25 × the minimum).
    std::function<void(const Status&)>
        on_fatal;  // A write or sync failed: nothing more is acknowledged. Exit soon.

    // What follows has defaults that only tests change.
    std::uint64_t segment_bytes = limits::kSegmentBytes;  // A multiple of the sector.
    std::chrono::microseconds idle_seal{
        1'000'000};  // A seal is written when this long nothing came.
    std::chrono::microseconds free_check_interval{
        100'000};  // Free space is asked for at most this often …
    std::function<Result<std::uint64_t>()> free_bytes;  // … from the file system of the folder.
    std::function<Status(std::uint64_t offset, std::size_t size)>
        write_fault;  // Asked before each write of the log.
};

class Writer {
  public:
    /// Continues after `next`, the first Lsn not yet used (from wal::replay; 1 for a new folder).
    static Result<std::unique_ptr<Writer>> open(WriterOptions options, Lsn next, Sink sink);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Queues one record made of `pieces` put together (copied). `count` >= 0 items; a record
    /// without items is not written but answered after everything queued before it is durable (a
    /// barrier). Refused at once, callback not called, with kOverloaded (waiting_bytes_max
    /// reached), kDiskFull, kStorageFailed, kDraining or kTooLarge (more than fits into a frame). A
    /// callback may also get kDiskFull: nothing of the record was written.
    Status append(std::span<const ByteView> pieces, std::uint32_t count, CommitCallback callback);

    /// Whether append() would be refused now; cheap, for admission before a body is read.
    [[nodiscard]] Status admission() const;

    /// Last durable Lsn.
    [[nodiscard]] Lsn committed() const;

    /// Segments that hold only Lsns below `head` may go. Recorded durably before any file is
    /// reused. Does I/O on the calling thread; commits go on meanwhile.
    void truncate_before(Lsn head);

    /// Bytes of segments that are in use.
    [[nodiscard]] std::uint64_t live_bytes() const;

    /// Reads the segments that are not written any more, from the disk itself, against their
    /// checksums; for any thread, commits go on. False when it was stopped.
    bool scrub(const Scrub& scrub) const;

    /// Refuses new appends, commits what is queued, stops the thread.
    void close();

  private:
    struct State;
    explicit Writer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::wal
