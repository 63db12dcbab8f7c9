#include "fold/identity_restorer.h"

#include <utility>

#include "base/limits.h"
#include "os/thread.h"

namespace aiml042::fold {

namespace {

constexpr std::size_t kAhead = 12;  // Rows between touching an identity and looking it up.

}  // namespace

void IdentityRestorer::add(Batch& batch) {
    if (batch.items.empty()) {
        return;
    }
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { loop(); });
    }
    MutexLock lock(mutex_);
    while (items_ >= limits::kFoldRestoreItemsMax) {
        lock.wait(changed_);
    }
    items_ += batch.items.size();
    queue_.push_back(std::exchange(batch, {}));
    changed_.notify_all();
}

void IdentityRestorer::drain() {
    MutexLock lock(mutex_);
    while (!queue_.empty()) {
        lock.wait(changed_);
    }
}

void IdentityRestorer::finish() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const MutexLock lock(mutex_);
        ending_ = true;
        changed_.notify_all();
    }
    thread_.join();
    const MutexLock lock(mutex_);
    ending_ = false;
}

void IdentityRestorer::loop() {
    os::enter_thread("restore", os::Rank::kFollowing);
    while (true) {
        const Batch* batch = nullptr;
        {
            MutexLock lock(mutex_);
            while (queue_.empty() && !ending_) {
                lock.wait(changed_);
            }
            if (queue_.empty()) {
                return;
            }
            batch = &queue_.front();  // Others only add behind it.
        }
        put_back(*batch);
        const MutexLock lock(mutex_);
        items_ -= batch->items.size();
        queue_.pop_front();
        changed_.notify_all();
    }
}

/// All of a record at once, so that the memory of the next ones is on its way while one is put
/// back.
void IdentityRestorer::put_back(const Batch& batch) {
    const auto ahead = identities_->lookahead();
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
        if (i + kAhead < batch.items.size()) {
            ahead.touch(batch.items[i + kAhead].identity);
        }
        identities_->restore(batch.items[i].identity, batch.items[i].day, batch.arrival);
    }
}

}  // namespace aiml042::fold
