// A reference's column as bytes: what the catalog keeps of it.
//
// Layout (version 1): u8 version; varint numbers, missing, kept values; the values ascending as
// IEEE doubles; varint texts; for each its length, bytes and rows. The catalog checks the bytes.

#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "metrics/reference_column.h"
#include "query/class_registry.h"

namespace aiml042::query {

/// Texts are written by their text: codes are this process's. At most `values_max` values are kept,
/// as quantiles where there are more.
[[nodiscard]] std::string encode_reference_column(const metrics::ReferenceColumn& column,
                                                  const ClassRegistry& texts,
                                                  std::size_t values_max);

/// kCorruptBlock when the bytes are not what was written; kQueryTooLarge when `texts` is full.
[[nodiscard]] Result<metrics::ReferenceColumn::Parts> decode_reference_column(ByteView bytes,
                                                                              ClassRegistry& texts);

}  // namespace aiml042::query
