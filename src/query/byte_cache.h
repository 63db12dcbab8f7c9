// A map with a bound in bytes that forgets what was not used longest.
//
// Threads: all calls from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/mutex.h"

namespace aiml042::query {

/// What a cached thing was computed from: `owner` (a block) and everything else that matters,
/// hashed.
struct CacheKey {
    std::uint64_t owner = 0;
    Hash128 what;

    friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

template <typename Value>
class ByteCache {
  public:
    explicit ByteCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// The value stored under `key` at this `version`; null when there is none or it is of another
    /// version.
    std::shared_ptr<const Value> find(const CacheKey& key, std::uint64_t version) {
        const MutexLock lock(mutex_);
        const auto at = entries_.find(key);
        if (at == entries_.end() || at->second->version != version) {
            return nullptr;
        }
        order_.splice(order_.begin(), order_, at->second);
        return at->second->value;
    }

    /// Stores a value in place of what was under `key`. Values above an eighth of the bound are not
    /// kept.
    void put(const CacheKey& key,
             std::uint64_t version,
             std::shared_ptr<const Value> value,
             std::size_t bytes) {
        bytes += kEntryBytes;
        std::list<Entry> dropped;  // Freed after the lock.
        const MutexLock lock(mutex_);
        if (const auto at = entries_.find(key); at != entries_.end()) {
            drop(at->second, dropped);
        }
        if (bytes > bytes_max_ / 8) {
            return;
        }
        order_.push_front({key, version, std::move(value), bytes});
        entries_[key] = order_.begin();
        bytes_ += bytes;
        while (bytes_ > bytes_max_) {
            drop(std::prev(order_.end()), dropped);
        }
    }

    [[nodiscard]] std::size_t bytes() const {
        const MutexLock lock(mutex_);
        return bytes_;
    }

  private:
    static constexpr std::size_t kEntryBytes = 160;  // Of list, map and key.

    struct Entry {
        CacheKey key;
        std::uint64_t version = 0;
        std::shared_ptr<const Value> value;
        std::size_t bytes = 0;
    };

    struct KeyHash {
        std::size_t operator()(const CacheKey& key) const {
            return static_cast<std::size_t>(key.what.low ^ (key.owner * 0x9E3779B97F4A7C15ULL));
        }
    };

    void drop(typename std::list<Entry>::iterator entry, std::list<Entry>& dropped)
        AIML_REQUIRES(mutex_) {
        bytes_ -= entry->bytes;
        entries_.erase(entry->key);
        dropped.splice(dropped.begin(), order_, entry);
    }

    const std::size_t bytes_max_;
    mutable Mutex mutex_;
    std::size_t bytes_ AIML_GUARDED_BY(mutex_) = 0;
    std::list<Entry> order_ AIML_GUARDED_BY(mutex_);  // Most recently used first.
    std::unordered_map<CacheKey, typename std::list<Entry>::iterator, KeyHash> entries_
        AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::query
