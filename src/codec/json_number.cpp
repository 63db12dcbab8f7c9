#include "codec/json_number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace aiml042::codec {

namespace {

constexpr int kExponentCap = 1'000'000;  // Far beyond any double; keeps sums from overflowing.

bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

/// Whether the number that is out of range is too large, and not too near to zero. `written` is its
/// exponent as written.
bool overflows(const char* p, const char* last, std::int64_t written) {
    p += *p == '-' ? 1 : 0;
    std::int64_t magnitude = written;
    if (*p != '0') {
        for (; p != last && is_digit(*p); ++p) {
            ++magnitude;
        }
        return magnitude > 0;
    }
    for (p += 2; p < last && *p == '0'; ++p) {
        --magnitude;
    }
    return magnitude > 0;
}

/// The general case, correctly rounded.
double convert(const char* first, const char* last, std::int64_t written) {
    double value = 0.0;
    const auto result = std::from_chars(first, last, value);
    if (result.ec == std::errc::result_out_of_range) {
        const double limit =
            overflows(first, last, written) ? std::numeric_limits<double>::infinity() : 0.0;
        return *first == '-' ? -limit : limit;
    }
    return value;
}

}  // namespace

const char* detail::read_number_slowly(
    const char* at, const char* p, bool is_long, std::int64_t places, JsonNumber& out) {
    std::int64_t written = 0;
    if (*p == 'e' || *p == 'E') {
        ++p;
        const bool minus = *p == '-';
        p += minus || *p == '+' ? 1 : 0;
        if (!is_digit(*p)) {
            return nullptr;
        }
        for (; is_digit(*p); ++p) {
            written = written < kExponentCap ? written * 10 + (*p - '0') : written;
        }
        written = minus ? -written : written;
    }
    const std::int64_t all_places = places - written;
    out.is_decimal = !is_long && all_places >= 0 && all_places <= std::int64_t{kPlacesMax};
    if (out.is_decimal) {
        out.places = static_cast<std::uint32_t>(all_places);
        const double value = static_cast<double>(out.digits) / kPowersOfTen[out.places];
        out.value = out.negative ? -value : value;
    } else {
        out.value = convert(at, p, written);
    }
    return p;
}

bool changes_integer(const char* at, double value) {
    const char* const first = at + (*at == '-' ? 1 : 0);
    const char* end = first;
    while (is_digit(*end)) {
        ++end;
    }
    if (*end == '.' || *end == 'e' || *end == 'E') {
        return false;
    }
    const std::string_view digits(first, static_cast<std::size_t>(end - first));
    char exact[std::numeric_limits<double>::max_exponent10 + 2];
    const auto written =
        std::to_chars(exact, exact + sizeof(exact), std::abs(value), std::chars_format::fixed, 0);
    if (std::string_view(exact, static_cast<std::size_t>(written.ptr - exact)) == digits) {
        return false;
    }
    std::string shortest;  // Its digits; the rest of such an integer are zeros.
    for (const char c : number_text(std::abs(value))) {
        if (c == 'e') {
            break;
        }
        if (c != '.') {
            shortest.push_back(c);
        }
    }
    const auto significant = [](std::string_view text) {
        return text.substr(0, text.find_last_not_of('0') + 1);
    };
    return significant(shortest) != significant(digits);
}

char* write_number(double value, char* out) {
    if (value == 0.0) {
        *out = '0';
        return out + 1;
    }
    char text[kNumberTextMax];
    const auto written =
        std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
    const char* p = text;
    if (*p == '-') {
        *out++ = *p++;
    }
    // d[.ddd]e±xx: the digits without the point, and the place of the point among them.
    char digits[kNumberTextMax];
    int count = 0;
    for (; *p != 'e'; ++p) {
        if (*p != '.') {
            digits[count++] = *p;
        }
    }
    int exponent = 0;
    std::from_chars(p[1] == '+' ? p + 2 : p + 1, written.ptr, exponent);
    const int point = exponent + 1;
    const auto put = [&out](const char* from, int n) {
        std::memcpy(out, from, static_cast<std::size_t>(n));
        out += n;
    };
    const auto zeros = [&out](int n) {
        std::memset(out, '0', static_cast<std::size_t>(n));
        out += n;
    };
    if (point >= count && point <= 21) {
        put(digits, count);
        zeros(point - count);
    } else if (point > 0 && point <= 21) {
        put(digits, point);
        *out++ = '.';
        put(digits + point, count - point);
    } else if (point > -6 && point <= 0) {
        put("0.", 2);
        zeros(-point);
        put(digits, count);
    } else {
        put(digits, 1);
        if (count > 1) {
            *out++ = '.';
            put(digits + 1, count - 1);
        }
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        out = std::to_chars(out, out + 4, std::abs(exponent)).ptr;
    }
    return out;
}

std::string number_text(double value) {
    char text[kNumberTextMax];
    return {text, write_number(value, text)};
}

}  // namespace aiml042::codec
