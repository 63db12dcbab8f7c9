#include "fold/identity_sealer.h"

#include <algorithm>
#include <cstdlib>

#include "base/limits.h"
#include "base/log.h"
#include "os/thread.h"

namespace aiml042::fold {

void IdentitySealer::maintain(Timestamp now, Timestamp last_arrival) {
    if (last_arrival == 0) {
        return;
    }
    const std::uint64_t hot = identities_->hot_entries();
    const Timestamp since = std::llabs(now - last_seal_);
    const bool many = hot >= limits::kIdentityHotEntriesSeal;
    if (since < (many ? kRetry : kInterval)) {
        if (hot < limits::kIdentityHotEntriesMax) {
            return;
        }
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return before_ == 0; });
        return;
    }
    const Timestamp committed = std::min(now, last_arrival) - kMargin;
    const Timestamp before = many ? committed : std::min(committed, now - kHotAge);
    const std::lock_guard lock(mutex_);
    if (before_ != 0) {
        return;
    }
    last_seal_ = now;
    before_ = std::max<Timestamp>(before, 1);
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { loop(); });
    }
    changed_.notify_all();
}

void IdentitySealer::loop() {
    os::enter_thread("id-seal", os::Rank::kBackground);
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || before_ != 0; });
        if (stopping_) {
            return;
        }
        const Timestamp before = before_;
        lock.unlock();
        if (const Status status = identities_->seal(before); !status.is_ok()) {
            log_error("fold_identity_seal_failed", {{"error", status.to_string()}});
        }
        lock.lock();
        before_ = 0;
        changed_.notify_all();
    }
}

void IdentitySealer::close() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace aiml042::fold
