// Rows as estimates read them: joined over columns, every column as codes of what the reference
// holds of it.
//
// Cost: about 10 ns per row and column. Bounds: limits::kEstimateColumnsMax columns.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/column_codes.h"
#include "query/column_choice.h"
#include "query/core.h"
#include "query/plan.h"

namespace aiml042::query {

struct EstimateColumn {
    ColumnChoice choice;
    std::shared_ptr<const metrics::ReferenceColumn> reference;
    metrics::ColumnCodes codes;
};

/// The score (binary tasks) or prediction, then the features in the order of their names.
struct EstimateColumns {
    std::vector<EstimateColumn> all;
    std::vector<std::uint8_t> ordered;  // Whether codes are in the order of values.
    std::vector<std::string> left_out;  // Features beyond the bound, or that cannot be read.
};

[[nodiscard]] Result<EstimateColumns> read_estimate_columns(const Core& core,
                                                            const MetricQuery& rows,
                                                            const ResolvedReference& reference);

/// Rows of one block.
struct EstimateBatch {
    const metrics::Rows& rows;
    std::span<const std::uint32_t> selection;             // Indexes into `rows`.
    const std::vector<std::vector<std::uint8_t>>& codes;  // [column][place in selection].
};

using EstimateVisitor = std::function<void(const EstimateBatch& batch, unsigned worker)>;

/// Visits the rows of `window` that the plan takes, block by block, in no order; calls of one
/// worker do not overlap. `wanted` are the inputs of EstimateBatch::rows.
Status visit_estimate_rows(const Core& core,
                           const Plan& plan,
                           const EstimateColumns& columns,
                           const TimeRange& window,
                           metrics::Inputs wanted,
                           const EstimateVisitor& visit);

}  // namespace aiml042::query
