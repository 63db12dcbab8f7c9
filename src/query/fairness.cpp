#include "query/fairness.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "metrics/fairness.h"
#include "metrics/grouped_state.h"
#include "metrics/metric.h"
#include "query/column_choice.h"
#include "query/csv.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using metrics::Estimate;
using metrics::Rate;
using Named = std::pair<std::string_view, Estimate>;

constexpr double kConfidence = 0.95;
constexpr double kFourFifths = 0.8;
constexpr std::string_view kSmallGroup = "fewer than min_n events: not among the gaps";

struct Group {
    std::string text;
    std::uint64_t n = 0;
    std::vector<Named> estimates;
};

struct Report {
    Plan plan;
    std::vector<Group> groups;  // Most rows first.
    std::vector<Named> gaps;
    Lsn as_of_sequence{};
};

/// Everything that is told of one group.
std::vector<Named> estimates_of(const metrics::Decisions& decisions,
                                const metrics::GroupAucs& aucs,
                                std::optional<double> confidence) {
    Estimate base =
        metrics::rate_of({.tp = decisions.tp + decisions.fn, .tn = decisions.fp + decisions.tn},
                         Rate::kSelection,
                         confidence);
    return {{"selection_rate", metrics::rate_of(decisions, Rate::kSelection, confidence)},
            {"tpr", metrics::rate_of(decisions, Rate::kTruePositive, confidence)},
            {"fpr", metrics::rate_of(decisions, Rate::kFalsePositive, confidence)},
            {"ppv", metrics::rate_of(decisions, Rate::kPrecision, confidence)},
            {"accuracy", metrics::rate_of(decisions, Rate::kAccuracy, confidence)},
            {"base_rate", std::move(base)},
            {"roc_auc", aucs.subgroup},
            {"bpsn_auc", aucs.bpsn},
            {"bnsp_auc", aucs.bnsp}};
}

std::vector<Group> groups_of(const metrics::GroupedDecisions& decisions,
                             const metrics::GroupedScores& scores,
                             const ClassRegistry& texts,
                             std::optional<double> confidence) {
    std::vector<metrics::GroupAucs> aucs = metrics::group_aucs(scores, confidence);
    aucs.resize(std::max(aucs.size(), decisions.groups().size()));
    std::vector<Group> out;
    for (std::uint32_t code = 0; code < aucs.size(); ++code) {
        const metrics::Decisions own =
            code < decisions.groups().size() ? decisions.groups()[code] : metrics::Decisions{};
        if (own.n() > 0 || aucs[code].n > 0) {
            out.push_back({texts.text(code), own.n(), estimates_of(own, aucs[code], confidence)});
        }
    }
    std::ranges::stable_sort(out, [](const Group& a, const Group& b) {
        return a.n != b.n ? a.n > b.n : a.text < b.text;
    });
    return out;
}

Result<Report> make_report(const Core& core, MetricQuery rows) {
    const Lsn sequence = core.store.visible();
    rows.confidence = rows.confidence.value_or(kConfidence);
    AIML_ASSIGN(Plan plan, make_groups_plan(core, rows));
    AIML_ASSIGN(const Execution execution, execute(core, plan));
    const auto& states = execution.groups.front().states;
    const auto state_of = [&](std::size_t family) {
        const bool there = family < states.size() && states[family] != nullptr;
        return there ? states[family]->clone()
                     : plan.families[family].family->create(plan.families[family].options);
    };
    const auto decisions = state_of(0);
    const auto scores = state_of(1);
    Report report;
    report.as_of_sequence = sequence;
    report.groups = groups_of(metrics::as<metrics::GroupedDecisions>(*decisions),
                              metrics::as<metrics::GroupedScores>(*scores),
                              *plan.scan.column->texts,
                              rows.confidence);
    metrics::FinishOptions options = plan.finish;
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        if (spec.group == "fairness") {
            const bool of_decisions = spec.family == &metrics::kGroupedDecisionsFamily;
            report.gaps.emplace_back(
                spec.name,
                metrics::finish(spec, spec.finish, of_decisions ? *decisions : *scores, options));
        }
    }
    report.plan = std::move(plan);
    return report;
}

void write_optional(JsonWriter& writer, std::string_view name, const std::optional<double>& value) {
    writer.key(name);
    if (value) {
        writer.number(*value);
    } else {
        writer.null();
    }
}

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
    if (!estimate.value) {
        writer.field("reason", estimate.reason);
    }
}

