#include "store/column_codec.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "base/limits.h"
#include "store/integer_codec.h"
#include "store/number_codec.h"
#include "store/string_codec.h"

namespace aiml042::store {

namespace {

using model::ColumnVector;
using model::ValueType;

constexpr std::uint8_t kFormat = 1;

Status corrupt(const char* what) {
    return {ErrorCode::kCorruptBlock, what};
}

double below(std::int64_t v) {
    const auto d = static_cast<double>(v);
    return std::fabs(d) < 9e15 ? d : std::nextafter(d, -std::numeric_limits<double>::infinity());
}

double above(std::int64_t v) {
    const auto d = static_cast<double>(v);
    return std::fabs(d) < 9e15 ? d : std::nextafter(d, std::numeric_limits<double>::infinity());
}

}  // namespace

std::size_t row_count(const ColumnVector& column) {
    switch (column.type) {
        case ValueType::kTime:
            return column.integers.size();
        case ValueType::kString:
            return column.codes.size();
        case ValueType::kNumber:
        case ValueType::kBool:
            break;
    }
    return column.numbers.size();
}

std::size_t missing_count(const ColumnVector& column) {
    if (column.type == ValueType::kTime) {
        return 0;
    }
    if (column.type == ValueType::kString) {
        return static_cast<std::size_t>(
            std::count(column.codes.begin(), column.codes.end(), model::kNullCode));
    }
    return static_cast<std::size_t>(std::count_if(
        column.numbers.begin(), column.numbers.end(), [](double v) { return std::isnan(v); }));
}

std::optional<Zone> zone_of(const ColumnVector& column) {
    if (column.type == ValueType::kString) {
        return std::nullopt;
    }
    if (column.type == ValueType::kTime) {
        if (column.integers.empty()) {
            return std::nullopt;
        }
        const auto [low, high] =
            std::minmax_element(column.integers.begin(), column.integers.end());
        return Zone{below(*low), above(*high)};
    }
    Zone zone{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const double v : column.numbers) {
        zone.min = v < zone.min ? v : zone.min;  // False for NaN.
        zone.max = v > zone.max ? v : zone.max;
    }
    if (zone.min > zone.max) {
        return std::nullopt;
    }
    return zone;
}

std::string encode_column(const ColumnVector& column, int zstd_level) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kFormat);
    writer.u8(static_cast<std::uint8_t>(column.type));
    writer.varint(row_count(column));
    writer.varint(missing_count(column));
    const std::optional<Zone> zone = zone_of(column);
    writer.u8(zone ? 1 : 0);
    if (zone) {
        writer.fixed(zone->min);
        writer.fixed(zone->max);
    }
    switch (column.type) {
        case ValueType::kTime:
            encode_integers(column.integers, out);
            break;
        case ValueType::kString:
            encode_strings(column, zstd_level, out);
            break;
        case ValueType::kNumber:
        case ValueType::kBool:
            encode_numbers(column.numbers, out);
            break;
    }
    writer.fixed(crc32c(out));
    return out;
}

Result<DecodedColumn> decode_column(ByteView bytes) {
    if (bytes.size() < sizeof(std::uint32_t)) {
        return corrupt("a column is too short");
    }
    const ByteView body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
    ByteReader tail(bytes.substr(body.size()));
    if (tail.fixed<std::uint32_t>() != crc32c(body)) {
        return corrupt("the checksum of a column is wrong");
    }
    return decode_unchecked(body);
}

Result<DecodedColumn> decode_unchecked(ByteView bytes) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    const std::uint8_t type = in.u8();
    const std::uint64_t rows = in.varint();
    const std::uint64_t missing = in.varint();
    const std::uint8_t has_zone = in.u8();
    DecodedColumn result;
    if (has_zone == 1) {
        const auto low = in.fixed<double>();
        result.head.zone = Zone{low, in.fixed<double>()};
    }
    if (!in.ok() || format != kFormat || type < 1 || type > 4 || rows > limits::kColumnRowsMax ||
        missing > rows || has_zone > 1) {
        return corrupt("the head of a column is not valid");
    }
    result.head.type = static_cast<ValueType>(type);
    result.head.rows = static_cast<std::uint32_t>(rows);
    result.head.missing = static_cast<std::uint32_t>(missing);
    ColumnVector& column = result.column;
    column.type = result.head.type;
    bool good = false;
    switch (column.type) {
        case ValueType::kTime:
            column.integers.resize(rows);
            good = decode_integers(in, column.integers);
            break;
        case ValueType::kString:
            good = decode_strings(in, rows, column);
            break;
        case ValueType::kNumber:
        case ValueType::kBool:
            column.numbers.resize(rows);
            good = decode_numbers(in, column.numbers);
            break;
    }
    if (!good || !in.done()) {
        return corrupt("the values of a column cannot be decoded");
    }
    return result;
}

}  // namespace aiml042::store
