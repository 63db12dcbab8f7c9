// From the log's committer to the fold thread: groups in order, bounded by bytes, and errands that
// go between two groups.
//
// Threads: push() from one thread, run() from any, next() from the fold thread.

#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <optional>

#include "base/limits.h"
#include "base/mutex.h"
#include "base/status.h"
#include "store/store.h"
#include "wal/writer.h"

namespace aiml042::fold {

class GroupQueue {
  public:
    using Work = std::function<Status(store::Store&)>;

    /// What next() returns: a group, an errand, neither (the time was up), or the end.
    struct Item {
        std::optional<wal::CommittedGroup> group;
        std::optional<std::packaged_task<Status(store::Store&)>> errand;
        bool closed = false;
    };

    /// Small groups lie for up to `gather` after the queue was empty, so that a thousand commits a
    /// second of a few events each do not wake the fold thread each; limits::kFoldGatherBytes (or
    /// half of `bytes_max`), an errand or close() ends that.
    explicit GroupQueue(std::size_t bytes_max, std::chrono::microseconds gather = {})
        : bytes_max_(bytes_max),
          gather_bytes_(std::min(limits::kFoldGatherBytes, bytes_max / 2)),
          gather_(gather) {}

    /// Waits while bytes_max is reached; a single group larger than that still gets in alone. After
    /// close() the group is dropped: it is in the log.
    void push(wal::CommittedGroup group);

    /// Waits until the fold thread has run `work`. kDraining after close().
    Status run(Work work);

    /// Errands first. Waits at most `patience`.
    Item next(std::chrono::milliseconds patience);

    /// Waits until closed or `patience` is over; true when closed.
    bool wait_closed(std::chrono::milliseconds patience);

    /// Nothing more gets in; what is queued still comes out.
    void close();

    [[nodiscard]] std::size_t bytes() const;

  private:
    /// Waits until there is something to take now, or the time is up.
    void wait_for_some(MutexLock& lock, std::chrono::steady_clock::time_point deadline)
        AIML_REQUIRES(mutex_);

    const std::size_t bytes_max_;
    const std::size_t gather_bytes_;
    const std::chrono::microseconds gather_;
    mutable Mutex mutex_;
    std::condition_variable not_full_;
    std::condition_variable not_empty_;
    std::deque<wal::CommittedGroup> groups_ AIML_GUARDED_BY(mutex_);
    std::deque<std::packaged_task<Status(store::Store&)>> errands_ AIML_GUARDED_BY(mutex_);
    std::size_t bytes_ AIML_GUARDED_BY(mutex_) = 0;
    std::size_t ready_ AIML_GUARDED_BY(mutex_) = 0;  // Groups that have lain long enough.
    bool gathering_ AIML_GUARDED_BY(mutex_) = false;
    bool closed_ AIML_GUARDED_BY(mutex_) = false;
};

/// Payload bytes of a group.
[[nodiscard]] std::size_t payload_bytes(const wal::CommittedGroup& group);

}  // namespace aiml042::fold
