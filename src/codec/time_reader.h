// Times of items: RFC 3339 text or milliseconds since 1970, within the range that the server
// stores.

#pragma once

#include <array>

#include "base/time.h"
#include "codec/json_walker.h"

namespace aiml042::codec {

/// How far ahead of its arrival a time may lie: a clock that is off by more is a mistake of the
/// sender.
inline constexpr Timestamp kFutureMax = 3'653 * kDay;

/// Remembers the date it read last, as consecutive items share it. Threads: one owner.
class TimeReader {
  public:
    /// Reads the time that stands at the walker: kInvalidField when it is none, kOutOfRange when it
    /// lies before the year 1600, after 9999, or more than kFutureMax after `arrival`.
    bool read(JsonWalker& walker, Timestamp arrival, Timestamp& out);

  private:
    /// "YYYY-MM-DDThh:mm:ss[.mmm]Z" with the date of last time; false for every other form.
    bool read_same_day(std::string_view text, Timestamp& out) const;

    std::array<char, 11> date_{};  // "YYYY-MM-DDT" of midnight_.
    Timestamp midnight_ = 0;
};

}  // namespace aiml042::codec
