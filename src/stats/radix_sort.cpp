#include "stats/radix_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace aiml042::stats {

namespace {

constexpr std::size_t kDigitBits = 11;
constexpr std::size_t kPasses = 6;
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;
constexpr std::size_t kSmall = 600;
constexpr std::uint64_t kSign = 1ULL << 63;

/// Unsigned order of the keys is the order of the doubles.
std::uint64_t to_key(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);  // + 0.0 turns -0.0 into 0.0.
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double from_key(std::uint64_t key) {
    return std::bit_cast<double>((key & kSign) != 0 ? key & ~kSign : ~key);
}

std::size_t digit(std::uint64_t key, std::size_t pass) {
    return (key >> (pass * kDigitBits)) & (kBuckets - 1);
}

}  // namespace

void sort_ascending(std::vector<double>& values) {
    const std::size_t n = values.size();
    if (n < kSmall) {
        for (double& value : values) {
            value += 0.0;
        }
        std::sort(values.begin(), values.end());
        return;
    }
    AIML_CHECK(n <= UINT32_MAX);
    std::vector<std::uint64_t> keys(n);
    std::vector<std::uint64_t> other(n);
    std::array<std::array<std::uint32_t, kBuckets>, kPasses> counts{};
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t key = to_key(values[i]);
        keys[i] = key;
        for (std::size_t pass = 0; pass < kPasses; ++pass) {
            ++counts[pass][digit(key, pass)];
        }
    }
    for (std::size_t pass = 0; pass < kPasses; ++pass) {
        auto& starts = counts[pass];
        if (starts[digit(keys[0], pass)] == n) {
            continue;  // All keys agree in this digit.
        }
        std::uint32_t start = 0;
        for (std::uint32_t& count : starts) {
            const std::uint32_t size = count;
            count = start;
            start += size;
        }
        for (const std::uint64_t key : keys) {
            other[starts[digit(key, pass)]++] = key;
        }
        keys.swap(other);
    }
    for (std::size_t i = 0; i < n; ++i) {
        values[i] = from_key(keys[i]);
    }
}

}  // namespace aiml042::stats
