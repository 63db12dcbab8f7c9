#include "codec/time_reader.h"

#include <cmath>
#include <cstring>

namespace aiml042::codec {

namespace {

/// Beyond these milliseconds nothing is in range; within, milliseconds × 1000 fits.
constexpr double kMillisecondsMax = 1e15;

/// Two decimal digits, or something above 99.
unsigned two_digits(const char* p) {
    const unsigned tens = static_cast<unsigned char>(p[0]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(p[1]) - unsigned{'0'};
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

}  // namespace

bool TimeReader::read_same_day(std::string_view text, Timestamp& out) const {
    constexpr std::size_t kWithoutFraction = 20;
    constexpr std::size_t kWithMilliseconds = 24;
    if ((text.size() != kWithoutFraction && text.size() != kWithMilliseconds) ||
        text.back() != 'Z' || std::memcmp(text.data(), date_.data(), date_.size()) != 0 ||
        text[13] != ':' || text[16] != ':') {
        return false;
    }
    const unsigned hour = two_digits(text.data() + 11);
    const unsigned minute = two_digits(text.data() + 14);
    const unsigned second = two_digits(text.data() + 17);
    if (hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    unsigned milliseconds = 0;
    if (text.size() == kWithMilliseconds) {
        const unsigned upper = two_digits(text.data() + 20);
        const unsigned lower = static_cast<unsigned char>(text[22]) - unsigned{'0'};
        if (text[19] != '.' || upper > 99 || lower > 9) {
            return false;
        }
        milliseconds = upper * 10 + lower;
    }
    out = midnight_ + hour * kHour + minute * kMinute + second * kSecond +
          milliseconds * kMillisecond;
    return true;
}

bool TimeReader::read(JsonWalker& walker, Timestamp arrival, Timestamp& out) {
    const std::uint32_t* const token = walker.token();
    if (walker.peek() == '"') {
        std::string_view text;
        if (!walker.read_string(text)) {
            return false;
        }
        if (!read_same_day(text, out)) {
            const auto time = parse_rfc3339(text);
            if (!time) {
                walker.rewind(token);
                return walker.fail(ErrorCode::kInvalidField,
                                   "expected a time like 2025-11-25T10:02:31Z (RFC 3339) or "
                                   "milliseconds since 1970");
            }
            out = *time;
            // Second 60 may belong to the next day.
            if (text.back() == 'Z' && text[10] == 'T' && text[17] != '6') {
                std::memcpy(date_.data(), text.data(), date_.size());
                midnight_ = floor_to(out, kDay);
            }
        }
    } else {
        if (walker.peek() != '-' && (walker.peek() < '0' || walker.peek() > '9')) {
            return walker.fail_type("a time as text or number");
        }
        JsonNumber number;
        if (!walker.read_number(number)) {
            return false;
        }
        const bool sane = std::abs(number.value) < kMillisecondsMax;
        out = sane ? std::llround(number.value * 1000.0) : kTimestampMax;
    }
    if (out < kTimestampMin || out >= kTimestampMax) [[unlikely]] {
        walker.rewind(token);
        return walker.fail(ErrorCode::kOutOfRange, "the time is not within the years 1600 to 9999");
    }
    if (out > arrival + kFutureMax) [[unlikely]] {
        walker.rewind(token);
        return walker.fail(ErrorCode::kOutOfRange,
                           "the time lies more than ten years in the future");
    }
    return true;
}

}  // namespace aiml042::codec
