// Decoded things of sealed blocks, shared by all readers and bounded by bytes; least recently used
// go first.
//
// Threads: all calls from any thread; eight shards with a mutex each, no work is done under one.

#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"

namespace aiml042::store {

/// What is cached: `part` is a column id; the labels and chunk kinds use part 0.
struct CacheKey {
    enum class Kind : std::uint32_t { kColumn = 1, kLabels = 2, kChunk = 3 };

    Kind kind = Kind::kColumn;
    std::uint32_t part = 0;
    std::uint64_t id = 0;  // Of the block or chunk.

    friend auto operator<=>(const CacheKey&, const CacheKey&) = default;
};

class Cache {
  public:
    explicit Cache(std::size_t bytes_max);

    /// The cached value, of the type that was put under this key; null when there is none.
    template <typename T>
    [[nodiscard]] std::shared_ptr<const T> find(const CacheKey& key) {
        return std::static_pointer_cast<const T>(find_any(key));
    }

    /// Caches `value` under `key` in place of what was there. A value larger than half a shard is
    /// not kept.
    void put(const CacheKey& key, std::shared_ptr<const void> value, std::size_t bytes);

    void erase(const CacheKey& key);

    [[nodiscard]] std::size_t bytes() const;

  private:
    struct KeyHash {
        std::size_t operator()(const CacheKey& key) const;
    };

    struct Entry {
        CacheKey key;
        std::shared_ptr<const void> value;
        std::size_t bytes = 0;
    };

    struct Shard {
        mutable Mutex mutex;
        std::list<Entry> entries AIML_GUARDED_BY(mutex);  // Most recently used first.
        std::unordered_map<CacheKey, std::list<Entry>::iterator, KeyHash> places
            AIML_GUARDED_BY(mutex);
        std::size_t bytes AIML_GUARDED_BY(mutex) = 0;
    };

    static constexpr std::size_t kShards = 8;

    std::shared_ptr<const void> find_any(const CacheKey& key);
    Shard& shard_of(const CacheKey& key);

    const std::size_t shard_bytes_max_;
    std::array<Shard, kShards> shards_;
};

}  // namespace aiml042::store
