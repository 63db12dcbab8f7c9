// Says when the disk is too full for more log, before a write can fail. Any thread; lock-free.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/status.h"

namespace aiml042::wal {

/// Full below `minimum` free bytes, and then until `resume` (> minimum) are free.
class DiskGuard {
  public:
    /// `free` is asked at most once in `interval`, by whichever thread comes by.
    DiskGuard(std::uint64_t minimum,
              std::uint64_t resume,
              std::chrono::microseconds interval,
              std::function<Result<std::uint64_t>()> free);

    /// Costs a clock read, and now and then a statvfs. When free space cannot be learned the last
    /// answer stands.
    [[nodiscard]] bool full();

  private:
    const std::uint64_t minimum_;
    const std::uint64_t resume_;
    const std::chrono::microseconds interval_;
    const std::function<Result<std::uint64_t>()> free_;
    std::atomic<std::int64_t> next_check_{0};  // On the steady clock, microseconds.
    std::atomic<bool> full_{false};
};

}  // namespace aiml042::wal
