// A queue between two threads with a fixed capacity, closed once.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "base/mutex.h"

namespace aiml042 {

template <typename T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Waits for room. False when the queue was closed; the item is then dropped.
    bool push(T item) {
        MutexLock lock(mutex_);
        while (!closed_ && items_.size() >= capacity_) {
            lock.wait(not_full_);
        }
        if (closed_) {
            return false;
        }
        items_.push_back(std::move(item));
        not_empty_.notify_one();
        return true;
    }

    /// False at once when the queue is full or closed.
    bool try_push(T item) {
        const MutexLock lock(mutex_);
        if (closed_ || items_.size() >= capacity_) {
            return false;
        }
        items_.push_back(std::move(item));
        not_empty_.notify_one();
        return true;
    }

    /// Waits for an item. Empty when the queue is closed and drained.
    std::optional<T> pop() {
        MutexLock lock(mutex_);
        while (!closed_ && items_.empty()) {
            lock.wait(not_empty_);
        }
        if (items_.empty()) {
            return std::nullopt;
        }
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        not_full_.notify_one();
        return item;
    }

    void close() {
        const MutexLock lock(mutex_);
        closed_ = true;
        not_empty_.notify_all();
        not_full_.notify_all();
    }

    [[nodiscard]] std::size_t size() const {
        const MutexLock lock(mutex_);
        return items_.size();
    }

  private:
    const std::size_t capacity_;
    mutable Mutex mutex_;
    std::condition_variable not_empty_;
    std::condition_variable not_full_;
    std::deque<T> items_ AIML_GUARDED_BY(mutex_);
    bool closed_ AIML_GUARDED_BY(mutex_) = false;
};

}  // namespace aiml042
