#include "query/estimates.h"

#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/csv.h"
#include "query/json_fields.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using metrics::Estimate;
using Bucket = EstimatesReport::Bucket;
using Metric = EstimatesReport::Metric;
using Point = EstimatesReport::Point;

void write_interval(JsonWriter& writer,
                    std::string_view name,
                    const std::optional<stats::Interval>& interval) {
    writer.key(name);
    if (interval) {
        writer.begin_array().number(interval->first).number(interval->second).end_array();
    } else {
        writer.null();
    }
}

/// Opens an object with the members of an estimate.
void begin_estimate(JsonWriter& writer, const Estimate& estimate) {
    writer.begin_object();
    write_optional(writer, "value", estimate.value);
    writer.field("n", estimate.n);
    write_interval(writer, "ci", estimate.interval);
    if (!estimate.value) {
        writer.field("reason", estimate.reason);
    }
}

void write_names(JsonWriter& writer,
                 std::string_view key,
                 const EstimatesReport& report,
                 const std::vector<std::uint32_t>& columns) {
    writer.key(key).begin_array();
    for (const std::uint32_t column : columns) {
        writer.string(report.columns.all[column].choice.name);
    }
    writer.end_array();
}

void write_calibrations(JsonWriter& writer, const EstimatesReport& report) {
    writer.key("calibration").begin_array();
    for (std::size_t i = 0; i < report.model->calibrations.size(); ++i) {
        const metrics::LearnedCalibration& one = report.model->calibrations[i];
        writer.begin_object()
            .field("class", report.plan.scan.classes->text(report.model->task.classes[i]))
            .field("n", one.n)
            .field("positives", one.positives)
            .field("used", one.helps)
            .field("error_before", one.error_before)
            .field("error_after", one.error_after)
            .key("blocks")
            .begin_array();
        for (const stats::IsotonicBlock& block : one.map.blocks()) {
            writer.begin_object()
                .field("from", block.x_first)
                .field("to", block.x_last)
                .field("value", block.value)
                .field("n", block.weight)
                .end_object();
        }
        writer.end_array().end_object();
    }
    writer.end_array();
}

void write_loss_models(JsonWriter& writer, const EstimatesReport& report) {
    constexpr std::string_view kLosses[] = {"absolute", "squared", "relative"};
    writer.key("loss_models").begin_array();
    for (std::size_t i = 0; i < report.model->losses.size(); ++i) {
        const metrics::LossModel& one = report.model->losses[i];
        writer.begin_object().field("loss", kLosses[i]).field("n", one.n());
        const bool fitted = one.n() >= metrics::LossModel::kRowsMin;
        write_optional(writer, "mean", fitted ? std::optional(one.mean_loss()) : std::nullopt);
        writer.field("trees", one.trees());
        write_optional(writer, "explained", fitted ? std::optional(one.explained()) : std::nullopt);
        writer.end_object();
    }
    writer.end_array();
}

void write_labels(JsonWriter& writer, const EstimatesReport& report) {
    const stats::LifeTable& labels = report.labels;
    writer.key("labels").begin_object();
    const auto told = [&](double value) {
        return labels.empty() ? std::nullopt : std::optional(value);
    };
    write_optional(writer, "share_finally", told(labels.share_finally()));
    write_optional(writer, "age_max_s", told(labels.age_max()));
    writer.key("delay_s").begin_object();
    for (const auto& [name, share] :
         {std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99}}) {
        write_optional(writer, name, labels.age_of(share));
    }
    writer.end_object().field("mature_rows", report.mature_rows);
    std::optional<bool> random;
    writer.key("columns").begin_array();
    for (std::size_t i = 0; i < report.label_bias.size(); ++i) {
        const auto& bias = report.label_bias[i];
        if (bias) {
            random = random.value_or(true) && !bias->biased;
            writer.begin_object()
                .field("column", report.columns.all[i].choice.name)
                .field("psi_debiased", bias->effect)
                .field("p_adjusted", bias->p_adjusted)
                .field("biased", bias->biased)
                .end_object();
        }
    }
    writer.end_array().key("random");
    if (random) {
        writer.boolean(*random);
    } else {
        writer.null();
    }
    if (random == false) {
        writer.field("warning",
                     "rows with a label differ from those without: realised values are of a "
                     "selection; realised_weighted corrects for the score alone");
    }
    writer.end_object();
}

