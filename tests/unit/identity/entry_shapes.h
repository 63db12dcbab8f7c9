// Random entries of the shapes that a page could get wrong: keys alike, close, far apart and at the
// ends of their range, days and arrivals constant, near each other or anywhere.

#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "identity/entry.h"

namespace aiml042::identity {

/// `count` sorted entries, all of one shape chosen by `random`; some may be equal.
inline std::vector<Entry> random_entries(std::mt19937_64& random, std::size_t count) {
    const std::uint64_t shape = random();
    const bool mixed = (shape >> 61 & 1) != 0;
    const auto narrow = [&](unsigned at) {
        return random() >> (mixed ? random() : shape >> at) % 64;
    };
    const auto day_low = static_cast<std::uint32_t>(random());
    const auto arrival_low = static_cast<std::uint32_t>(random());
    std::vector<Entry> out;
    for (std::size_t i = 0; i < count; ++i) {
        Entry entry{
            .key = narrow(0),
            .check = static_cast<std::uint32_t>(narrow(6)),
            .day = static_cast<std::int32_t>(
                day_low + static_cast<std::uint32_t>(random() >> (32 + (shape >> 12) % 32))),
            .arrival =
                arrival_low + static_cast<std::uint32_t>(random() >> (32 + (shape >> 17) % 32))};
        switch (shape >> 62 == 0 ? random() % 16 : 15) {
            case 0:
                entry.key = 0;
                break;
            case 1:
                entry.key = std::numeric_limits<std::uint64_t>::max();
                break;
            case 2:
                entry.day = std::numeric_limits<std::int32_t>::min();
                break;
            case 3:
                entry.day = std::numeric_limits<std::int32_t>::max();
                break;
            case 4:
                entry.arrival = 0;
                break;
            case 5:
                entry.arrival = std::numeric_limits<std::uint32_t>::max();
                break;
            default:
                break;
        }
        out.push_back(entry);
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace aiml042::identity
