#include "query/answer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "query/class_registry.h"

namespace aiml042::query {

namespace {

const metrics::State* state_at(const Plan& plan,
                               const GroupStates& group,
                               std::size_t bucket,
                               std::size_t family) {
    return group.states.empty() ? nullptr
                                : group.states[bucket * plan.families.size() + family].get();
}

std::vector<Point> finish_with(const Plan& plan,
                               const GroupStates& group,
                               const MetricUse& use,
                               metrics::FinishOptions options) {
    const FamilyUse& family = plan.families[use.family];
    const std::unique_ptr<metrics::State> empty = family.family->create(family.options);
    std::vector<Point> series;
    series.reserve(plan.buckets.count());
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        options.window_seconds = plan.buckets.seconds(i);
        const metrics::State* state = state_at(plan, group, i, use.family);
        series.push_back(
            {plan.buckets.start(i), use.finish(state == nullptr ? *empty : *state, options)});
    }
    return series;
}

std::string_view average_name(metrics::FinishOptions::Average average) {
    switch (average) {
        case metrics::FinishOptions::Average::kMacro:
            return "macro";
        case metrics::FinishOptions::Average::kMicro:
            return "micro";
        case metrics::FinishOptions::Average::kWeighted:
            return "weighted";
        case metrics::FinishOptions::Average::kBinary:
            break;
    }
    return "binary";
}

/// The quantiles that the deployment's events send, and the level between the outermost.
void write_quantiles(codec::JsonWriter& writer, const Understanding& how) {
    writer.key("quantiles").begin_array();
    for (const Understanding::QuantileColumn& column : how.quantiles) {
        writer.number(column.quantile);
    }
    writer.end_array();
    if (how.quantiles.size() >= 2) {
        const double level = how.quantiles.back().quantile - how.quantiles.front().quantile;
        writer.field("nominal_level", std::round(level * 1e12) / 1e12);
    }
}

std::string_view binning_name(metrics::FamilyOptions::Binning binning) {
    switch (binning) {
        case metrics::FamilyOptions::Binning::kMass:
            return "mass";
        case metrics::FamilyOptions::Binning::kDebiased:
            return "debiased";
        case metrics::FamilyOptions::Binning::kWidth:
            break;
    }
    return "width";
}

}  // namespace

std::vector<Point> finish_series(const Plan& plan, const GroupStates& group, const MetricUse& use) {
    if (group.points.empty()) {
        return finish_with(plan, group, use, finish_options(plan, use));
    }
    const auto index = static_cast<std::size_t>(&use - plan.metrics.data());
    std::vector<Point> series;
    series.reserve(plan.buckets.count());
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        series.push_back({plan.buckets.start(i), group.points[i * plan.metrics.size() + index]});
    }
    return series;
}

std::vector<Point> finish_class_series(const Plan& plan,
                                       const GroupStates& group,
                                       const MetricUse& use,
                                       std::uint32_t class_code) {
    metrics::FinishOptions options = finish_options(plan, use);
    options.family.positive_class = class_code;
    options.average = metrics::FinishOptions::Average::kBinary;
    return finish_with(plan, group, use, options);
}

std::vector<std::uint32_t> classes_of(const Plan& plan,
                                      const GroupStates& group,
                                      const MetricUse& use) {
    std::set<std::uint32_t> codes;
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        if (const metrics::State* state = state_at(plan, group, i, use.family)) {
            codes.merge([&] {
                const auto found = state->classes();
                return std::set<std::uint32_t>(found.begin(), found.end());
            }());
        }
    }
    return {codes.begin(), codes.end()};
}

std::optional<double> largest_bound(const std::vector<Point>& series) {
    std::optional<double> bound;
    for (const Point& point : series) {
        if (point.estimate.error_bound) {
            bound = std::max(bound.value_or(0.0), *point.estimate.error_bound);
        }
    }
    return bound;
}

void write_series(codec::JsonWriter& writer, const std::vector<Point>& series, bool with_interval) {
    writer.begin_array();
    std::string time;  // Used again for each point: there may be a hundred thousand.
    for (const Point& point : series) {
        const metrics::Estimate& estimate = point.estimate;
        time.clear();
        append_rfc3339(time, point.ts);
        writer.begin_object().field("ts", time).key("value");
        if (estimate.value) {
            writer.number(*estimate.value);
        } else {
            writer.null();
        }
        writer.field("n", estimate.n);
        if (estimate.interval) {
            writer.key("ci")
                .begin_array()
                .number(estimate.interval->first)
                .number(estimate.interval->second)
                .end_array();
        } else if (with_interval) {
            writer.key("ci").null();
        }
        if (estimate.error_bound) {
            writer.field("error_bound", *estimate.error_bound);
        }
        if (!estimate.value) {
            writer.field("reason", estimate.reason);
        }
        writer.end_object();
    }
    writer.end_array();
}

void write_definition(codec::JsonWriter& writer,
                      const Plan& plan,
                      const MetricUse& use,
                      const MetricQuery& query,
                      const std::optional<double>& bound) {
    const metrics::MetricSpec& spec = *use.spec;
    const FamilyUse& family = plan.families[use.family];
    const bool approximate = bound.has_value();
    writer.begin_object()
        .field("metric", spec.name)
        .field("title", spec.title)
        .field("unit", spec.unit)
        .field("formula", spec.formula)
        .field("source", spec.source)
        .field("exact", !approximate)
        .field("approximate", approximate);
    if (approximate) {
        writer.field("error_bound", *bound);
        writer.field(
            "note",
            "from histograms; each point has its error_bound, exact=true computes from all rows");
    }
    if (query.confidence) {
        writer.field("confidence", *query.confidence).field("interval", spec.interval);
    }
    if (spec.group == "calibration") {
        writer.field("bins", family.options.bins)
            .field("binning", binning_name(family.options.binning));
    }
    if (family.options.positive_class != metrics::kNoClass) {
        writer.field("positive_class", plan.scan.classes->text(family.options.positive_class));
        writer.field("positive_class_source",
                     plan.profile.positive_declared ? "declared" : "inferred");
    }
    if (!family.family->label_free && plan.profile.task == model::TaskType::kMulticlass) {
        writer.field("average", query.per_class ? "none" : average_name(plan.finish.average));
    }
    if (spec.name == "fbeta") {
        writer.field("beta", plan.finish.beta);
    }
    if (use.top && use.top->count > 0) {
        writer.field("k", use.top->count);
    } else if (use.top) {
        writer.field("k", use.top->text());
    }
    if (use.quantile) {
        writer.field("quantile", *use.quantile);
    }
    if (metrics::reads(family.family->inputs, metrics::Input::kQuantiles) && !use.quantile) {
        write_quantiles(writer, plan.scan.understanding);
    }
    if (family.options.threshold) {
        writer.field("threshold", *family.options.threshold);
    }
    writer.field("task_type", model::task_type_name(plan.profile.task));
    if (!plan.filter_text.empty()) {
        writer.field("filter", plan.filter_text);
    }
    writer.field("include_shadow", plan.include_shadow).end_object();
}

void append_csv(std::string& out, std::string_view text) {
    // A leading =, +, - or @ of a text would be a formula to a spreadsheet.
    const bool formula = !text.empty() && (text[0] == '=' || text[0] == '+' || text[0] == '@');
    if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    if (formula) {
        out += '\'';
    }
    for (const char c : text) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

}  // namespace aiml042::query
