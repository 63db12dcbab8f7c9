// What estimates keep of rows: of the labelled ones of a reference, and of the rows of a bucket.
//
// Mergeable and the same whatever the order of the rows. Bounds: kReferenceSampleMax and
// kBucketSampleMax rows are kept whole (at most twice as many while they are gathered), of 8 bytes,
// a byte per column and, of the reference, 8 bytes per class or loss.

#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "metrics/label_arrivals.h"
#include "metrics/label_selection.h"
#include "metrics/row_sample.h"
#include "metrics/score_calibration.h"
#include "query/estimate_rows.h"

namespace aiml042::query {

/// What a deployment's task makes of its rows.
struct EstimateTask {
    enum class Kind : std::uint8_t { kBinary, kMulticlass, kRegression } kind = Kind::kBinary;
    std::vector<std::uint32_t> classes;  // The positive one; all that have scores; none.

    [[nodiscard]] metrics::Inputs inputs() const;
};

/// Errors: kInvalidArgument for tasks without estimates, kQueryTooLarge for too many classes.
[[nodiscard]] Result<EstimateTask> estimate_task(const Plan& plan);

inline constexpr std::size_t kReferenceSampleMax = 32'768;
inline constexpr std::size_t kBucketSampleMax = 4'096;

/// Labelled rows of a reference.
class ReferenceTally {
  public:
    ReferenceTally(const EstimateTask& task, std::size_t columns, Timestamp width);

    void update(const EstimateTask& task, const EstimateBatch& batch);
    void merge(const ReferenceTally& other);

    std::vector<metrics::CalibrationRows> classes;  // One per class of the task.
    /// Numbers of a row: scores of the classes and the label's place among them (-1: none); or
    /// absolute, squared and relative loss.
    metrics::RowSample sample;
    std::vector<metrics::LabelSplit> columns;  // All rows.
    metrics::LabelArrivals arrivals;           // All rows.
    std::uint64_t labelled = 0;                // Rows that estimates learn from.
};

/// Rows of a bucket, labelled or not.
class BucketTally {
  public:
    BucketTally(const EstimateTask& task,
                std::size_t columns,
                std::size_t sample_max,
                Timestamp width);

    /// The row at `place` of the batch's selection.
    void add(const EstimateTask& task, const EstimateBatch& batch, std::size_t place);
    void merge(const BucketTally& other);

    std::vector<metrics::ScoreCells> classes;  // Kind 1: predicted to be this class.
    metrics::RowSample sample;                 // Rows with a score or prediction.
    std::vector<metrics::LabelSplit> columns;
    metrics::SelectionBins selection;
    metrics::LabelArrivals arrivals;
};

}  // namespace aiml042::query
