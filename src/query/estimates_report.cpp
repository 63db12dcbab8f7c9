#include "query/estimates_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "metrics/reasons.h"
#include "query/estimate_reference.h"
#include "query/measure.h"
#include "query/parallel.h"
#include "stats/interval.h"

namespace aiml042::query {

namespace {

using metrics::Estimate;
using Bucket = EstimatesReport::Bucket;
using Method = EstimatesReport::Method;
using Metric = EstimatesReport::Metric;
using Point = EstimatesReport::Point;

constexpr double kConfidence = 0.95;
constexpr Timestamp kArrivalCells = 32;           // Of a bucket.
constexpr std::size_t kSampledRowsMax = 262'144;  // Of all buckets together.

/// "est_accuracy" is accuracy here: everything is an estimate.
std::string_view short_name(std::string_view name) {
    return name.starts_with("est_") ? name.substr(4) : name;
}

Result<std::vector<EstimatedMetric>> chosen_metrics(const EstimateTask& task,
                                                    const std::vector<std::string>& names) {
    const auto all = estimated_metrics(task);
    std::vector<EstimatedMetric> out;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(all, short_name(name), &EstimatedMetric::name);
        if (found == all.end()) {
            std::vector<std::string_view> known;
            std::ranges::transform(all, std::back_inserter(known), &EstimatedMetric::name);
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("\"{}\" is not estimated for this task; there are {}",
                                      name.substr(0, 64),
                                      fmt::join(known, ", ")),
                          "/metric");
        }
        out.push_back(*found);
    }
    if (out.empty()) {
        out.assign(all.begin(), all.end());
    }
    return out;
}

/// The realised metrics' plan.
Result<Plan> realised_plan(const Core& core,
                           const MetricQuery& rows,
                           const std::vector<EstimatedMetric>& metrics) {
    MetricQuery query = rows;
    query.metrics.clear();
    query.reference.reset();
    for (const EstimatedMetric& metric : metrics) {
        query.metrics.emplace_back(metric.name);
    }
    return make_plan(core, query);
}

Status check_buckets(const Plan& plan, const EstimateTask& task) {
    const std::size_t buckets = plan.buckets.count();
    const bool fits = buckets <= limits::kEstimateBucketsMax &&
                      buckets * task.classes.size() <= limits::kEstimateScoresMax;
    return fits
               ? Status::ok()
               : Status(ErrorCode::kQueryTooLarge,
                        fmt::format("this step makes {} buckets; estimates are made of at most {}, "
                                    "and of {} times classes",
                                    buckets,
                                    limits::kEstimateBucketsMax,
                                    limits::kEstimateScoresMax),
                        "/step");
}

/// Window, reference, what was learned from it.
Status make_frame(const Core& core, const EstimatesRequest& request, EstimatesReport& report) {
    MetricQuery rows = request.rows;
    rows.confidence = report.confidence;
    MetricQuery any = rows;
    any.metrics = {"count"};
    any.reference.reset();
    AIML_ASSIGN(const Plan frame, make_plan(core, any));
    AIML_ASSIGN(const EstimateTask task, estimate_task(frame));
    AIML_TRY(check_buckets(frame, task));
    AIML_ASSIGN(const auto metrics, chosen_metrics(task, request.rows.metrics));
    for (const EstimatedMetric& metric : metrics) {
        report.metrics.push_back({.metric = metric, .points = {}, .grades = {}, .best = {}});
    }
    rows.range = frame.buckets.range;
    AIML_ASSIGN(report.plan, realised_plan(core, rows, metrics));
    AIML_ASSIGN(report.reference, resolve_reference(core, rows, rows.range));
    AIML_ASSIGN(report.columns, read_estimate_columns(core, rows, report.reference));
    AIML_ASSIGN(const ReferenceRows learned,
                rows_of_reference(core, rows, report.plan, report.reference));
    report.learned = learned.windows;
    AIML_ASSIGN(report.model,
                learn_estimates(core, learned.plan, task, report.columns, learned.windows));
    return Status::ok();
}

