// Metrics that are a ratio of two sums over rows, row by row: what an explanation splits by cohort.

#pragma once

#include <cstdint>
#include <span>

#include "metrics/family.h"

namespace aiml042::metrics {

struct FinishOptions;

/// The metric is sum(part) / sum(whole) of the rows. A row that does not count has 0 for both.
struct RowRatio {
    Inputs inputs = 0;
    /// One entry of `part` and `whole` per entry of `selection`. About 1 ns per row.
    void (*read)(const Rows& rows,
                 std::span<const std::uint32_t> selection,
                 const FinishOptions& options,
                 std::span<double> part,
                 std::span<double> whole) = nullptr;
};

extern const RowRatio kErrorRateRows;
extern const RowRatio kLatencyMeanRows;
extern const RowRatio kLabelCoverageRows;
// Of the predicted class as sent, or from the score by FamilyOptions::threshold.
extern const RowRatio kAccuracyRows;
extern const RowRatio kPrecisionRows;
extern const RowRatio kRecallRows;
extern const RowRatio kSpecificityRows;
extern const RowRatio kF1Rows;
extern const RowRatio kFBetaRows;
extern const RowRatio kLogLossRows;
extern const RowRatio kBrierRows;
extern const RowRatio kMulticlassLogLossRows;
extern const RowRatio kMulticlassBrierRows;
extern const RowRatio kMaeRows;
extern const RowRatio kMseRows;
extern const RowRatio kMapeRows;
extern const RowRatio kSmapeRows;
extern const RowRatio kBiasRows;
extern const RowRatio kEstimatedAccuracyRows;
extern const RowRatio kEstimatedPrecisionRows;
extern const RowRatio kEstimatedRecallRows;
extern const RowRatio kEstimatedSpecificityRows;
extern const RowRatio kEstimatedF1Rows;

}  // namespace aiml042::metrics
