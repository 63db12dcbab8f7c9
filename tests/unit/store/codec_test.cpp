#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "model/row.h"
#include "store/column_codec.h"
#include "store/integer_codec.h"

using namespace aiml042;
using namespace aiml042::store;
using model::ColumnVector;
using model::ValueType;

namespace {

ColumnVector numbers(std::vector<double> values) {
    ColumnVector column;
    column.numbers = std::move(values);
    return column;
}

ColumnVector times(std::vector<std::int64_t> values) {
    ColumnVector column;
    column.type = ValueType::kTime;
    column.integers = std::move(values);
    return column;
}

ColumnVector strings(const std::vector<std::string>& pool, std::vector<std::uint32_t> codes) {
    ColumnVector column;
    column.type = ValueType::kString;
    for (const auto& text : pool) {
        column.strings.add(text);
    }
    column.codes = std::move(codes);
    return column;
}

ColumnVector distinct(const std::vector<std::string>& pool) {
    std::vector<std::uint32_t> codes(pool.size());
    for (std::uint32_t i = 0; i < codes.size(); ++i) {
        codes[i] = i;
    }
    return strings(pool, codes);
}

// Returns the encoded size.
std::size_t check_same(const ColumnVector& column) {
    const std::string encoded = encode_column(column, 1);
    auto decoded = decode_column(encoded);
    INFO(decoded.status().to_string());
    REQUIRE(decoded.is_ok());
    const ColumnVector& back = decoded->column;
    REQUIRE(back.type == column.type);
    REQUIRE(back.integers == column.integers);
    REQUIRE(back.codes == column.codes);
    REQUIRE(back.strings.size() == column.strings.size());
    for (std::uint32_t i = 0; i < back.strings.size(); ++i) {
        REQUIRE(back.strings.at(i) == column.strings.at(i));
    }
    REQUIRE(back.numbers.size() == column.numbers.size());
    for (std::size_t i = 0; i < back.numbers.size(); ++i) {
        if (std::isnan(column.numbers[i])) {
            REQUIRE(std::bit_cast<std::uint64_t>(back.numbers[i]) ==
                    std::bit_cast<std::uint64_t>(model::kMissing));
        } else {
            REQUIRE(std::bit_cast<std::uint64_t>(back.numbers[i]) ==
                    std::bit_cast<std::uint64_t>(column.numbers[i]));
        }
    }
    CHECK(decoded->head.rows == row_count(column));
    CHECK(decoded->head.missing == missing_count(column));
    return encoded.size();
}

}  // namespace

