// One remembered request: 96 bits of its identity, the day of its event, when it arrived.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "base/time.h"

namespace aiml042::identity {

struct Entry {
    std::uint64_t key = 0;      // Hash128::high; orders runs, picks stripes, shards and slots.
    std::uint32_t check = 0;    // Low half of Hash128::low.
    std::int32_t day = 0;       // UTC day of the event's time.
    std::uint32_t arrival = 0;  // Seconds since the epoch, rounded down, at least 1.

    friend auto operator<=>(const Entry&, const Entry&) = default;
};

inline std::uint32_t check_of(const Hash128& identity) {
    return static_cast<std::uint32_t>(identity.low);
}

/// Arrival times are kept as whole seconds from 1 to 2^32-1 (1970 to 2106); what is outside is
/// moved to the edge.
inline std::uint32_t arrival_seconds(Timestamp arrival) {
    constexpr Timestamp kLast = 0xFFFF'FFFFLL;
    const Timestamp seconds = arrival / kSecond;
    return static_cast<std::uint32_t>(seconds < 1 ? 1 : (seconds > kLast ? kLast : seconds));
}

/// The other way; none for the edges, which stand for what is beyond them too.
inline std::optional<Timestamp> arrival_of(std::uint32_t seconds) {
    return seconds <= 1 || seconds == 0xFFFF'FFFFU ? std::nullopt
                                                   : std::optional(Timestamp{seconds} * kSecond);
}

}  // namespace aiml042::identity
