#include "fold/group_queue.h"

#include <utility>

namespace aiml042::fold {

std::size_t payload_bytes(const wal::CommittedGroup& group) {
    std::size_t bytes = 0;
    for (const wal::Record& record : group.records) {
        bytes += record.payload.size();
    }
    return bytes;
}

void GroupQueue::push(wal::CommittedGroup group) {
    const std::size_t bytes = payload_bytes(group);
    MutexLock lock(mutex_);
    while (!closed_ && bytes_ != 0 && bytes_ + bytes > bytes_max_) {
        lock.wait(not_full_);
    }
    if (closed_) {
        return;
    }
    bytes_ += bytes;
    groups_.push_back(std::move(group));
    if (!gathering_ || bytes_ >= gather_bytes_) {
        not_empty_.notify_all();
    }
}

Status GroupQueue::run(Work work) {
    std::packaged_task<Status(store::Store&)> task(std::move(work));
    std::future<Status> done = task.get_future();
    {
        const MutexLock lock(mutex_);
        if (closed_) {
            return {ErrorCode::kDraining, "the fold is stopping"};
        }
        errands_.push_back(std::move(task));
    }
    not_empty_.notify_all();
    return done.get();
}

void GroupQueue::wait_for_some(MutexLock& lock, std::chrono::steady_clock::time_point deadline) {
    while (!closed_ && groups_.empty() && errands_.empty() &&
           lock.wait_until(not_empty_, deadline)) {
    }
    if (ready_ == 0 && !groups_.empty()) {
        const auto end = std::chrono::steady_clock::now() + gather_;
        gathering_ = true;
        while (!closed_ && errands_.empty() && bytes_ < gather_bytes_ &&
               lock.wait_until(not_empty_, end)) {
        }
        gathering_ = false;
        ready_ = groups_.size();
    }
}

GroupQueue::Item GroupQueue::next(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    MutexLock lock(mutex_);
    wait_for_some(lock, deadline);
    Item item;
    if (!errands_.empty()) {
        item.errand = std::move(errands_.front());
        errands_.pop_front();
    } else if (!groups_.empty()) {
        item.group = std::move(groups_.front());
        groups_.pop_front();
        --ready_;
        bytes_ -= payload_bytes(*item.group);
        not_full_.notify_all();
    } else {
        item.closed = closed_;
    }
    return item;
}

bool GroupQueue::wait_closed(std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    MutexLock lock(mutex_);
    while (!closed_ && lock.wait_until(not_empty_, deadline)) {
    }
    return closed_;
}

void GroupQueue::close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
}

std::size_t GroupQueue::bytes() const {
    const MutexLock lock(mutex_);
    return bytes_;
}

}  // namespace aiml042::fold
