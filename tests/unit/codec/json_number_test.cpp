#include "codec/json_number.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "codec/compact_number.h"

namespace aiml042::codec {

namespace {

/// Reads `text` followed by bytes that must not matter.
const char* read(const std::string& text, JsonNumber& number, std::size_t& length) {
    const std::string padded = text + ",12345678901234567890";
    const char* const end = read_number(padded.data(), number);
    length = end == nullptr ? 0 : static_cast<std::size_t>(end - padded.data());
    return end;
}

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

/// Whether `text` is read as std::from_chars reads it, and survives its compact form.
bool exact(const std::string& text) {
    JsonNumber number;
    std::size_t length = 0;
    if (read(text, number, length) == nullptr || length != text.size()) {
        return false;
    }
    double wanted = 0.0;
    std::from_chars(text.data(), text.data() + text.size(), wanted);
    char bytes[16] = {};
    const char* const end = put_number(bytes, number);
    const char* at = bytes;
    double back = 0.0;
    return bits(number.value) == bits(wanted) && get_number(at, end, back) && at == end &&
           bits(back) == bits(wanted);
}

}  // namespace

TEST_CASE(
    "number: the value is the nearest double, and its compact form gives it back bit for bit") {
    for (const char* text : {"0",
                             "-0",
                             "1",
                             "-1",
                             "10",
                             "0.1",
                             "0.30000000000000004",
                             "123456789",
                             "12345678",
                             "1234567.8",
                             "9007199254740991",
                             "9007199254740992",
                             "9007199254740993",
                             "18446744073709551615",
                             "18446744073709551616",
                             "1e22",
                             "1e23",
                             "1E-22",
                             "1.5e+3",
                             "5e-324",
                             "2.2250738585072014e-308",
                             "1.7976931348623157e308",
                             "0.0000000000000000000001",
                             "0.00000000000000000000001",
                             "100000000000000000000000",
                             "0.1e1",
                             "-0.0",
                             "-0e5",
                             "1e0",
                             "123456789012345678901234567890",
                             "3.14159265358979323846264338327950288"}) {
        CAPTURE(text);
        CHECK(exact(text));
    }
    std::mt19937_64 random(11);
    std::size_t good = 0;
    constexpr std::size_t kCount = 300'000;
    for (std::size_t i = 0; i < kCount; ++i) {
        char text[64];
        const double value = std::bit_cast<double>(random());
        if (i % 3 == 0 && std::isfinite(value)) {
            std::snprintf(text, sizeof(text), "%.17g", value);
        } else if (i % 3 == 1) {
            std::snprintf(text,
                          sizeof(text),
                          "%.*f",
                          static_cast<int>(random() % 18),
                          std::ldexp(static_cast<double>(random() % 2'000'001) - 1e6, -10));
        } else {
            std::snprintf(text,
                          sizeof(text),
                          "%lld.%llu",
                          static_cast<long long>(random() >> random() % 63) >> 1,
                          static_cast<unsigned long long>(random() >> random() % 64));
        }
        std::string clean(text);
        if (clean.find("e+") != std::string::npos) {
            clean.erase(clean.find("e+") + 1, 1);  // from_chars does not take the plus.
        }
        good += exact(clean) ? 1U : 0U;
    }
    CHECK(good == kCount);
}

TEST_CASE("number: what is not one by the grammar") {
    for (const char* text : {"",
                             "-",
                             "+1",
                             "01",
                             "-01",
                             "00",
                             "1.",
                             ".5",
                             "-.5",
                             "1.e5",
                             "1e",
                             "1e+",
                             "1e-",
                             "e5",
                             "--1",
                             "Infinity",
                             "NaN",
                             "a"}) {
        CAPTURE(text);
        JsonNumber number;
        std::size_t length = 0;
        CHECK(read(text, number, length) == nullptr);
    }
    for (const auto& [text, wanted] : {std::pair{"1x", 1U},
                                       std::pair{"1.5.2", 3U},
                                       std::pair{"0x10", 1U},
                                       std::pair{"1-", 1U},
                                       std::pair{"1e5e", 3U}}) {
        CAPTURE(text);
        JsonNumber number;
        std::size_t length = 0;
        read(text, number, length);
        CHECK(length == wanted);
    }
}

TEST_CASE("number: beyond the doubles is infinite, nearer than any is zero") {
    const auto value = [](const std::string& text) {
        JsonNumber number;
        std::size_t length = 0;
        read(text, number, length);
        return number.value;
    };
    CHECK(std::isinf(value("1e309")));
    CHECK(value("-1e309") < 0);
    CHECK(std::isinf(value("1" + std::string(400, '0'))));
    CHECK(std::isinf(value("0.1e999999999999999999999")));
    CHECK(value("1e-330") == 0.0);
    CHECK(value("0." + std::string(1'000, '0') + "1") == 0.0);
    CHECK(value("0." + std::string(1'000, '0') + "1e1001") == 1.0);
    CHECK(value("0e999999999999") == 0.0);
    CHECK(value("1" + std::string(1'000, '0') + "e-1000") == 1.0);
    CHECK(value("1" + std::string(300, '0') + "e-700") == 0.0);
}

TEST_CASE("number: the shortest text, as ECMAScript writes it") {
    const std::pair<double, const char*> cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {100'000.0, "100000"},
        {123456789.0, "123456789"},
        {0.1, "0.1"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {0.000001, "0.000001"},
        {0.0000001, "1e-7"},
        {1.25e-9, "1.25e-9"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0.30000000000000004, "0.30000000000000004"},
        {-123.456, "-123.456"}};
    for (const auto& [value, text] : cases) {
        CAPTURE(text);
        CHECK(number_text(value) == text);
    }
    std::mt19937_64 random(5);
    std::size_t good = 0;
    constexpr std::size_t kCount = 100'000;
    for (std::size_t i = 0; i < kCount; ++i) {
        const double value = i % 2 == 0 ? std::bit_cast<double>(random())
                                        : static_cast<double>(random() % 100'000) / 1000.0;
        if (!std::isfinite(value)) {
            ++good;
            continue;
        }
        const std::string text = number_text(value);
        JsonNumber number;
        std::size_t length = 0;
        read(text, number, length);
        good += length == text.size() && bits(number.value) == bits(value) &&
                        text.size() <= kNumberTextMax
                    ? 1U
                    : 0U;
    }
    CHECK(good == kCount);
}

TEST_CASE("compact number: few digits take few bytes, and bytes that are none are refused") {
    const auto size = [](const std::string& text) {
        JsonNumber number;
        std::size_t length = 0;
        read(text, number, length);
        char bytes[16];
        return put_number(bytes, number) - bytes;
    };
    CHECK(size("0") == 2);
    CHECK(size("127") == 2);
    CHECK(size("0.82") == 2);
    CHECK(size("128") == 3);
    CHECK(size("0.025411") == 3);
    CHECK(size("0.30000000000000004") == 9);
    CHECK(size("9007199254740991") == 8);
    const auto refused = [](std::string bytes) {
        const char* at = bytes.data();
        double value = 0.0;
        return !get_number(at, bytes.data() + bytes.size(), value);
    };
    CHECK(refused(std::string(1, '\x00')));
    CHECK(refused(std::string("\x01\x05", 2)));
    CHECK(refused("\xFF\x01\x02\x03\x04\x05\x06\x07"));
    CHECK(refused(std::string("\xFF\x00\x00\x00\x00\x00\x00\xF8\x7F", 9)));  // NaN
    CHECK(refused(std::string("\xFF\x00\x00\x00\x00\x00\x00\xF0\x7F", 9)));  // Infinity
    CHECK(refused(std::string("\xB8\x02", 2)));                              // 23 places
}

}  // namespace aiml042::codec
