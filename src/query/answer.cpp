#include "query/answer.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/time.h"

namespace aiml042::query {

namespace {

using metrics::Estimate;
using metrics::FinishOptions;

std::string_view average_name(FinishOptions::Average average) {
    switch (average) {
        case FinishOptions::Average::kBinary:
            return "binary";
        case FinishOptions::Average::kMacro:
            return "macro";
        case FinishOptions::Average::kMicro:
            return "micro";
        case FinishOptions::Average::kWeighted:
            return "weighted";
    }
    return "binary";
}

std::string_view binning_name(metrics::FamilyOptions::Binning binning) {
    switch (binning) {
        case metrics::FamilyOptions::Binning::kWidth:
            return "width";
        case metrics::FamilyOptions::Binning::kMass:
            return "mass";
        case metrics::FamilyOptions::Binning::kDebiased:
            return "debiased";
    }
    return "width";
}

/// The series of one group, and the largest error bound in it.
void write_series(codec::JsonWriter& json,
                  const Plan& plan,
                  const GroupStates& group,
                  const MetricUse& metric,
                  std::optional<double>& bound) {
    json.begin_array();
    for (std::size_t bucket = 0; bucket < plan.buckets.count(); ++bucket) {
        const Estimate value = estimate(plan, group, metric, bucket);
        if (value.error_bound.has_value()) {
            bound = std::max(bound.value_or(0.0), *value.error_bound);
        }
        json.begin_object().field("ts", format_rfc3339(plan.buckets.start(bucket)));
        write_estimate(json, value);
        json.end_object();
    }
    json.end_array();
}

void write_by(codec::JsonWriter& json, const Plan& plan, const GroupKey& key) {
    json.begin_object();
    for (std::size_t i = 0; i < key.size(); ++i) {
        json.key(plan.group_keys[i]);
        write_group_value(json, key[i]);
    }
    json.end_object();
}

/// "series", or "groups" where the query groups.
void write_points(codec::JsonWriter& json,
                  const Plan& plan,
                  const Execution& execution,
                  const MetricUse& metric,
                  std::optional<double>& bound) {
    if (plan.group_keys.empty()) {
        json.key("series");
        write_series(json, plan, execution.groups[0], metric, bound);
        return;
    }
    json.key("groups").begin_array();
    for (const GroupStates& group : execution.groups) {
        json.begin_object().key("by");
        write_by(json, plan, group.key);
        json.key("series");
        write_series(json, plan, group, metric, bound);
        json.end_object();
    }
    json.end_array();
}

/// Points of the comparison with the times of the points they are compared with.
void write_compared_series(codec::JsonWriter& json,
                           const Plan& plan,
                           const Comparison& comparison,
                           const GroupStates& group,
                           const MetricUse& metric) {
    json.begin_array();
    const std::size_t buckets = std::min(plan.buckets.count(), comparison.plan->buckets.count());
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        json.begin_object().field("ts", format_rfc3339(plan.buckets.start(bucket)));
        write_estimate(json, estimate(*comparison.plan, group, metric, bucket));
        json.end_object();
    }
    json.end_array();
}

void write_comparison(codec::JsonWriter& json, const Plan& plan, const Comparison& comparison, std::size_t index) {
    constexpr std::string_view kKinds[] = {"offset", "model_version", "prompt_version"};
    const MetricUse& metric = comparison.plan->metrics[index];
    json.key("compare").begin_object();
    json.field("kind", kKinds[static_cast<std::size_t>(comparison.compare.kind)]);
    json.field("value", comparison.compare.value);
    if (plan.group_keys.empty()) {
        json.key("series");
        write_compared_series(json, plan, comparison, comparison.execution->groups[0], metric);
    } else {
        json.key("groups").begin_array();
        for (const GroupStates& group : comparison.execution->groups) {
            json.begin_object().key("by");
            write_by(json, plan, group.key);
            json.key("series");
            write_compared_series(json, plan, comparison, group, metric);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_slices(codec::JsonWriter& json, const Plan& plan) {
    json.key("slices").begin_object();
    for (const auto& [key, values] : slices_of(plan.profile)) {
        json.key(key).begin_array();
        for (const std::string& value : values) {
            json.string(value);
        }
        json.end_array();
    }
    json.end_object();
}

/// What only metrics that read classes and scores have to say.
void write_class_definition(codec::JsonWriter& json, const Plan& plan, const FamilyUse& use) {
    const metrics::Inputs inputs = use.family->inputs;
    const bool of_scores = metrics::reads(inputs, metrics::Input::kScore);
    const bool of_classes = metrics::reads(inputs, metrics::Input::kPredictedClass);
    if (!of_scores && !of_classes && !metrics::reads(inputs, metrics::Input::kClassScores)) {
        return;
    }
    json.key("positive_class");
    if (plan.scan.understanding.positive_class == metrics::kNoClass) {
        json.null();
    } else {
        json.string(*plan.profile.positive_class);
        json.field("positive_class_source", plan.profile.positive_declared ? "declared" : "inferred");
    }
    if (of_classes) {
        json.field("average", average_name(plan.finish.average));
    }
    if (plan.finish.family.threshold.has_value()) {
        json.field("threshold", *plan.finish.family.threshold);
    }
    const bool turned = plan.scan.understanding.score_is == model::ScoreIs::kPredictedClass;
    json.field("score_is", turned ? "predicted_class" : "positive_class");
}

void write_definition(codec::JsonWriter& json,
                      const Plan& plan,
                      const MetricUse& metric,
                      const std::optional<double>& bound) {
    const metrics::MetricSpec& spec = *metric.spec;
    const FamilyUse& use = plan.families[metric.family];
    const bool exact = use.options.exact;
    json.key("definition").begin_object();
    json.field("metric", spec.name).field("title", spec.title).field("unit", spec.unit);
    json.field("formula", spec.formula).field("source", spec.source);
    json.field("exact", exact).field("approximate", !exact);
    if (bound.has_value()) {
        json.field("error_bound", *bound);
    }
    json.field("task_type", model::task_type_name(plan.profile.task));
    json.field("task_type_source", plan.profile.task_declared ? "declared" : "inferred");
    write_class_definition(json, plan, use);
    if (spec.group == "calibration") {
        json.field("bins", plan.finish.family.bins);
        json.field("binning", binning_name(plan.finish.family.binning));
    }
    if (spec.name == "fbeta") {
        json.field("beta", plan.finish.beta);
    }
    if (plan.finish.confidence.has_value() && !spec.interval.empty()) {
        json.field("interval", spec.interval).field("confidence", *plan.finish.confidence);
    }
    if (!plan.filter_text.empty()) {
        json.field("filter", plan.filter_text);
    }
    if (plan.scan.as_of != kTimestampMax) {
        json.field("as_of", format_rfc3339(plan.scan.as_of));
    }
    json.field("include_shadow", plan.include_shadow);
    json.field("from", format_rfc3339(plan.buckets.range.from));
    json.field("to", format_rfc3339(plan.buckets.range.to));
    json.end_object();
}

/// The members of one result, into an open object.
void write_result(codec::JsonWriter& json,
                  const Plan& plan,
                  const Execution& execution,
                  const std::optional<Comparison>& comparison,
                  std::size_t index) {
    const MetricUse& metric = plan.metrics[index];
    json.field("metric", metric.name).field("deployment_id", plan.deployment.name);
    std::optional<double> bound;
    write_points(json, plan, execution, metric, bound);
    write_slices(json, plan);
    write_definition(json, plan, metric, bound);
    if (comparison.has_value()) {
        write_comparison(json, plan, *comparison, index);
    }
}

void append_number(std::string& out, double value) {
    if (std::isfinite(value)) {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
}

void append_csv_group_value(std::string& out, const GroupValue& value) {
    if (value.missing) {
        return;
    }
    if (value.type == model::ValueType::kNumber) {
        out += value.text;
    } else {
        append_csv_text(out, value.text);
    }
}

void append_csv_point(std::string& out,
                      const Plan& plan,
                      const GroupStates& group,
                      const MetricUse& metric,
                      std::size_t bucket) {
    const Estimate value = estimate(plan, group, metric, bucket);
    append_rfc3339(out, plan.buckets.start(bucket));
    out += ',';
    append_csv_text(out, metric.name);
    for (const GroupValue& part : group.key) {
        out += ',';
        append_csv_group_value(out, part);
    }
    out += ',';
    if (value.value.has_value()) {
        append_number(out, *value.value);
    }
    fmt::format_to(std::back_inserter(out), ",{},", value.n);
    if (value.interval.has_value()) {
        append_number(out, value.interval->first);
        out += ',';
        append_number(out, value.interval->second);
        out += ',';
    } else {
        out += ",,";
    }
    append_csv_text(out, value.value.has_value() ? std::string_view() : value.reason);
    out += "\r\n";
}

}  // namespace

Estimate estimate(const Plan& plan, const GroupStates& group, const MetricUse& metric, std::size_t bucket) {
    const FamilyUse& use = plan.families[metric.family];
    FinishOptions options = plan.finish;
    options.family = use.options;
    options.window_seconds = plan.buckets.seconds(bucket);
    const auto& state = group.states[bucket * plan.families.size() + metric.family];
    if (state != nullptr) {
        return metric.finish(*state, options);
    }
    return metric.finish(*use.family->make(use.options), options);
}

void write_estimate(codec::JsonWriter& json, const Estimate& value) {
    const bool exists = value.value.has_value() && std::isfinite(*value.value);
    json.key("value");
    if (exists) {
        json.number(*value.value);
    } else {
        json.null();
    }
    json.field("n", value.n);
    if (exists && value.interval.has_value()) {
        json.key("ci").begin_array().number(value.interval->first).number(value.interval->second).end_array();
    }
    if (exists && value.error_bound.has_value()) {
        json.field("error_bound", *value.error_bound);
    }
    if (!exists) {
        json.field("reason", value.reason.empty() ? std::string_view("not finite") : value.reason);
    }
}

std::string metrics_answer_json(const Plan& plan,
                                const Execution& execution,
                                const std::optional<Comparison>& comparison,
                                Lsn as_of_seq) {
    codec::JsonWriter json;
    json.begin_object();
    if (plan.metrics.size() == 1) {
        write_result(json, plan, execution, comparison, 0);
    } else {
        json.key("results").begin_array();
        for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
            json.begin_object();
            write_result(json, plan, execution, comparison, i);
            json.end_object();
        }
        json.end_array();
    }
    json.field("as_of_seq", as_of_seq);
    json.end_object();
    return json.take();
}

std::string metrics_answer_csv(const Plan& plan, const Execution& execution) {
    std::string out = "ts,metric";
    for (const std::string& key : plan.group_keys) {
        out += ',';
        append_csv_text(out, key);
    }
    out += ",value,n,ci_lo,ci_hi,reason\r\n";
    for (const MetricUse& metric : plan.metrics) {
        for (const GroupStates& group : execution.groups) {
            for (std::size_t bucket = 0; bucket < plan.buckets.count(); ++bucket) {
                append_csv_point(out, plan, group, metric, bucket);
            }
        }
    }
    return out;
}

void append_csv_text(std::string& out, std::string_view text) {
    constexpr std::string_view kFormula = "=+-@\t\r";
    const bool guard = !text.empty() && (kFormula.find(text.front()) != std::string_view::npos || text.front() == '\0');
    const bool quote = text.find_first_of(",\"\r\n") != std::string_view::npos;
    out += quote ? "\"" : "";
    out += guard ? "'" : "";
    for (const char c : text) {
        out += c == '"' ? "\"" : "";
        out += c;
    }
    out += quote ? "\"" : "";
}

}  // namespace aiml042::query
