#include "wal/disk_guard.h"

#include <utility>

#include "base/log.h"
#include "os/clock.h"

namespace aiml042::wal {

DiskGuard::DiskGuard(std::uint64_t minimum,
                     std::uint64_t resume,
                     std::chrono::microseconds interval,
                     std::function<Result<std::uint64_t>()> free)
    : minimum_(minimum),
      resume_(resume > minimum ? resume : minimum + minimum / 4),
      interval_(interval),
      free_(std::move(free)) {}

bool DiskGuard::full() {
    const std::int64_t now = os::SystemClock().steady();
    std::int64_t due = next_check_.load(std::memory_order_relaxed);
    if (now < due || !next_check_.compare_exchange_strong(due, now + interval_.count())) {
        return full_.load(std::memory_order_relaxed);
    }
    const auto free = free_();
    if (free) {
        const bool was = full_.load(std::memory_order_relaxed);
        const bool is = *free < (was ? resume_ : minimum_);
        if (is != was && full_.exchange(is) == was) {
            log_warn(is ? "disk_full" : "disk_full_over", {{"free_bytes", *free}});
        }
    }
    return full_.load(std::memory_order_relaxed);
}

}  // namespace aiml042::wal