std::string name_of(const Report& report, std::uint32_t code) {
    return code == metrics::kNoClass ? std::string()
                                     : group_label(report.plan.scan.column->texts->text(code));
}

void write_group(JsonWriter& writer, const Report& report, const Group& group) {
    const auto keys = group_parts(report.plan.scan.column->name);
    const auto parts = group_parts(group.text);
    writer.begin_object().field("group", group_label(group.text)).key("by").begin_object();
    for (std::size_t i = 0; i < keys.size() && i < parts.size(); ++i) {
        writer.key(keys[i].value_or(""));
        if (parts[i]) {
            writer.string(*parts[i]);
        } else {
            writer.null();
        }
    }
    writer.end_object().field("n", group.n);
    const bool counted = group.n >= report.plan.finish.min_n;
    writer.field("counted", counted);
    if (!counted) {
        writer.field("reason", kSmallGroup);
    }
    for (const auto& [name, estimate] : group.estimates) {
        writer.key(name).begin_object();
        write_estimate(writer, estimate);
        writer.end_object();
    }
    writer.end_object();
}

void write_gap(JsonWriter& writer, const Report& report, const Named& gap) {
    const auto& [name, estimate] = gap;
    writer.begin_object().field("metric", name);
    write_estimate(writer, estimate);
    if (estimate.value) {
        writer.key("groups").begin_array();
        for (const std::uint32_t code : estimate.groups) {
            if (code != metrics::kNoClass) {
                writer.string(name_of(report, code));
            }
        }
        writer.end_array();
    }
    writer.end_object();
}

/// The four-fifths rule: told from the ratio's interval.
void write_four_fifths(JsonWriter& writer, const Report& report) {
    const auto ratio =
        std::ranges::find(report.gaps, std::string_view("demographic_parity_ratio"), &Named::first);
    std::string_view verdict = "cannot_tell";
    if (ratio != report.gaps.end() && ratio->second.interval) {
        const auto& [lo, hi] = *ratio->second.interval;
        verdict = hi < kFourFifths ? "below" : lo >= kFourFifths ? "not_below" : verdict;
    }
    writer.key("four_fifths").begin_object().field("limit", kFourFifths).field("verdict", verdict);
    writer.end_object();
}

void write_selection(JsonWriter& writer, const Report& report, const MetricQuery& rows) {
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
    if (const auto positive = plan.finish.family.positive_class; positive != metrics::kNoClass) {
        writer.field("positive_class", plan.scan.classes->text(positive));
    }
    if (rows.threshold) {
        writer.field("threshold", *rows.threshold);
    }
    writer.key("by").begin_array();
    for (const auto& key : group_parts(plan.scan.column->name)) {
        writer.string(key.value_or(""));
    }
    writer.end_array()
        .field("min_n", plan.finish.min_n)
        .field("confidence", *plan.finish.confidence);
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

Result<std::string> fairness_json(const Core& core, const MetricQuery& rows) {
    AIML_ASSIGN(const Report report, make_report(core, rows));
    JsonWriter writer;
    writer.begin_object();
    write_selection(writer, report, rows);
    writer.key("groups").begin_array();
    for (const Group& group : report.groups) {
        write_group(writer, report, group);
    }
    writer.end_array().key("gaps").begin_array();
    for (const Named& gap : report.gaps) {
        write_gap(writer, report, gap);
    }
    writer.end_array();
    write_four_fifths(writer, report);
    writer.field("as_of_seq", report.as_of_sequence).end_object();
    return writer.take();
}

Result<std::string> fairness_csv(const Core& core, const MetricQuery& rows) {
    AIML_ASSIGN(const Report report, make_report(core, rows));
    std::string out = "kind,group,metric,value,n,ci_lo,ci_hi,highest,lowest,reason\r\n";
    for (const Group& group : report.groups) {
        for (const Named& named : group.estimates) {
            append_row(out, "group", group_label(group.text), named, {}, {});
        }
    }
    for (const Named& gap : report.gaps) {
        const auto [first, second] = gap.second.groups;
        append_row(out, "gap", {}, gap, name_of(report, first), name_of(report, second));
    }
    return out;
}

}  // namespace aiml042::query
