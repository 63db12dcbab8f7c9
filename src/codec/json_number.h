// Numbers as JSON text: read strictly (RFC 8259 grammar), written in the one shortest form.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace aiml042::codec {

/// A number read from text. Where `is_decimal`, value == ±digits / 10^places, computed with one
/// rounding.
struct JsonNumber {
    double value = 0.0;
    std::uint64_t digits = 0;  // Below 2^53.
    std::uint32_t places = 0;  // At most kPlacesMax.
    bool negative = false;
    bool is_decimal = false;
};

/// 10^22 is the largest power of ten that is a double.
inline constexpr std::uint32_t kPlacesMax = 22;

inline constexpr std::array<double, kPlacesMax + 1> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Bytes that read_number() may read behind the number.
inline constexpr std::size_t kNumberOverread = 16;

namespace detail {

/// Reads the digits at `p`, moves `p` behind them and appends them to `digits` (modulo 2^64). Eight
/// at a time: the ninth line of bit arithmetic is cheaper than one mispredicted branch.
inline void read_digits(const char*& p, std::uint64_t& digits) {
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
    constexpr std::array<std::uint64_t, 9> kScale = {
        1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
    for (;;) {
        std::uint64_t word = 0;
        std::memcpy(&word, p, sizeof(word));
        word ^= kOnes * '0';  // Digits become 0 … 9.
        const std::uint64_t others = ((word + kOnes * (0x80 - 10)) | word) & (kOnes * 0x80);
        const auto count = others == 0 ? 8U : static_cast<unsigned>(std::countr_zero(others)) / 8;
        if (count == 0) {
            return;
        }
        word <<= 64 - 8 * count;  // Zeros come in front.
        word = word * 10 + (word >> 8);
        word = (word & 0x00FF'00FF'00FF'00FF) * 100 + ((word >> 16) & 0x00FF'00FF'00FF'00FF);
        word = (word & 0x0000'FFFF'0000'FFFF) * 10'000 + ((word >> 32) & 0x0000'FFFF);
        digits = digits * kScale[count] + (word & 0xFFFF'FFFF);
        p += count;
        if (count < 8) {
            return;
        }
    }
}

/// What read_number() leaves over: an exponent, more than 19 digits. `p` is behind the digits,
/// `places` of them behind the point.
const char* read_number_slowly(
    const char* at, const char* p, bool is_long, std::int64_t places, JsonNumber& out);

}  // namespace detail

/// Reads the number that begins at `at`, where a byte that cannot belong to a number follows
/// somewhere, and kNumberOverread readable bytes after it. Returns the byte behind the number,
/// nullptr when the grammar is broken. A number beyond the doubles comes out infinite, one nearer
/// to zero than any double as zero. Cost: about 5 ns for up to 15 digits, 30 ns for 17.
[[nodiscard]] inline const char* read_number(const char* at, JsonNumber& out) {
    constexpr std::ptrdiff_t kDigitsMax = 19;  // Fit into 64 bits.
    constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53;
    const auto is_digit = [](char c) { return static_cast<unsigned char>(c - '0') < 10; };
    out.negative = *at == '-';
    const char* p = at + (out.negative ? 1 : 0);
    const char* const whole = p;
    if (!is_digit(*p) || (*p == '0' && is_digit(p[1]))) [[unlikely]] {
        return nullptr;
    }
    std::uint64_t digits = 0;
    detail::read_digits(p, digits);
    std::ptrdiff_t count = p - whole;
    std::ptrdiff_t places = 0;
    if (*p == '.') {
        const char* const fraction = ++p;
        detail::read_digits(p, digits);
        places = p - fraction;
        if (places == 0) [[unlikely]] {
            return nullptr;
        }
        count += places;
    }
    const bool has_exponent = *p == 'e' || *p == 'E';
    if (has_exponent || count > kDigitsMax || digits >= kExactMax || places > kPlacesMax)
        [[unlikely]] {
        out.digits = digits;
        return detail::read_number_slowly(
            at, p, count > kDigitsMax || digits >= kExactMax, places, out);
    }
    out.is_decimal = true;
    out.digits = digits;
    out.places = static_cast<std::uint32_t>(places);
    const double value = static_cast<double>(digits) / kPowersOfTen[out.places];
    out.value = out.negative ? -value : value;
    return p;
}

/// Whether the integer (no point, no exponent) that begins at `at` is another number than `value`,
/// which it was read as, and does not have the digits of its shortest text either. False for what
/// is no integer.
[[nodiscard]] bool changes_integer(const char* at, double value);

/// Longest text of write_number().
inline constexpr std::size_t kNumberTextMax = 32;

/// Writes the shortest text that reads back as `value` (finite), in the form of ECMAScript and RFC
/// 8785: 1, 0.25, 1e+21. Minus zero is 0. Returns the byte behind it; `out` has kNumberTextMax
/// bytes.
char* write_number(double value, char* out);

/// The same as a string.
[[nodiscard]] std::string number_text(double value);

}  // namespace aiml042::codec
