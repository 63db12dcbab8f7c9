#include "query/engine.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/answer.h"
#include "query/core.h"
#include "query/csv.h"
#include "query/definition.h"
#include "query/execute.h"
#include "query/hint.h"
#include "query/measure.h"
#include "query/plan.h"
#include "query/profile.h"

namespace aiml042::query {

namespace {

/// A query run, and what it is compared with.
struct Answered {
    Plan plan;
    Execution execution;
    std::optional<Plan> compare_plan;
    std::optional<Execution> compare_execution;
    Lsn as_of_sequence = 0;

    /// Of all its parts.
    [[nodiscard]] LeftOut left_out() const {
        LeftOut all = plan.left_out;
        all.add(execution.left_out);
        if (compare_execution) {
            all.add(compare_execution->left_out);
        }
        return all;
    }
};

Result<Answered> answer(const Core& core, const MetricQuery& query) {
    Answered answered;
    answered.as_of_sequence = core.store.visible();
    AIML_ASSIGN(answered.plan, make_plan(core, query));
    // Series by class are made from the states themselves.
    AIML_ASSIGN(answered.execution,
                query.per_class ? execute(core, answered.plan) : measure(core, answered.plan));
    if (query.compare) {
        AIML_ASSIGN(answered.compare_plan, make_compare_plan(core, query));
        AIML_ASSIGN(answered.compare_execution, measure(core, *answered.compare_plan));
    }
    return answered;
}

std::string_view kind_name(Compare::Kind kind) {
    constexpr std::string_view kKinds[] = {"offset", "model_version", "prompt_version"};
    return kKinds[static_cast<std::size_t>(kind)];
}

/// The classes that have a series of their own: with average=none, of a metric that has averages.
std::vector<std::uint32_t> classes_shown(const Plan& plan,
                                         const MetricQuery& query,
                                         const GroupStates& group,
                                         const MetricUse& use) {
    const bool shown = query.per_class && use.form.reads(metrics::Option::kAverage);
    return shown ? classes_of(plan, group, use) : std::vector<std::uint32_t>();
}

/// The compared series, at the times of the base's buckets so that the two lie over each other.
std::vector<Point> compare_series(const Answered& answered,
                                  const std::string& group_name,
                                  const MetricUse& use) {
    const GroupStates none;
    const auto& groups = answered.compare_execution->groups;
    const auto found = std::ranges::find(groups, group_name, &GroupStates::name);
    const auto index = static_cast<std::size_t>(&use - answered.plan.metrics.data());
    std::vector<Point> series = finish_series(*answered.compare_plan,
                                              found == groups.end() ? none : *found,
                                              answered.compare_plan->metrics[index]);
    const Buckets& buckets = answered.plan.buckets;
    series.resize(std::min(series.size(), buckets.count()));
    for (std::size_t i = 0; i < series.size(); ++i) {
        series[i].ts = buckets.start(i);
    }
    return series;
}

/// The texts of a fairness metric's groups; null for other metrics.
const ClassRegistry* groups_of(const Plan& plan, const MetricUse& use) {
    return use.form.reads(metrics::Option::kGroups) ? plan.scan.column->texts.get() : nullptr;
}

void write_compare(codec::JsonWriter& writer,
                   const MetricQuery& query,
                   const Answered& answered,
                   const GroupStates& group,
                   const MetricUse& use) {
    writer.key("compare")
        .begin_object()
        .field("kind", kind_name(query.compare->kind))
        .field("value", query.compare->value)
        .key("series");
    write_series(writer,
                 compare_series(answered, group.name, use),
                 query.confidence.has_value(),
                 groups_of(answered.plan, use));
    writer.end_object();
}

/// Returns the largest error bound among the values.
std::optional<double> write_values(codec::JsonWriter& writer,
                                   const MetricQuery& query,
                                   const Answered& answered,
                                   const GroupStates& group,
                                   const MetricUse& use) {
    const Plan& plan = answered.plan;
    const std::vector<Point> series = finish_series(plan, group, use);
    writer.key("series");
    write_series(writer, series, query.confidence.has_value(), groups_of(plan, use));
    if (query.per_class && use.form.reads(metrics::Option::kAverage)) {
        writer.key("classes").begin_array();
        for (const std::uint32_t code : classes_of(plan, group, use)) {
            writer.begin_object().field("class", plan.scan.classes->text(code)).key("series");
            write_series(
                writer, finish_class_series(plan, group, use, code), query.confidence.has_value());
            writer.end_object();
        }
        writer.end_array();
    }
    if (query.compare) {
        write_compare(writer, query, answered, group, use);
    }
    return largest_bound(series);
}

void write_metric(codec::JsonWriter& writer,
                  const MetricQuery& query,
                  const Answered& answered,
                  const MetricUse& use) {
    const Plan& plan = answered.plan;
    writer.field("metric", use.name).field("deployment_id", plan.deployment.name);
    std::optional<double> bound;
    if (plan.group_keys.empty()) {
        bound = write_values(writer, query, answered, answered.execution.groups.front(), use);
    } else {
        writer.key("groups").begin_array();
        for (const GroupStates& group : answered.execution.groups) {
            writer.begin_object().key("by").begin_object();
            for (std::size_t i = 0; i < plan.group_keys.size(); ++i) {
                writer.key(plan.group_keys[i]);
                write_group_value(writer, group.key[i]);
            }
            writer.end_object();
            const std::optional<double> of_group =
                write_values(writer, query, answered, group, use);
            bound = of_group ? std::max(bound.value_or(0.0), *of_group) : bound;
            writer.end_object();
        }
        writer.end_array();
    }
    writer.key("slices").begin_object();
    for (const auto& [key, values] : slices_of(plan.profile)) {
        writer.key(key).begin_array();
        for (const std::string& value : values) {
            writer.string(value);
        }
        writer.end_array();
    }
    writer.end_object().key("definition");
    write_definition(writer, plan, use, query, bound);
}

/// The key of a group as cells: numbers and booleans as they are, texts quoted where they must be.
void append_group_cells(std::string& out, const GroupKey& key) {
    for (const GroupValue& value : key) {
        const bool text = value.missing || value.type == model::ValueType::kString;
        if (text) {
            append_text_cell(out, value.missing ? std::string_view() : value.text);
        } else {
            out += ',';
            out += value.text;
        }
    }
}

/// Rows of one series. `of` holds the cells that all of them share: metric, class, compare, group.
void append_csv_rows(std::string& out, const std::string& of, const std::vector<Point>& series) {
    for (const Point& point : series) {
        const metrics::Estimate& estimate = point.estimate;
        append_rfc3339(out, point.ts);
        out += of;
        append_number_cell(out, estimate.value);
        fmt::format_to(std::back_inserter(out), ",{}", estimate.n);
        const auto& interval = estimate.interval;
        append_number_cell(out, interval ? std::optional(interval->first) : std::nullopt);
        append_number_cell(out, interval ? std::optional(interval->second) : std::nullopt);
        append_number_cell(out, estimate.p_value);
        append_number_cell(out, estimate.error_bound);
        append_text_cell(out, estimate.value ? std::string_view() : estimate.reason);
        out += "\r\n";
    }
}

/// Why no event was met; empty when some were, or nothing tells.
Result<std::string> hint_of(const MetricQuery& query, const Answered& answered) {
    const auto& groups = answered.execution.groups;
    if (std::ranges::any_of(groups, [](const GroupStates& group) { return group.rows > 0; })) {
        return std::string();
    }
    AIML_ASSIGN(const Expression filter, parse_filter(query.filter));
    const Plan& plan = answered.plan;
    return hint_of_nothing(
        {.model_version = query.model_version, .filter = filter, .range = query.range},
        plan.profile,
        *plan.deployment.schema);
}

/// The series of a metric in a group, then those of its classes, then what it is compared with.
void append_csv_group(std::string& out,
                      const MetricQuery& query,
                      const Answered& answered,
                      const GroupStates& group,
                      const MetricUse& use) {
    const auto of = [&](std::string_view class_text, std::string_view compare) {
        std::string cells;
        append_text_cell(cells, use.name);
        append_text_cell(cells, class_text);
        append_text_cell(cells, compare);
        append_group_cells(cells, group.key);
        return cells;
    };
    append_csv_rows(out, of({}, {}), finish_series(answered.plan, group, use));
    for (const std::uint32_t code : classes_shown(answered.plan, query, group, use)) {
        append_csv_rows(out,
                        of(answered.plan.scan.classes->text(code), {}),
                        finish_class_series(answered.plan, group, use, code));
    }
    if (query.compare) {
        const std::string with =
            fmt::format("{}:{}", kind_name(query.compare->kind), query.compare->value);
        append_csv_rows(out, of({}, with), compare_series(answered, group.name, use));
    }
}

}  // namespace

Engine::Engine(const store::Store& store,
               SettingsSource settings,
               EngineOptions options,
               ReferenceSource references)
    : core_(std::make_unique<const Core>(
          store, std::move(settings), options, std::move(references))) {}

Engine::~Engine() = default;

Result<std::string> Engine::metrics_json(const MetricQuery& query) const {
    AIML_ASSIGN(const Answered answered, answer(*core_, query));
    codec::JsonWriter writer;
    writer.begin_object();
    if (answered.plan.metrics.size() == 1) {
        write_metric(writer, query, answered, answered.plan.metrics.front());
    } else {
        writer.key("results").begin_array();
        for (const MetricUse& use : answered.plan.metrics) {
            writer.begin_object();
            write_metric(writer, query, answered, use);
            writer.end_object();
        }
        writer.end_array();
    }
    AIML_ASSIGN(const std::string hint, hint_of(query, answered));
    if (!hint.empty()) {
        writer.field("hint", hint);
    }
    if (query.allow_partial) {
        answered.left_out().write(writer);
    }
    writer.field("as_of_seq", answered.as_of_sequence).end_object();
    return writer.take();
}

Result<std::string> Engine::metrics_csv(const MetricQuery& query) const {
    AIML_ASSIGN(const Answered answered, answer(*core_, query));
    std::string out = "ts,metric,class,compare";
    for (const std::string& key : answered.plan.group_keys) {
        append_text_cell(out, key);
    }
    out += ",value,n,ci_lo,ci_hi,p_value,error_bound,reason\r\n";
    for (const MetricUse& use : answered.plan.metrics) {
        for (const GroupStates& group : answered.execution.groups) {
            append_csv_group(out, query, answered, group, use);
        }
    }
    return out;
}

}  // namespace aiml042::query
