#include "query/fairness.h"

#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/column_choice.h"
#include "query/csv.h"
#include "query/definition.h"
#include "query/json_fields.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using metrics::Estimate;
using Group = FairnessReport::Group;
using Named = FairnessReport::Named;

/// The members of an estimate.
void write_estimate(JsonWriter& writer, const Estimate& estimate) {
    write_optional(writer, "value", estimate.value);
    writer.field("n", estimate.n).key("ci");
    if (estimate.interval) {
        writer.begin_array()
            .number(estimate.interval->first)
            .number(estimate.interval->second)
            .end_array();
    } else {
        writer.null();
    }
    if (estimate.error_bound) {
        writer.field("error_bound", *estimate.error_bound);
    }
    if (estimate.p_value) {
        writer.field("p_value", *estimate.p_value);
    }
    if (!estimate.value) {
        writer.field("reason", estimate.reason);
    }
}

void write_group(JsonWriter& writer, const FairnessReport& report, const Group& group) {
    const std::vector<std::string> keys = report.keys();
    const auto parts = group_parts(group.text);
    writer.begin_object().field("group", group_label(group.text)).key("by").begin_object();
    for (std::size_t i = 0; i < keys.size() && i < parts.size(); ++i) {
        writer.key(keys[i]);
        if (parts[i]) {
            writer.string(*parts[i]);
        } else {
            writer.null();
        }
    }
    writer.end_object().field("n", group.n).field("counted", report.counts(group));
    if (!report.counts(group)) {
        writer.field("reason", kSmallGroup);
    }
    for (const auto& [name, estimate] : group.estimates) {
        writer.key(name).begin_object();
        write_estimate(writer, estimate);
        writer.end_object();
    }
    writer.end_object();
}

void write_gap(JsonWriter& writer, const FairnessReport& report, const Named& gap) {
    const auto& [name, estimate] = gap;
    writer.begin_object().field("metric", name);
    write_estimate(writer, estimate);
    writer.field("groups_counted", estimate.groups_counted);
    if (estimate.value) {
        writer.key("groups").begin_array();
        for (const std::uint32_t code : estimate.groups) {
            if (code != metrics::kNoClass) {
                writer.string(report.name_of(code));
            }
        }
        writer.end_array();
    }
    writer.end_object();
}

/// What was asked.
void write_selection(JsonWriter& writer, const FairnessReport& report, const MetricQuery& rows) {
    const Plan& plan = report.plan;
    writer.field("deployment_id", plan.deployment.name)
        .field("from", format_rfc3339(plan.buckets.range.from))
        .field("to", format_rfc3339(plan.buckets.range.to));
    if (!rows.model_version.empty()) {
        writer.field("model_version", rows.model_version);
    }
    if (!plan.filter_text.empty()) {
        writer.field("filter", plan.filter_text);
    }
    if (rows.as_of) {
        writer.field("as_of", format_rfc3339(*rows.as_of));
    }
    writer.field("include_shadow", plan.include_shadow).key("by").begin_array();
    for (const std::string& key : report.keys()) {
        writer.string(key);
    }
    writer.end_array()
        .field("min_n", plan.finish.min_n)
        .field("confidence", *plan.finish.confidence);
}

/// What it was made from.
void write_lineage(JsonWriter& writer, const FairnessReport& report, const MetricQuery& rows) {
    const Plan& plan = report.plan;
    if (const auto positive = plan.finish.family.positive_class; positive != metrics::kNoClass) {
        writer.field("positive_class", plan.scan.classes->text(positive));
    }
    const DecisionRule rule = decision_rule(plan, rows.threshold);
    writer.field("predicted_class", rule.text);
    if (rule.threshold) {
        writer.field("threshold", *rule.threshold).field("threshold_source", rule.source);
    }
    writer.field("events", report.events).field("labelled", report.labelled);
    writer.key("model_versions").begin_array();
    for (const FairnessReport::Version& version : report.versions) {
        writer.begin_object().field("model_version", version.name).field("events", version.events);
        write_optional(writer, "label_coverage", version.label_coverage.value);
        writer.end_object();
    }
    writer.end_array();
}

void write_methods(JsonWriter& writer, std::span<const FairnessMethod> methods) {
    for (const FairnessMethod& method : methods) {
        writer.begin_object()
            .field("metric", method.name)
            .field("title", method.title)
            .field("formula", method.formula)
            .field("interval", method.interval)
            .field("source", method.source)
            .end_object();
    }
}

void append_row(std::string& out,
                std::string_view kind,
                std::string_view group,
                const Named& named,
                std::string_view highest,
                std::string_view lowest) {
    const auto& [name, estimate] = named;
    std::string row;
    append_text_cell(row, kind);
    append_text_cell(row, group);
    append_text_cell(row, name);
    append_number_cell(row, estimate.value);
    fmt::format_to(std::back_inserter(row), ",{}", estimate.n);
    const auto& interval = estimate.interval;
    append_number_cell(row, interval ? std::optional(interval->first) : std::nullopt);
    append_number_cell(row, interval ? std::optional(interval->second) : std::nullopt);
    append_text_cell(row, highest);
    append_text_cell(row, lowest);
    append_text_cell(row, estimate.value ? std::string_view() : estimate.reason);
    out += row.substr(1) + "\r\n";
}

}  // namespace

Result<std::string> fairness_json(const Core& core, const FairnessRequest& request) {
    AIML_ASSIGN(const FairnessReport report, make_fairness_report(core, request.rows));
    JsonWriter writer;
    writer.begin_object();
    write_selection(writer, report, request.rows);
    write_lineage(writer, report, request.rows);
    writer.key("groups").begin_array();
    for (const Group& group : report.groups) {
        write_group(writer, report, group);
    }
    writer.end_array().key("gaps").begin_array();
    for (const Named& gap : report.gaps) {
        write_gap(writer, report, gap);
    }
    writer.end_array()
        .key("four_fifths")
        .begin_object()
        .field("limit", kFourFifths)
        .field("verdict", report.four_fifths())
        .end_object();
    writer.key("methods").begin_array();
    write_methods(writer, fairness_rates());
    write_methods(writer, fairness_gaps());
    writer.end_array()
        .field("as_of_seq", report.as_of_sequence)
        .field("product_version", request.product_version)
        .field("made_at", format_rfc3339(request.made_at))
        .end_object();
    return writer.take();
}

Result<std::string> fairness_csv(const Core& core, const FairnessRequest& request) {
    AIML_ASSIGN(const FairnessReport report, make_fairness_report(core, request.rows));
    std::string out = "kind,group,metric,value,n,ci_lo,ci_hi,highest,lowest,reason\r\n";
    for (const Group& group : report.groups) {
        for (const Named& named : group.estimates) {
            append_row(out, "group", group_label(group.text), named, {}, {});
        }
    }
    for (const Named& gap : report.gaps) {
        const auto [first, second] = gap.second.groups;
        append_row(out, "gap", {}, gap, report.name_of(first), report.name_of(second));
    }
    return out;
}

}  // namespace aiml042::query