// Differences wrap around, so the extremes of int64 are the place to look.
TEST_CASE("column_codec: times and sequences come back") {
    constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
    constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
    check_same(times({}));
    check_same(times({0}));
    check_same(times({kLow, kHigh}));
    check_same(times({kHigh, kLow, 0, kLow, kHigh, -1, 1}));
    check_same(times({5, 5, 5}));
    std::mt19937_64 random(2);
    std::vector<std::int64_t> values;
    for (int i = 0; i < 5'000; ++i) {
        values.push_back(static_cast<std::int64_t>(random()));
    }
    check_same(times(values));
    std::int64_t t = -1'000'000'000'000;
    for (auto& v : values) {
        v = t += static_cast<std::int64_t>(random() % 1'000) * 1'000;
    }
    CHECK(check_same(times(values)) < 5'000 * 2);  // 10 bits of milliseconds, not 64.
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = 7'000'000 + static_cast<std::int64_t>(i);
    }
    CHECK(check_same(times(values)) < 100);
}

TEST_CASE("column_codec: numbers come back bit for bit") {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    std::mt19937_64 random(3);
    const auto below = [&](std::uint64_t n) { return static_cast<double>(random() % n); };
    check_same(numbers({}));
    check_same(numbers({model::kMissing, model::kMissing}));
    check_same(numbers(
        {0.0, -0.0, 1.5, model::kMissing, kInf, -kInf, 5e-324, 1.7976931348623157e308, -1e-300}));
    check_same(numbers({model::kMissing, 0.0, -1.0, 1.0}));
    check_same(numbers({-0.0, -0.0}));
    check_same(numbers({2'251'799'813'685'247.0,
                        -2'251'799'813'685'247.0,
                        2'251'799'813'685'248.0,
                        model::kMissing}));
    std::vector<double> values(3'000);
    SECTION("decimals of six digits with holes and intruders") {
        for (auto& v : values) {
            v = below(10) == 0 ? model::kMissing
                               : (below(50) == 0 ? std::sqrt(below(1000)) : below(1'000'001) / 1e6);
        }
        CHECK(check_same(numbers(values)) < 3'000 * 4);
    }
    SECTION("booleans take a bit") {
        for (auto& v : values) {
            v = below(2);
        }
        CHECK(check_same(numbers(values)) < 3'000 / 8 + 64);
    }
    SECTION("negative amounts") {
        for (auto& v : values) {
            v = (below(200'000) - 100'000) / 100;
        }
        CHECK(check_same(numbers(values)) < 3'000 * 3);
    }
    SECTION("few doubles of any kind make a dictionary") {
        for (auto& v : values) {
            v = below(20) == 0 ? model::kMissing : std::sqrt(2 + below(7));
        }
        CHECK(check_same(numbers(values)) < 3'000);
    }
    SECTION("floats take four bytes") {
        for (auto& v : values) {
            v = static_cast<double>(static_cast<float>(std::sqrt(below(1ULL << 40))));
        }
        values[5] = model::kMissing;
        CHECK(check_same(numbers(values)) < 3'000 * 4 + 64);
    }
    SECTION("any bits") {
        for (auto& v : values) {
            v = std::bit_cast<double>(random());
        }
        check_same(numbers(values));
    }
    SECTION("a large first value that does not fit, then small ones") {
        for (auto& v : values) {
            v = 1'000 + below(10);
        }
        values[0] = 1e300;
        values[1] = model::kMissing;
        CHECK(check_same(numbers(values)) < 3'000);
    }
}

TEST_CASE("column_codec: strings come back in every packing") {
    constexpr std::uint32_t kNull = model::kNullCode;
    check_same(strings({}, {}));
    check_same(strings({}, {kNull, kNull}));
    check_same(strings({"", "a"}, {0, kNull, 1, 1, 0}));
    check_same(strings({"ü€😀", std::string("a\0b", 3)}, {0, 1, kNull}));
    std::mt19937_64 random(4);
    const auto hex = [&](std::size_t digits, const char* alphabet) {
        std::string text;
        for (std::size_t i = 0; i < digits; ++i) {
            text.push_back(alphabet[random() % 16]);
        }
        return text;
    };
    const auto make = [&](auto&& each) {
        std::vector<std::string> pool;
        for (int i = 0; i < 2'000; ++i) {
            pool.push_back(each(i));
        }
        return distinct(pool);
    };
    const char* lower = "0123456789abcdef";
    const char* upper = "0123456789ABCDEF";
    const auto padded = [](int i) {
        return std::string(6 - std::to_string(i).size(), '0') + std::to_string(i);
    };
    CHECK(check_same(make([&](int i) { return "fl-" + padded(i + 8'738); })) < 200);
    CHECK(check_same(make([](int i) { return "r" + std::to_string(i); })) < 200);
    CHECK(check_same(make([](int i) { return std::to_string(i * 37); })) < 200);
    check_same(make(
        [](int i) { return std::string(1 + static_cast<std::size_t>(i % 2'000), '0') + "1"; }));
    check_same(
        make([](int i) { return "9" + std::string(17, '0') + std::to_string(100'000 + i); }));
    CHECK(check_same(make([&](int) {
              return hex(8, lower) + "-" + hex(4, lower) + "-" + hex(4, lower) + "-" +
                     hex(4, lower) + "-" + hex(12, lower);
          })) < 2'000 * 17);
    CHECK(check_same(make([&](int) { return "req_" + hex(16, lower); })) < 2'000 * 9);
    CHECK(check_same(make([&](int) { return hex(32, upper); })) < 2'000 * 17);
    check_same(make([&](int) { return hex(9, lower); }));  // Odd.
    check_same(make([&](int i) { return hex(12, i % 2 == 0 ? lower : upper); }));
    check_same(make([](int i) { return "-" + std::to_string(i - 1'000); }));
    CHECK(check_same(make([&](int i) {
              return "The answer to question " + padded(i) + " is: " + hex(3, lower);
          })) < 2'000 * 12);
    check_same(distinct({"1", "2", "3", "03"}));
    check_same(distinct({"x00", "x01", "x02", "x0"}));
    check_same(distinct({"", "1", "2", "3"}));
    check_same(distinct({"a1", "a2", "a3", "a-4"}));
}

// Bytes on disk rot: each flipped bit, each cut must be noticed.
TEST_CASE("column_codec: a damaged column is refused") {
    std::vector<double> values;
    for (int i = 0; i < 50; ++i) {
        values.push_back(i % 7 == 0 ? model::kMissing : i * 0.25);
    }
    for (const ColumnVector& column : {numbers(values),
                                       times({1, 5, 9, 100}),
                                       strings({"a", "b"}, {0, 1, 0}),
                                       distinct({"a1", "a2", "a3", "a4"})}) {
        const std::string encoded = encode_column(column, 1);
        for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
            std::string damaged = encoded;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            REQUIRE(decode_column(damaged).code() == ErrorCode::kCorruptBlock);
        }
        for (std::size_t size = 0; size < encoded.size(); ++size) {
            REQUIRE(decode_column(encoded.substr(0, size)).code() == ErrorCode::kCorruptBlock);
        }
    }
}

TEST_CASE("column_codec: the zone is the range of the values") {
    CHECK_FALSE(zone_of(numbers({model::kMissing})).has_value());
    CHECK_FALSE(zone_of(strings({"a"}, {0})).has_value());
    const auto zone = zone_of(numbers({3.0, model::kMissing, -1.5}));
    REQUIRE(zone.has_value());
    CHECK(zone->min == -1.5);
    CHECK(zone->max == 3.0);
    // A time that no double can hold must still lie inside.
    const std::int64_t odd = 253'402'214'399'999'999;
    const auto wide = zone_of(times({odd}));
    REQUIRE(wide.has_value());
    CHECK(wide->min < static_cast<double>(odd));
    CHECK(wide->max > static_cast<double>(odd));
}