Result<std::vector<BucketTally>> tally_buckets(const Core& core, const EstimatesReport& report) {
    const Plan& plan = report.plan;
    const EstimateTask& task = report.model->task;
    const Timestamp length =
        plan.buckets.step.value_or(plan.buckets.range.to - plan.buckets.range.from);
    const std::size_t kept = kSampledRowsMax / std::max<std::size_t>(1, plan.buckets.count());
    const BucketTally none(task,
                           report.columns.all.size(),
                           std::min(kept, kBucketSampleMax),
                           std::max(kSecond, length / kArrivalCells));
    std::vector<std::vector<BucketTally>> tallies(
        std::max(1U, core.options.threads), std::vector<BucketTally>(plan.buckets.count(), none));
    AIML_TRY(visit_estimate_rows(
        core,
        plan,
        report.columns,
        plan.buckets.range,
        task.inputs(),
        [&](const EstimateBatch& batch, unsigned worker) {
            for (std::size_t place = 0; place < batch.selection.size(); ++place) {
                const Timestamp time = batch.rows.timestamp[batch.selection[place]];
                tallies[worker][plan.buckets.index_of(time)].add(task, batch, place);
            }
        }));
    for (std::size_t worker = 1; worker < tallies.size(); ++worker) {
        for (std::size_t i = 0; i < tallies[0].size(); ++i) {
            tallies[0][i].merge(tallies[worker][i]);
        }
    }
    for (BucketTally& tally : tallies[0]) {
        tally.sample.finish();
    }
    return std::move(tallies[0]);
}

bool overlaps_any(const std::vector<TimeRange>& windows, Timestamp from, Timestamp to) {
    return std::ranges::any_of(
        windows, [&](const TimeRange& window) { return window.from < to && from < window.to; });
}

/// What is known of the labels of each bucket.
void tell_labels(const std::vector<BucketTally>& tallies, Timestamp now, EstimatesReport& report) {
    const Buckets& axis = report.plan.buckets;
    metrics::LabelArrivals all = report.model->tally.arrivals;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        Bucket bucket;
        bucket.ts = axis.start(i);
        bucket.rows = tallies[i].arrivals.events();
        const Timestamp end = axis.step ? bucket.ts + *axis.step : axis.range.to;
        bucket.labelled = tallies[i].arrivals.labelled();
        bucket.in_reference = overlaps_any(report.learned, bucket.ts, end);
        if (!bucket.in_reference) {
            all.merge(tallies[i].arrivals);
        }
        report.buckets.push_back(std::move(bucket));
    }
    report.labels = all.life_table(now);
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        Bucket& bucket = report.buckets[i];
        bucket.completeness =
            report.labels.completeness(tallies[i].arrivals.ages(now), report.confidence);
        bucket.to_come = report.labels.to_come(tallies[i].arrivals.waiting(now));
        const double share = static_cast<double>(bucket.labelled) /
                             static_cast<double>(std::max<std::uint64_t>(1, bucket.rows));
        bucket.complete = share >= kCompleteFrom ||
                          (bucket.completeness && bucket.completeness->value >= kCompleteFrom);
    }
}

/// Labelled against unlabelled rows where labels are complete.
void tell_bias(const std::vector<BucketTally>& tallies, EstimatesReport& report) {
    std::vector<metrics::LabelSplit> columns(report.columns.all.size());
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        if (!report.buckets[i].complete) {
            continue;
        }
        report.mature_rows += report.buckets[i].rows;
        for (std::size_t column = 0; column < columns.size(); ++column) {
            columns[column].merge(tallies[i].columns[column]);
        }
    }
    report.label_bias = metrics::label_bias(columns, report.columns.ordered);
}

/// Where the realised value will lie once the labels that are expected have come, if they come at
/// random: its interval, less the part that is known already. As many come as hardly ever more do.
std::optional<stats::Interval> finally_of(const Estimate& realised,
                                          const Bucket& bucket,
                                          double confidence) {
    if (!realised.value || !realised.interval) {
        return std::nullopt;
    }
    const auto labelled = static_cast<double>(bucket.labelled);
    const auto unlabelled = static_cast<double>(bucket.rows - bucket.labelled);
    const double usual = bucket.to_come;
    const double most = usual + stats::normal_quantile(confidence) * std::sqrt(usual) + 1.0;
    const double more = usual > 0.0 ? std::min(unlabelled, most) : 0.0;
    const double part = std::sqrt(more / (labelled + more));
    return stats::Interval{*realised.value - part * (*realised.value - realised.interval->first),
                           *realised.value + part * (realised.interval->second - *realised.value)};
}

