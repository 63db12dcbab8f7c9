#include "base/time.h"

#include <chrono>
#include <cstdio>

#include "base/scratch.h"

namespace aiml042 {

namespace {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (text_.size() < count) {
            return std::nullopt;
        }
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const char c = text_[i];
            if (c < '0' || c > '9') {
                return std::nullopt;
            }
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(count);
        return value;
    }

    bool take(char wanted) {
        if (text_.empty() || text_.front() != wanted) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }

    bool take_any(std::string_view wanted) {
        if (text_.empty() || wanted.find(text_.front()) == std::string_view::npos) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }

    /// Microseconds of a fraction: at least one digit, those after the sixth are read and dropped.
    std::optional<std::int64_t> fraction() {
        std::int64_t micros = 0;
        std::size_t count = 0;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            if (count < 6) {
                micros = micros * 10 + (text_.front() - '0');
            }
            ++count;
            text_.remove_prefix(1);
        }
        if (count == 0) {
            return std::nullopt;
        }
        for (; count < 6; ++count) {
            micros *= 10;
        }
        return micros;
    }

    [[nodiscard]] bool done() const { return text_.empty(); }

  private:
    std::string_view text_;
};

std::optional<Timestamp> parse_offset(Scanner& scan) {
    if (scan.take_any("Zz")) {
        return 0;
    }
    const bool minus = scan.take('-');
    if (!minus && !scan.take('+')) {
        return std::nullopt;
    }
    const auto hours = scan.digits(2);
    if (!hours || !scan.take(':')) {
        return std::nullopt;
    }
    const auto minutes = scan.digits(2);
    if (!minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const Timestamp offset = *hours * kHour + *minutes * kMinute;
    return minus ? -offset : offset;
}

}  // namespace

std::int64_t days_from_civil(const CivilDate& date) {
    using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar literals only
    return sys_days{year{date.year} / month{date.month} / day{date.day}}.time_since_epoch().count();
}

CivilDate civil_from_days(std::int64_t days) {
    const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{days}}};
    return {int{ymd.year()}, unsigned{ymd.month()}, unsigned{ymd.day()}};
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    Scanner scan(text);
    const auto year = scan.digits(4);
    if (!year || !scan.take('-')) {
        return std::nullopt;
    }
    const auto month = scan.digits(2);
    if (!month || !scan.take('-')) {
        return std::nullopt;
    }
    const auto day = scan.digits(2);
    if (!day || !scan.take_any("Tt ")) {
        return std::nullopt;
    }
    const auto hour = scan.digits(2);
    if (!hour || !scan.take(':')) {
        return std::nullopt;
    }
    const auto minute = scan.digits(2);
    if (!minute || !scan.take(':')) {
        return std::nullopt;
    }
    const auto second = scan.digits(2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    std::int64_t micros = 0;
    if (scan.take('.')) {
        const auto fraction = scan.fraction();
        if (!fraction) {
            return std::nullopt;
        }
        micros = *fraction;
    }
    const auto offset = parse_offset(scan);
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!offset || !scan.done() || !date.ok()) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    return days * kDay + *hour * kHour + *minute * kMinute + *second * kSecond + micros - *offset;
}

namespace {

/// Writes the last `width` decimal digits of `value` and returns the place behind them.
char* put_digits(char* at, unsigned value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        at[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

}  // namespace

void append_rfc3339(std::string& out, Timestamp t) {
    const Timestamp midnight = floor_to(t, kDay);
    const CivilDate date = civil_from_days(midnight / kDay);
    const auto rest = static_cast<std::uint64_t>(t - midnight);
    const auto micros = static_cast<unsigned>(rest % 1'000'000);
    const auto seconds = static_cast<unsigned>(rest / 1'000'000);
    Scratch<char, 40> text;
    char* at = text.data();
    if (date.year < 0 || date.year > 9'999) {  // Not a time that is ever stored.
        at += std::snprintf(at, 12, "%d", date.year);
    } else {
        at = put_digits(at, static_cast<unsigned>(date.year), 4);
    }
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    at = put_digits(at, date.day, 2);
    *at++ = 'T';
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    if (micros != 0) {
        *at++ = '.';
        at = micros % 1'000 == 0 ? put_digits(at, micros / 1'000, 3) : put_digits(at, micros, 6);
    }
    *at++ = 'Z';
    out.append(text.data(), at);
}

std::string format_rfc3339(Timestamp t) {
    std::string out;
    append_rfc3339(out, t);
    return out;
}

}  // namespace aiml042
