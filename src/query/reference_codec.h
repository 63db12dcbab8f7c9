// A reference's column as bytes: what the catalog keeps of it.
//
// Layout (version 1): u8 version; varint numbers, missing, kept values; the values ascending as
// IEEE doubles; varint texts; for each its length, bytes and rows. The catalog checks the bytes.

#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "metrics/embedding_drift.h"
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

/// An embedding's side. Layout (version 1): u8 version; varint length, vectors, missing, others,
/// sampled rows; the mean as IEEE doubles; the sample as IEEE floats.
[[nodiscard]] std::string encode_reference_embedding(const metrics::EmbeddingColumn& column);

/// kCorruptBlock when the bytes are not what was written.
[[nodiscard]] Result<metrics::EmbeddingColumn> decode_reference_embedding(ByteView bytes);

}  // namespace aiml042::query
