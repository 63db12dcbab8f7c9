// A string column: codes of its rows and the pool of its distinct strings.
//
// Stream: code mode u8 (0 = row i has string i; 1 = integer stream, -1 missing), count varint, pool
// mode u8, then
//   plain    integer stream of lengths, the bytes
//   zstd     integer stream of lengths, raw size varint, packed size varint, one zstd frame
//   number   prefix, digits u8 (0 = no leading zeros), integer stream: "fl-008738"
//   uuid     prefix, 16 bytes each
//   hex      prefix, digits varint, upper case u8, digits / 2 bytes each
// A mode other than plain and zstd is taken only when every string of the pool is of that form, so
// it loses nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "model/column.h"

namespace aiml042::store {

/// Appends codes and pool of `column` (a string column). The pool is written whole; codes must
/// point into it.
void encode_strings(const model::ColumnVector& column, int zstd_level, std::string& out);

/// Reads `rows` rows into `column`. False when the bytes are not such a stream.
[[nodiscard]] bool decode_strings(ByteReader& in, std::size_t rows, model::ColumnVector& column);

}  // namespace aiml042::store
