// One column of a block as bytes that carry their own checksum.
//
// Bytes: format u8 (1), type u8, rows varint, missing varint, zone flag u8 and (when 1) min and max
// as 8-byte doubles, the stream of the type (see integer_codec.h, number_codec.h, string_codec.h),
// CRC-32C of all before it (4 bytes).

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "model/column.h"
#include "store/store.h"

namespace aiml042::store {

/// Rows of a column, whatever its type.
[[nodiscard]] std::size_t row_count(const model::ColumnVector& column);

/// Rows that have no value.
[[nodiscard]] std::size_t missing_count(const model::ColumnVector& column);

/// Range of the values of a time or number column; empty for strings and when no row has a value.
/// Times that no double can hold are rounded outwards.
[[nodiscard]] std::optional<Zone> zone_of(const model::ColumnVector& column);

/// The encoded form. Any number of rows up to limits::kColumnRowsMax.
[[nodiscard]] std::string encode_column(const model::ColumnVector& column, int zstd_level);

/// What the head of an encoded column says.
struct ColumnHead {
    model::ValueType type = model::ValueType::kNumber;
    std::uint32_t rows = 0;
    std::uint32_t missing = 0;
    std::optional<Zone> zone;
};

struct DecodedColumn {
    ColumnHead head;
    model::ColumnVector column;
};

/// Checks and decodes. kCorruptBlock when a bit is wrong; never a wrong value (but for odds of
/// 2^-32).
[[nodiscard]] Result<DecodedColumn> decode_column(ByteView bytes);

/// decode_column() behind its checksum: for the fuzzer, which could not get past it.
[[nodiscard]] Result<DecodedColumn> decode_unchecked(ByteView bytes);

}  // namespace aiml042::store
