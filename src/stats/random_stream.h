// A fixed stream of random numbers for permutation tests: the same at every call, on every machine.
// Source: G. L. Steele, D. Lea, C. H. Flood (2014), splitmix64.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace aiml042::stats {

class RandomStream {
  public:
    explicit RandomStream(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9E37'79B9'7F4A'7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBULL;
        return z ^ (z >> 31);
    }

    /// In [0, bound), bound below 2^32; even but for 2^-32 of it.
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
    }

    /// Brings `count` of the items, chosen evenly, to the front.
    template <typename T>
    void choose(std::span<T> items, std::size_t count) {
        for (std::size_t i = 0; i < count && i < items.size(); ++i) {
            std::swap(items[i], items[i + below(static_cast<std::uint32_t>(items.size() - i))]);
        }
    }

  private:
    std::uint64_t state_;
};

}  // namespace aiml042::stats
