#include "stats/radix_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"

namespace aiml042::stats {

namespace {

constexpr std::size_t kDigitBits = 11;
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

std::size_t digit(std::uint64_t key, std::size_t shift) { return (key >> shift) & (kBuckets - 1); }

/// One pass of the digit at `shift`; `count` of keys per digit. Nothing to do when all agree.
void pass(std::vector<std::uint64_t>& keys, std::vector<std::uint64_t>& other, std::array<std::uint32_t, kBuckets>& counts, std::size_t shift) {
    if (counts[digit(keys[0], shift)] == keys.size()) {
        return;
    }
    std::uint32_t start = 0;
    for (std::uint32_t& count : counts) {
        const std::uint32_t size = count;
        count = start;
        start += size;
    }
    for (const std::uint64_t key : keys) {
        other[counts[digit(key, shift)]++] = key;
    }
    keys.swap(other);
}

/// Sorts by the digits at `shifts`, the least significant first.
void sort_by_digits(std::vector<std::uint64_t>& keys, std::vector<std::uint64_t>& other, std::span<const std::size_t> shifts) {
    std::vector<std::array<std::uint32_t, kBuckets>> counts(shifts.size());
    for (const std::uint64_t key : keys) {
        for (std::size_t i = 0; i < shifts.size(); ++i) {
            ++counts[i][digit(key, shifts[i])];
        }
    }
    for (std::size_t i = 0; i < shifts.size(); ++i) {
        pass(keys, other, counts[i], shifts[i]);
    }
}

/// Insertion of keys that are nearly in order. False, with the keys in any order, after `moves_max` moves.
bool insert_in_order(std::vector<std::uint64_t>& keys, std::size_t moves_max) {
    std::size_t moves = 0;
    for (std::size_t i = 1; i < keys.size(); ++i) {
        const std::uint64_t key = keys[i];
        std::size_t at = i;
        while (at > 0 && keys[at - 1] > key) {
            keys[at] = keys[at - 1];
            --at;
            ++moves;
        }
        keys[at] = key;
        if (moves > moves_max) {
            return false;
        }
    }
    return true;
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
    std::transform(values.begin(), values.end(), keys.begin(), to_key);
    constexpr std::array<std::size_t, 6> kShifts{0, 11, 22, 31, 42, 53};
    // The upper 33 bits leave few neighbours out of order unless the values crowd together.
    sort_by_digits(keys, other, std::span(kShifts).subspan(3));
    if (!insert_in_order(keys, 4 * n)) {
        sort_by_digits(keys, other, kShifts);
    }
    std::transform(keys.begin(), keys.end(), values.begin(), from_key);
}

}  // namespace aiml042::stats