/// Of more than two classes only what is right and what is wrong is known by bin.
Estimate weighted_value(const EstimateTask& task,
                        const BucketTally& tally,
                        const EstimatedMetric& metric) {
    const bool told = task.kind != EstimateTask::Kind::kMulticlass ||
                      metric.expected == metrics::ExpectedMetric::kAccuracy;
    return told ? tally.selection.weighted(metric.name)
                : Estimate{.reason = metrics::reasons::kNotWeighted};
}

Status estimate_buckets(const Core& core,
                        const std::vector<BucketTally>& tallies,
                        EstimatesReport& report) {
    std::vector<EstimatedMetric> metrics;
    for (Metric& metric : report.metrics) {
        metrics.push_back(metric.metric);
        metric.points.resize(tallies.size());
    }
    AIML_ASSIGN(const Execution realised, measure(core, report.plan));
    const std::vector<Estimate>& points = realised.groups.front().points;
    const Timestamp deadline = core.deadline();
    return parallel_for(
        core.pool, core.options.threads, tallies.size(), [&](std::size_t i, unsigned /*worker*/) {
            AIML_TRY(core.check_deadline(deadline));
            Bucket& bucket = report.buckets[i];
            const BucketShift shift = shift_of_bucket(*report.model, report.columns, tallies[i]);
            bucket.shifted = shift.columns;
            bucket.reference_rows = shift.ratio.rows;
            auto estimates =
                estimate_bucket(*report.model, tallies[i], shift, metrics, report.confidence);
            for (std::size_t m = 0; m < metrics.size(); ++m) {
                Point& point = report.metrics[m].points[i];
                for (Estimate& estimate : estimates[m]) {
                    point.methods.push_back({.estimate = estimate, .recalibrated = {}});
                }
                point.realised = points[i * metrics.size() + m];
                point.realised_weighted =
                    weighted_value(report.model->task, tallies[i], metrics[m]);
                point.realised_finally = finally_of(point.realised, bucket, report.confidence);
            }
            return Status::ok();
        });
}

bool is_graded(const Bucket& bucket, const Point& point) {
    return bucket.complete && !bucket.in_reference && point.realised.value &&
           point.realised.n >= kGradedLabelsMin;
}

/// Grades a method over all buckets, and recalibrates the band of each by those before it.
metrics::Grade grade_method(const std::vector<Bucket>& buckets,
                            std::size_t method,
                            double confidence,
                            Metric& metric) {
    const double most = metric.metric.expected ? 1.0 : std::numeric_limits<double>::max();
    const stats::Interval range{0.0, most};
    std::vector<metrics::GradedWindow> past;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        Point& point = metric.points[i];
        Method& of = point.methods[method];
        of.recalibrated = metrics::recalibrate(of.estimate, past, confidence, range);
        if (is_graded(buckets[i], point)) {
            past.push_back({of.estimate, *point.realised.value});
        }
    }
    return metrics::grade(past);
}

void grade_all(EstimatesReport& report) {
    for (Metric& metric : report.metrics) {
        const std::size_t methods = estimate_methods(report.model->task).size();
        for (std::size_t i = 0; i < methods; ++i) {
            metric.grades.push_back(grade_method(report.buckets, i, report.confidence, metric));
            const metrics::Grade& now = metric.grades.back();
            const bool enough = now.windows >= metrics::kRecalibrationWindowsMin;
            if (enough && (!metric.best || now.error < metric.grades[*metric.best].error)) {
                metric.best = i;
            }
        }
    }
}

}  // namespace

Result<EstimatesReport> make_estimates_report(const Core& core, const EstimatesRequest& request) {
    EstimatesReport report;
    report.as_of_sequence = core.store.visible();
    report.confidence = request.rows.confidence.value_or(kConfidence);
    AIML_TRY(make_frame(core, request, report));
    AIML_ASSIGN(const std::vector<BucketTally> tallies, tally_buckets(core, report));
    tell_labels(tallies, request.rows.as_of.value_or(request.now), report);
    tell_bias(tallies, report);
    AIML_TRY(estimate_buckets(core, tallies, report));
    grade_all(report);
    return report;
}

}  // namespace aiml042::query
