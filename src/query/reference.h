// What a question about drift compares with: which data, and what is frozen of it for one column.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "codec/json_writer.h"
#include "metrics/embedding_drift.h"
#include "metrics/reference_column.h"
#include "query/engine.h"

namespace aiml042::query {

class Core;
struct Plan;

/// A reference with its windows, or the one that was made.
struct ResolvedReference {
    ReferenceQuery query;
    std::vector<TimeRange> windows;         // Of events; none of a made one.
    std::optional<StoredReference> stored;  // With kStored.
};

/// What a reference is when the question is about `range`, which has both ends. Errors:
/// kInvalidArgument when the question is longer than the weeks it is to be compared with; kNotFound
/// when no reference of the name was made.
[[nodiscard]] Result<ResolvedReference> resolve_reference(const Core& core,
                                                          const MetricQuery& query,
                                                          const TimeRange& range);

/// The plan's column over windows: the rows that the plan's filter, version and as_of take.
/// Remembered until a block or label changes. Errors: kQueryTooLarge.
[[nodiscard]] Result<std::shared_ptr<const metrics::ReferenceColumn>> measure_windows(
    const Core& core, const Plan& plan, std::span<const TimeRange> windows);

/// The plan's column of a reference. A made reference that does not have it: one without values.
[[nodiscard]] Result<std::shared_ptr<const metrics::ReferenceColumn>> measure_reference(
    const Core& core, const Plan& plan, const ResolvedReference& reference);

/// The same of the plan's embedding.
[[nodiscard]] Result<std::shared_ptr<const metrics::EmbeddingColumn>> measure_embedding_windows(
    const Core& core, const Plan& plan, std::span<const TimeRange> windows);
[[nodiscard]] Result<std::shared_ptr<const metrics::EmbeddingColumn>> measure_embedding(
    const Core& core, const Plan& plan, const ResolvedReference& reference);

/// {"kind","windows":[{"from","to"}]} or {"kind","name","version","created_at","source"}, with
/// "n","missing","edges" of the column.
void write_reference(codec::JsonWriter& writer,
                     const ResolvedReference& reference,
                     const metrics::ReferenceColumn* column);

/// With "n","missing","length" of an embedding.
void write_reference(codec::JsonWriter& writer,
                     const ResolvedReference& reference,
                     const metrics::EmbeddingColumn& embedding);

}  // namespace aiml042::query
