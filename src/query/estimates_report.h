// Performance without labels, as a report: per bucket and metric what each method foretells, with
// its band; what labels have shown since; how the methods did where labels are complete; how far
// labels are to be expected yet, and whether they come at random.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/estimate_grade.h"
#include "query/core.h"
#include "query/estimate_model.h"
#include "query/plan.h"
#include "query/reference.h"
#include "stats/life_table.h"

namespace aiml042::query {

struct EstimatesRequest {
    /// Project, deployment, version, window, step, filter, as_of, include_shadow, reference,
    /// confidence (0.95 where it has none); `metrics` empty: all of the task. The rest is not
    /// looked at.
    MetricQuery rows;
    Timestamp now = 0;  // What labels could have come by; as_of where that is given.
};

struct EstimatesReport {
    struct Bucket {
        Timestamp ts = 0;
        std::uint64_t rows = 0;
        std::uint64_t labelled = 0;
        std::optional<stats::LifeTable::Completeness> completeness;
        double to_come = 0.0;                // Labels to be expected yet.
        bool complete = false;               // So complete that estimates are graded by it.
        bool in_reference = false;           // Estimates of it have seen its labels: not graded.
        std::vector<std::uint32_t> shifted;  // Columns.
        double reference_rows = 0.0;         // Effective, under the weights of this bucket.
    };

    struct Method {
        metrics::Estimate estimate;
        std::optional<metrics::RecalibratedBand> recalibrated;
    };

    struct Point {
        std::vector<Method> methods;  // In the order of estimate_methods().
        metrics::Estimate realised;
        metrics::Estimate realised_weighted;              // By the chance of being labelled.
        std::optional<stats::Interval> realised_finally;  // Once all expected labels have come.
    };

    struct Metric {
        EstimatedMetric metric;
        std::vector<Point> points;  // By bucket.
        std::vector<metrics::Grade> grades;
        std::optional<std::size_t> best;  // Method with the least error, of those graded.
    };

    Plan plan;
    ResolvedReference reference;
    std::vector<TimeRange> learned;  // Where the rows that were learned from lie.
    EstimateColumns columns;
    std::shared_ptr<const EstimateModel> model;
    stats::LifeTable labels;
    std::vector<std::optional<metrics::LabelBias>> label_bias;  // By column.
    std::uint64_t mature_rows = 0;                              // Those label_bias is told of.
    std::vector<Bucket> buckets;
    std::vector<Metric> metrics;
    double confidence = 0.0;
    Lsn as_of_sequence{};
};

/// Windows count as complete from this share of the labels to come, or of all rows, on.
inline constexpr double kCompleteFrom = 0.95;
/// And grade estimates from so many labels on.
inline constexpr std::uint64_t kGradedLabelsMin = 30;

/// Cost: a scan of the window, about 10 ns per row and column; per bucket up to 50 ms more where it
/// has shifted. Errors: as a metric query's; as rows_of_reference()'s; kQueryTooLarge beyond
/// limits::kEstimateBucketsMax buckets.
[[nodiscard]] Result<EstimatesReport> make_estimates_report(const Core& core,
                                                            const EstimatesRequest& request);

}  // namespace aiml042::query
