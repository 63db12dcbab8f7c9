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
#include "metrics/reference_column.h"
#include "query/engine.h"

namespace aiml042::query {

class Core;
struct Plan;

/// The windows that a reference holds when the question is about `range`, which has both ends.
/// kInvalidArgument when the question is longer than the weeks it is to be compared with.
[[nodiscard]] Result<std::vector<TimeRange>> windows_of(const ReferenceQuery& reference,
                                                        const TimeRange& range);

/// The plan's column over `windows`: the rows that the plan's filter, version and as_of take.
/// Remembered until a block or label changes. Errors: kQueryTooLarge.
[[nodiscard]] Result<std::shared_ptr<const metrics::ReferenceColumn>> measure_reference(
    const Core& core, const Plan& plan, std::span<const TimeRange> windows);

/// {"kind","windows":[{"from","to"}],"n","missing","edges"?}.
void write_reference(codec::JsonWriter& writer,
                     const ReferenceQuery& reference,
                     std::span<const TimeRange> windows,
                     const metrics::ReferenceColumn* column);

}  // namespace aiml042::query
