#include "store/cache.h"

#include <utility>

namespace aiml042::store {

std::size_t Cache::KeyHash::operator()(const CacheKey& key) const {
    std::uint64_t h = key.id * 0x9E3779B97F4A7C15ULL;
    h ^= (std::uint64_t{key.part} << 3 | static_cast<std::uint64_t>(key.kind)) *
         0xC2B2AE3D27D4EB4FULL;
    h ^= h >> 29;
    return h * 0xBF58476D1CE4E5B9ULL;
}

Cache::Cache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

Cache::Shard& Cache::shard_of(const CacheKey& key) {
    return shards_[KeyHash()(key) >> 61];
}

std::shared_ptr<const void> Cache::find_any(const CacheKey& key) {
    Shard& shard = shard_of(key);
    const MutexLock lock(shard.mutex);
    const auto place = shard.places.find(key);
    if (place == shard.places.end()) {
        return nullptr;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, place->second);
    return place->second->value;
}

void Cache::put(const CacheKey& key, std::shared_ptr<const void> value, std::size_t bytes) {
    if (bytes > shard_bytes_max_ / 2) {
        return;
    }
    Shard& shard = shard_of(key);
    std::list<Entry> evicted;  // Destroyed after the lock is gone.
    const MutexLock lock(shard.mutex);
    if (const auto place = shard.places.find(key); place != shard.places.end()) {
        shard.bytes -= place->second->bytes;
        evicted.splice(evicted.begin(), shard.entries, place->second);
        shard.places.erase(place);
    }
    shard.entries.push_front({key, std::move(value), bytes});
    shard.places.emplace(key, shard.entries.begin());
    shard.bytes += bytes;
    while (shard.bytes > shard_bytes_max_) {
        const auto last = std::prev(shard.entries.end());
        shard.bytes -= last->bytes;
        shard.places.erase(last->key);
        evicted.splice(evicted.begin(), shard.entries, last);
    }
}

void Cache::erase(const CacheKey& key) {
    Shard& shard = shard_of(key);
    std::list<Entry> evicted;
    const MutexLock lock(shard.mutex);
    if (const auto place = shard.places.find(key); place != shard.places.end()) {
        shard.bytes -= place->second->bytes;
        evicted.splice(evicted.begin(), shard.entries, place->second);
        shard.places.erase(place);
    }
}

std::size_t Cache::bytes() const {
    std::size_t bytes = 0;
    for (const Shard& shard : shards_) {
        const MutexLock lock(shard.mutex);
        bytes += shard.bytes;
    }
    return bytes;
}

}  // namespace aiml042::store