void write_buckets(JsonWriter& writer, const EstimatesReport& report) {
    writer.key("buckets").begin_array();
    for (const Bucket& bucket : report.buckets) {
        writer.begin_object()
            .field("ts", format_rfc3339(bucket.ts))
            .field("n", bucket.rows)
            .field("labelled", bucket.labelled);
        const auto& complete = bucket.completeness;
        const bool has_rows = bucket.rows > 0;
        const auto part = [&](double share) {
            return complete ? std::optional(share) : std::nullopt;
        };
        write_optional(writer,
                       "share",
                       has_rows ? std::optional(static_cast<double>(bucket.labelled) /
                                                static_cast<double>(bucket.rows))
                                : std::nullopt);
        write_optional(writer,
                       "share_expected",
                       part(complete ? complete->value * report.labels.share_finally() : 0.0));
        write_optional(writer, "completeness", part(complete ? complete->value : 0.0));
        write_interval(
            writer, "completeness_ci", complete ? std::optional(complete->interval) : std::nullopt);
        write_optional(writer, "to_come", part(bucket.to_come));
        writer.field("complete", bucket.complete).field("in_reference", bucket.in_reference);
        write_names(writer, "shifted", report, bucket.shifted);
        writer.field("reference_rows", bucket.reference_rows).end_object();
    }
    writer.end_array();
}

void write_point(JsonWriter& writer, const EstimatesReport& report, const Point& point) {
    const auto methods = estimate_methods(report.model->task);
    writer.key("estimates").begin_object();
    for (std::size_t i = 0; i < point.methods.size(); ++i) {
        writer.key(methods[i]);
        begin_estimate(writer, point.methods[i].estimate);
        if (const auto& band = point.methods[i].recalibrated) {
            writer.key("recalibrated").begin_object();
            write_interval(writer, "ci", band->interval);
            writer.field("factor", band->factor)
                .field("level", band->level)
                .field("windows", band->windows)
                .end_object();
        }
        writer.end_object();
    }
    writer.end_object().key("realised");
    begin_estimate(writer, point.realised);
    write_interval(writer, "final_ci", point.realised_finally);
    writer.end_object().key("realised_weighted");
    begin_estimate(writer, point.realised_weighted);
    writer.end_object();
}

void write_metric(JsonWriter& writer, const EstimatesReport& report, const Metric& metric) {
    const auto methods = estimate_methods(report.model->task);
    writer.begin_object().field("metric", metric.metric.name).key("best");
    if (metric.best) {
        writer.string(methods[*metric.best]);
    } else {
        writer.null();
    }
    writer.key("grades").begin_array();
    for (std::size_t i = 0; i < metric.grades.size(); ++i) {
        const metrics::Grade& grade = metric.grades[i];
        const auto told = [&](double value) {
            return grade.windows > 0 ? std::optional(value) : std::nullopt;
        };
        writer.begin_object().field("method", methods[i]).field("windows", grade.windows);
        write_optional(writer, "coverage", told(grade.covered));
        write_optional(writer, "error", told(grade.error));
        write_optional(writer, "bias", told(grade.bias));
        writer.end_object();
    }
    writer.end_array().key("series").begin_array();
    for (std::size_t i = 0; i < metric.points.size(); ++i) {
        writer.begin_object().field("ts", format_rfc3339(report.buckets[i].ts));
        write_point(writer, report, metric.points[i]);
        writer.end_object();
    }
    writer.end_array().end_object();
}

