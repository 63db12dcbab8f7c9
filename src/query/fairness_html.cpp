// The page of fairness_html().

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "query/column_choice.h"
#include "query/definition.h"
#include "query/fairness.h"
#include "query/html.h"

namespace aiml042::query {

namespace {

using metrics::Estimate;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fairness report</title>
<style>
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem; }
table { border-collapse: collapse; margin: 0 0 2rem; }
caption { text-align: left; font-size: 1.15rem; font-weight: 600; padding: 0 0 .5rem; }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #f0f0f0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ci, .reason { display: block; color: #555; font-size: .85em; }
.wide { overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
@page { size: landscape; margin: 12mm; }
@media print { body { margin: 0; font-size: 9px; } tr { break-inside: avoid; } .wide { overflow: visible; } }
</style>
</head>
<body>
)";

std::string escaped(std::string_view text) {
    std::string out;
    append_html(out, text);
    return out;
}

std::string number(double value) {
    return fmt::format("{:.4f}", value);
}

std::string interval_of(const Estimate& estimate) {
    return estimate.interval ? fmt::format("{} to {}",
                                           number(estimate.interval->first),
                                           number(estimate.interval->second))
                             : std::string();
}

/// A cell of a number, its interval below it; or why there is none.
std::string cell(const Estimate& estimate) {
    std::string out = R"(<td class="number">)";
    if (!estimate.value) {
        return out + "–<span class=\"reason\">" + escaped(estimate.reason) + "</span></td>";
    }
    out += number(*estimate.value);
    if (estimate.interval) {
        out += R"(<span class="ci">)" + interval_of(estimate) + "</span>";
    }
    if (estimate.error_bound) {
        out += fmt::format(R"(<span class="ci">within {:.1e}</span>)", *estimate.error_bound);
    }
    if (estimate.p_value) {
        out += fmt::format(R"(<span class="ci">p = {:.3g}</span>)", *estimate.p_value);
    }
    return out + "</td>";
}

/// A row of a definition list; `value` is HTML.
void append_fact(std::string& out, std::string_view name, std::string_view value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
}

std::string versions_of(const FairnessReport& report) {
    std::string out;
    for (const FairnessReport::Version& version : report.versions) {
        out += fmt::format("{}{}: {} events, {:.1f} % labelled",
                           out.empty() ? "" : "<br>",
                           html_data(version.name),
                           version.events,
                           100.0 * version.label_coverage.value.value_or(0.0));
    }
    return out.empty() ? "none" : out;
}

std::string decision_of(const FairnessReport& report, const MetricQuery& rows) {
    const DecisionRule rule = decision_rule(report.plan, rows.threshold);
    std::string out = escaped(rule.text);
    if (rule.threshold) {
        out += fmt::format("; threshold {} ({})", *rule.threshold, rule.source);
    }
    return out;
}

/// What was asked, and what it was made from.
void append_lineage(std::string& out,
                    const FairnessReport& report,
                    const FairnessRequest& request) {
    const Plan& plan = report.plan;
    const MetricQuery& rows = request.rows;
    out += "<dl>\n";
    append_fact(out, "Deployment", html_data(plan.deployment.name));
    append_fact(out, "Model versions", versions_of(report));
    append_fact(out,
                "Window",
                fmt::format("{} to {} (exclusive)",
                            format_rfc3339(plan.buckets.range.from),
                            format_rfc3339(plan.buckets.range.to)));
    append_fact(out,
                "Version asked for",
                rows.model_version.empty() ? "all" : html_data(rows.model_version));
    append_fact(out, "Filter", plan.filter_text.empty() ? "none" : html_data(plan.filter_text));
    append_fact(out, "Shadow events", plan.include_shadow ? "counted" : "not counted");
    std::string keys;
    for (const std::string& key : report.keys()) {
        keys += (keys.empty() ? "" : ", ") + html_data(key);
    }
    append_fact(out, "Groups by", keys);
    append_fact(
        out, "Smallest group in gaps", fmt::format("{} labelled events", plan.finish.min_n));
    const auto positive = plan.finish.family.positive_class;
    append_fact(
        out,
        "Positive class",
        positive == metrics::kNoClass ? "unknown" : html_data(plan.scan.classes->text(positive)));
    append_fact(out, "Decision", decision_of(report, rows));
    append_fact(
        out, "Labels", fmt::format("{} of {} events have one", report.labelled, report.events));
    append_fact(out,
                "Labels as known at",
                rows.as_of ? format_rfc3339(*rows.as_of) : std::string("the time of making"));
    append_fact(out, "Confidence of intervals", fmt::format("{}", *plan.finish.confidence));
    append_fact(out, "Data up to sequence", fmt::format("{}", report.as_of_sequence));
    append_fact(out, "Made", format_rfc3339(request.made_at));
    append_fact(out, "Made by", "aiml042 " + escaped(request.product_version));
    out += "</dl>\n";
}

void append_verdict(std::string& out, const FairnessReport& report) {
    const std::string_view verdict = report.four_fifths();
    std::string_view text =
        "cannot be told from these events: the interval of the ratio holds 0.8, or there is none.";
    if (verdict == "below") {
        text = "is broken: the whole interval of the ratio of selection rates is below 0.8.";
    } else if (verdict == "not_below") {
        text = "is kept: the whole interval of the ratio of selection rates is at 0.8 or above.";
    }
    out += fmt::format("<p><strong>The four-fifths rule</strong> {}</p>\n", text);
}

void append_gaps(std::string& out, const FairnessReport& report) {
    out +=
        "<table><caption>Gaps between groups</caption><thead><tr><th scope=\"col\">Gap</th>"
        "<th scope=\"col\">Value</th><th scope=\"col\">Events</th><th scope=\"col\">Groups</th>"
        "<th scope=\"col\">Highest</th><th scope=\"col\">Lowest</th></tr></thead><tbody>\n";
    const std::vector<FairnessMethod> methods = fairness_gaps();
    for (std::size_t i = 0; i < report.gaps.size(); ++i) {
        const Estimate& gap = report.gaps[i].second;
        // A minimum over groups names one group, which is the lowest.
        const bool one = gap.groups[1] == metrics::kNoClass;
        out += fmt::format(
            "<tr><th scope=\"row\">{}</th>{}<td class=\"number\">{}</td><td "
            "class=\"number\">{}</td>"
            "<td>{}</td><td>{}</td></tr>\n",
            escaped(methods[i].title),
            cell(gap),
            gap.n,
            gap.groups_counted,
            one ? std::string() : html_data(report.name_of(gap.groups[0])),
            html_data(report.name_of(one ? gap.groups[0] : gap.groups[1])));
    }
    out += "</tbody></table>\n";
}

void append_groups(std::string& out, const FairnessReport& report) {
    out +=
        "<div class=\"wide\" role=\"region\" aria-label=\"Groups\" tabindex=\"0\"><table>"
        "<caption>Groups</caption><thead><tr><th scope=\"col\">Group</th><th scope=\"col\">"
        "Labelled decisions</th>";
    for (const FairnessMethod& rate : fairness_rates()) {
        out += fmt::format("<th scope=\"col\">{}</th>", escaped(rate.title));
    }
    out += "</tr></thead><tbody>\n";
    for (const FairnessReport::Group& group : report.groups) {
        out += fmt::format("<tr><th scope=\"row\">{}", html_data(group_label(group.text)));
        if (!report.counts(group)) {
            out += "<span class=\"reason\">" + escaped(kSmallGroup) + "</span>";
        }
        out += fmt::format("</th><td class=\"number\">{}</td>", group.n);
        for (const auto& [name, estimate] : group.estimates) {
            out += cell(estimate);
        }
        out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
}

void append_methods(std::string& out, std::span<const FairnessMethod> methods) {
    for (const FairnessMethod& method : methods) {
        out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                           escaped(method.title),
                           escaped(method.formula),
                           method.interval.empty() ? "none" : escaped(method.interval),
                           escaped(method.source));
    }
}

}  // namespace

Result<std::string> fairness_html(const Core& core, const FairnessRequest& request) {
    AIML_ASSIGN(const FairnessReport report, make_fairness_report(core, request.rows));
    std::string out(kHead);
    out += "<main><h1>Fairness of " + html_data(report.plan.deployment.name) + "</h1>\n";
    append_lineage(out, report, request);
    append_verdict(out, report);
    append_gaps(out, report);
    append_groups(out, report);
    out +=
        "<table><caption>Methods</caption><thead><tr><th scope=\"col\">Number</th><th "
        "scope=\"col\">Formula</th><th scope=\"col\">Interval</th><th scope=\"col\">Source</th>"
        "</tr></thead><tbody>\n";
    append_methods(out, fairness_rates());
    append_methods(out, fairness_gaps());
    out += "</tbody></table></main>\n</body>\n</html>\n";
    return out;
}

}  // namespace aiml042::query
