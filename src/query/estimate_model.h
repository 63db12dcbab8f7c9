// What estimates learn from the labelled rows of a reference: what scores mean, what predictions
// cost. Learned once and remembered until a block or label of the reference changes.
//
// Cost of learning: a scan of the reference, then at most a second for a regression.

#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "metrics/density_ratio.h"
#include "metrics/expected_metrics.h"
#include "metrics/loss_model.h"
#include "metrics/score_calibration.h"
#include "query/core.h"
#include "query/estimate_rows.h"
#include "query/estimate_tally.h"

namespace aiml042::query {

/// Immutable.
struct EstimateModel {
    EstimateTask task;
    ReferenceTally tally;                                   // With a finished sample.
    std::vector<metrics::LearnedCalibration> calibrations;  // By class.
    std::vector<metrics::LossModel> losses;                 // Absolute, squared, relative.

    [[nodiscard]] std::size_t memory_bytes() const;

    /// Losses of the sample's rows, as in `losses`.
    [[nodiscard]] std::vector<double> sample_losses(std::size_t i) const;
};

/// Errors: kQueryTooLarge beyond 20 million rows.
[[nodiscard]] Result<std::shared_ptr<const EstimateModel>> learn_estimates(
    const Core& core,
    const Plan& plan,
    const EstimateTask& task,
    const EstimateColumns& columns,
    std::span<const TimeRange> windows);

/// How a metric is estimated.
struct EstimatedMetric {
    std::string_view name;
    std::optional<metrics::ExpectedMetric> expected = {};  // Of a classification.
    std::size_t loss = 0;  // Else the place in EstimateModel::losses.
    bool root = false;     // Its root.
};

[[nodiscard]] std::span<const EstimatedMetric> estimated_metrics(const EstimateTask& task);
[[nodiscard]] std::span<const std::string_view> estimate_methods(const EstimateTask& task);

/// The rows of a bucket weighed against those of the reference.
struct BucketShift {
    std::vector<std::uint32_t> columns;  // Shifted ones, the most first, at most 8.
    metrics::DensityRatio ratio;
};

[[nodiscard]] BucketShift shift_of_bucket(const EstimateModel& model,
                                          const EstimateColumns& columns,
                                          const BucketTally& bucket);

/// Estimates of all metrics of a bucket: [metric][method], in the order of the two lists.
[[nodiscard]] std::vector<std::vector<metrics::Estimate>> estimate_bucket(
    const EstimateModel& model,
    const BucketTally& bucket,
    const BucketShift& shift,
    std::span<const EstimatedMetric> metrics,
    double confidence);

}  // namespace aiml042::query