void write_question(JsonWriter& writer,
                    const EstimatesReport& report,
                    const EstimatesRequest& request) {
    constexpr std::string_view kTasks[] = {"binary", "multiclass", "regression"};
    writer.field("deployment_id", report.plan.deployment.name)
        .field("from", format_rfc3339(report.plan.buckets.range.from))
        .field("to", format_rfc3339(report.plan.buckets.range.to));
    if (!request.rows.model_version.empty()) {
        writer.field("model_version", request.rows.model_version);
    }
    if (!report.plan.filter_text.empty()) {
        writer.field("filter", report.plan.filter_text);
    }
    if (request.rows.as_of) {
        writer.field("as_of", format_rfc3339(*request.rows.as_of));
    }
    writer.field("task", kTasks[static_cast<std::size_t>(report.model->task.kind)])
        .field("confidence", report.confidence)
        .key("reference");
    write_reference(writer, report.reference, nullptr);
    writer.field("reference_labelled", report.model->tally.labelled)
        .field("reference_sample", report.model->tally.sample.rows());
}

void append_row(std::string& out,
                const std::string& of,
                std::string_view method,
                const Estimate& estimate,
                const std::optional<stats::Interval>& recalibrated,
                const Bucket& bucket) {
    const auto lo = [](const auto& i) { return i ? std::optional(i->first) : std::nullopt; };
    const auto hi = [](const auto& i) { return i ? std::optional(i->second) : std::nullopt; };
    out += of;
    append_text_cell(out, method);
    append_number_cell(out, estimate.value);
    fmt::format_to(std::back_inserter(out), ",{}", estimate.n);
    append_number_cell(out, lo(estimate.interval));
    append_number_cell(out, hi(estimate.interval));
    append_number_cell(out, lo(recalibrated));
    append_number_cell(out, hi(recalibrated));
    fmt::format_to(std::back_inserter(out), ",{}", bucket.labelled);
    append_number_cell(
        out, bucket.completeness ? std::optional(bucket.completeness->value) : std::nullopt);
    append_text_cell(out, estimate.value ? std::string_view() : estimate.reason);
    out += "\r\n";
}

}  // namespace

Result<std::string> estimates_json(const Core& core, const EstimatesRequest& request) {
    AIML_ASSIGN(const EstimatesReport report, make_estimates_report(core, request));
    JsonWriter writer;
    writer.begin_object();
    write_question(writer, report, request);
    writer.key("columns").begin_array();
    for (const EstimateColumn& column : report.columns.all) {
        writer.string(column.choice.name);
    }
    writer.end_array().key("columns_left_out").begin_array();
    for (const std::string& name : report.columns.left_out) {
        writer.string(name);
    }
    writer.end_array();
    if (report.model->task.kind == EstimateTask::Kind::kRegression) {
        write_loss_models(writer, report);
    } else {
        write_calibrations(writer, report);
    }
    write_labels(writer, report);
    write_buckets(writer, report);
    writer.key("metrics").begin_array();
    for (const Metric& metric : report.metrics) {
        write_metric(writer, report, metric);
    }
    writer.end_array().field("as_of_seq", report.as_of_sequence).end_object();
    return writer.take();
}

Result<std::string> estimates_csv(const Core& core, const EstimatesRequest& request) {
    AIML_ASSIGN(const EstimatesReport report, make_estimates_report(core, request));
    const auto methods = estimate_methods(report.model->task);
    std::string out =
        "ts,metric,method,value,n,ci_lo,ci_hi,recalibrated_lo,recalibrated_hi,labelled,"
        "completeness,reason\r\n";
    for (const Metric& metric : report.metrics) {
        for (std::size_t i = 0; i < metric.points.size(); ++i) {
            const Bucket& bucket = report.buckets[i];
            const Point& point = metric.points[i];
            std::string of = format_rfc3339(bucket.ts);
            append_text_cell(of, metric.metric.name);
            for (std::size_t m = 0; m < methods.size(); ++m) {
                const auto& band = point.methods[m].recalibrated;
                append_row(out,
                           of,
                           methods[m],
                           point.methods[m].estimate,
                           band ? std::optional(band->interval) : std::nullopt,
                           bucket);
            }
            append_row(out, of, "realised", point.realised, std::nullopt, bucket);
            append_row(out, of, "realised_weighted", point.realised_weighted, std::nullopt, bucket);
        }
    }
    return out;
}

}  // namespace aiml042::query
