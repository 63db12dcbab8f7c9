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
        MutexLock lock(mutex_);
        while (before_ != 0) {
            lock.wait(changed_);
        }
        return;
    }
    const Timestamp committed = std::min(now, last_arrival) - kMargin;
    const Timestamp before = many ? committed : std::min(committed, now - kHotAge);
    const MutexLock lock(mutex_);
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
    while (true) {
        Timestamp before = 0;
        {
            MutexLock lock(mutex_);
            while (!stopping_ && before_ == 0) {
                lock.wait(changed_);
            }
            if (stopping_) {
                return;
            }
            before = before_;
        }
        if (const Status status = identities_->seal(before); !status.is_ok()) {
            log_error("fold_identity_seal_failed", {{"error", status.to_string()}});
        }
        const MutexLock lock(mutex_);
        before_ = 0;
        changed_.notify_all();
    }
}

void IdentitySealer::close() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace aiml042::fold
