// Points in time as microseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aiml042 {

/// Microseconds since the Unix epoch, UTC. Leap seconds do not exist in it (as in POSIX time).
using Timestamp = std::int64_t;

inline constexpr Timestamp kMillisecond = 1'000;
inline constexpr Timestamp kSecond = 1'000'000;
inline constexpr Timestamp kMinute = 60 * kSecond;
inline constexpr Timestamp kHour = 60 * kMinute;
inline constexpr Timestamp kDay = 24 * kHour;

/// Events are accepted from 1600-01-01 (inclusive) to 9999-12-31 (exclusive) as RFC 3339 can write
/// them.
inline constexpr Timestamp kTimestampMin = -11'676'096'000LL * kSecond;
inline constexpr Timestamp kTimestampMax = 253'402'214'400LL * kSecond;

/// Half-open: `from` is inside, `to` is not.
struct TimeRange {
    Timestamp from = kTimestampMin;
    Timestamp to = kTimestampMax;

    [[nodiscard]] bool contains(Timestamp t) const { return from <= t && t < to; }
};

/// Largest multiple of `step` (> 0) that is not after `t`; right for times before 1970 too.
constexpr Timestamp floor_to(Timestamp t, Timestamp step) {
    const Timestamp rest = t % step;
    return t - (rest < 0 ? rest + step : rest);
}

/// Reads RFC 3339 ("2025-11-25T10:02:31.5+01:00", also a space for the T, also lower case). Digits
/// beyond microseconds are cut. Second 60 is read as the next second. Empty when the text is
/// anything else.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// "2025-11-25T10:02:31Z", with .mmm or .mmmmmm only when not zero. Years 0000 to 9999.
[[nodiscard]] std::string format_rfc3339(Timestamp t);
void append_rfc3339(std::string& out, Timestamp t);

struct CivilDate {
    int year;
    unsigned month;
    unsigned day;
};

/// Days since the epoch of a proleptic Gregorian date, and back (Howard Hinnant's days_from_civil).
[[nodiscard]] std::int64_t days_from_civil(const CivilDate& date);
[[nodiscard]] CivilDate civil_from_days(std::int64_t days);

}  // namespace aiml042
