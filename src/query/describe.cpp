#include "query/describe.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/answer.h"
#include "query/column_stats.h"
#include "query/core.h"
#include "query/headline.h"
#include "query/parallel.h"

namespace aiml042::query {

namespace {

constexpr std::uint64_t kValueRowsMax = 5'000'000;
constexpr std::size_t kDistinctValuesMax = 100'000;

/// The summaries of all blocks together.
Result<BlockSummary> summarize_all(const Core& core, const store::DeploymentInfo& deployment, const Blocks& blocks) {
    std::vector<std::shared_ptr<const BlockSummary>> parts(blocks.size());
    AIML_TRY(parallel_for(core.pool, core.options.threads, blocks.size(), [&](std::size_t i, unsigned) -> Status {
        AIML_ASSIGN(parts[i], core.summaries.of(blocks[i], *deployment.schema));
        return Status::ok();
    }));
    BlockSummary all;
    for (const auto& part : parts) {
        all.add(*part);
    }
    return all;
}

/// The last 24 hours in four numbers.
struct Recent {
    std::uint64_t events = 0;
    std::uint64_t errors = 0;
    std::optional<double> latency_p95_ms;
};

Recent recent_of(const Core& core, const store::DeploymentInfo& deployment, Timestamp now) {
    MetricQuery query;
    query.project = deployment.project;
    query.deployment = deployment.name;
    query.metrics = {"count", "error_rate", "latency_p95"};
    query.range = {now - kDay, now};
    query.include_shadow = true;
    Recent out;
    const auto plan = make_plan(core, query);
    if (!plan) {
        return out;
    }
    const auto execution = execute(core, *plan);
    if (!execution) {
        return out;
    }
    const GroupStates& group = execution->groups[0];
    out.events = estimate(*plan, group, plan->metrics[0], 0).n;
    const double rate = estimate(*plan, group, plan->metrics[1], 0).value.value_or(0.0);
    out.errors = static_cast<std::uint64_t>(rate * static_cast<double>(out.events) + 0.5);
    out.latency_p95_ms = estimate(*plan, group, plan->metrics[2], 0).value;
    return out;
}

void write_optional(codec::JsonWriter& json, std::string_view name, const std::optional<double>& value) {
    json.key(name);
    if (value.has_value()) {
        json.number(*value);
    } else {
        json.null();
    }
}

void write_optional(codec::JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
    json.key(name);
    if (value.has_value()) {
        json.string(*value);
    } else {
        json.null();
    }
}

void write_time(codec::JsonWriter& json, std::string_view name, Timestamp t, bool exists) {
    write_optional(json, name, exists ? std::optional(format_rfc3339(t)) : std::nullopt);
}

void write_versions(codec::JsonWriter& json, const BlockSummary& all) {
    json.key("model_versions").begin_array();
    for (const auto& [version, count] : all.versions) {
        json.begin_object().field("model_version", version).field("events", count.events);
        write_time(json, "first_event", count.first, true);
        write_time(json, "last_event", count.last, true);
        json.end_object();
    }
    json.end_array();
}

void write_recent(codec::JsonWriter& json, const Recent& recent) {
    json.field("events_per_minute", static_cast<double>(recent.events) / 1440.0).field("errors_24h", recent.errors);
    write_optional(json, "latency_p95_ms", recent.latency_p95_ms);
    const bool quiet = recent.events == 0;
    json.field("health", quiet ? "quiet" : recent.errors > 0 ? "warn" : "ok");
    json.field("health_reason", quiet ? std::string("no events in the last 24 hours")
                                : recent.errors > 0 ? fmt::format("{} errors in the last 24 hours", recent.errors)
                                                    : std::string("events arrive, no errors in the last 24 hours"));
}

/// The members that list and detail share, into an open object.
Status write_deployment(codec::JsonWriter& json, const Core& core, const store::DeploymentInfo& deployment, Timestamp now) {
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, TimeRange{});
    AIML_ASSIGN(const BlockSummary all, summarize_all(core, deployment, blocks));
    AIML_ASSIGN(const Profile profile, core.profile(deployment, blocks));
    const Recent recent = recent_of(core, deployment, now);
    const bool any = all.rows > 0;
    json.field("deployment_id", deployment.name);
    json.field("task_type", model::task_type_name(profile.task));
    json.field("task_type_source", profile.task_declared ? "declared" : "inferred");
    write_optional(json, "positive_class", profile.positive_class);
    json.field("positive_class_source", profile.positive_declared ? "declared" : "inferred");
    write_optional(json, "threshold", profile.settings.threshold);
    const bool turned = profile.settings.score_is == model::ScoreIs::kPredictedClass;
    json.field("score_is", turned ? "predicted_class" : "positive_class").key("cohort_keys").begin_array();
    for (const auto& [key, values] : slices_of(profile)) {
        json.string(key);
    }
    json.end_array().key("headline").begin_array();
    for (const std::string& metric : headline_metrics(profile.task)) {
        json.string(metric);
    }
    json.end_array().field("events", all.rows).field("labels", all.labelled);
    write_optional(json, "label_coverage",
                   any ? std::optional(static_cast<double>(all.labelled) / static_cast<double>(all.rows)) : std::nullopt);
    write_time(json, "first_event", all.first, any);
    write_time(json, "last_event", all.last, any);
    write_versions(json, all);
    write_recent(json, recent);
    return Status::ok();
}

std::string_view type_name(model::ValueType type) {
    switch (type) {
        case model::ValueType::kNumber:
            return "number";
        case model::ValueType::kString:
            return "string";
        case model::ValueType::kBool:
            return "bool";
        case model::ValueType::kTime:
            return "time";
    }
    return "string";
}

void write_column(codec::JsonWriter& json, const ColumnStats& column) {
    json.begin_object().field("name", column.name).field("role", column.role).field("type", type_name(column.type));
    json.field("distinct", column.distinct.estimate());
    json.field("missing_rate", 1.0 - static_cast<double>(column.present) / static_cast<double>(column.rows));
    if (column.type == model::ValueType::kNumber) {
        json.field("min", column.min).field("max", column.max);
    }
    json.key("examples").begin_array();
    for (const GroupValue& example : column.examples) {
        write_group_value(json, example);
    }
    json.end_array().end_object();
}

/// How often each value occurs in the newest events.
Result<std::map<GroupValue, std::uint64_t>> count_values(const Core& core, const store::DeploymentInfo& deployment, const Field& field) {
    std::map<GroupValue, std::uint64_t> counts;
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, TimeRange{});
    const Timestamp deadline = core.deadline();
    std::uint64_t rows = 0;
    std::vector<std::uint32_t> selection;
    for (auto block = blocks.rbegin(); block != blocks.rend() && rows < kValueRowsMax; ++block) {
        AIML_TRY(core.check_deadline(deadline));
        BlockView view(*block, kTimestampMax);
        rows += view.rows();
        AIML_TRY(BoundFilter().select(view, selection));
        AIML_ASSIGN(const BlockGroups groups, group_rows(view, {&field, 1}, selection, kDistinctValuesMax));
        std::vector<std::uint64_t> of_group(groups.keys.size(), 0);
        for (const std::uint32_t group : groups.of_row) {
            ++of_group[group];
        }
        for (std::size_t i = 0; i < of_group.size(); ++i) {
            if (!groups.keys[i][0].missing) {
                counts[groups.keys[i][0]] += of_group[i];
            }
        }
        if (counts.size() > kDistinctValuesMax) {
            return Status(ErrorCode::kQueryTooLarge,
                          fmt::format("this column has more than {} values", kDistinctValuesMax), "/column");
        }
    }
    return counts;
}

Status write_performance(codec::JsonWriter& json, const Core& core, const store::DeploymentInfo& deployment,
                         MetricQuery query) {
    query.deployment = deployment.name;
    AIML_ASSIGN(const Measured measured, measure_headline(core, std::move(query)));
    const Plan& plan = measured.plan;
    const GroupStates& group = measured.execution.groups[0];
    json.begin_object().field("deployment_id", deployment.name);
    json.field("task_type", model::task_type_name(plan.profile.task));
    write_optional(json, "positive_class", plan.profile.positive_class);
    json.field("from", format_rfc3339(plan.buckets.range.from)).field("to", format_rfc3339(plan.buckets.range.to));
    json.field("events", group.rows).field("exact", plan.exact).key("metrics").begin_object();
    for (const MetricUse& metric : plan.metrics) {
        json.key(metric.name).begin_object();
        write_estimate(json, estimate(plan, group, metric, 0));
        json.end_object();
    }
    json.end_object();
    if (!measured.note.empty()) {
        json.field("note", measured.note);
    }
    json.end_object();
    return Status::ok();
}

}  // namespace

Result<std::string> deployments_json(const Engine& engine,
                                     ProjectId project,
                                     std::string_view cursor,
                                     std::uint32_t limit,
                                     Timestamp now) {
    const Core& core = engine.core();
    std::vector<store::DeploymentInfo> deployments = core.store.deployments(project);
    std::ranges::sort(deployments, {}, &store::DeploymentInfo::name);
    const auto begin = std::ranges::upper_bound(deployments, cursor, {}, [](const store::DeploymentInfo& one) {
        return std::string_view(one.name);
    });
    const auto left = static_cast<std::size_t>(deployments.end() - begin);
    const std::size_t shown = std::min<std::size_t>(left, limit);
    codec::JsonWriter json;
    json.begin_object().key("deployments").begin_array();
    for (std::size_t i = 0; i < shown; ++i) {
        json.begin_object();
        AIML_TRY(write_deployment(json, core, begin[static_cast<std::ptrdiff_t>(i)], now));
        json.end_object();
    }
    json.end_array();
    write_optional(json, "next_cursor",
                   shown < left ? std::optional(begin[static_cast<std::ptrdiff_t>(shown) - 1].name) : std::nullopt);
    json.end_object();
    return json.take();
}

Result<std::string> deployment_json(const Engine& engine,
                                    ProjectId project,
                                    std::string_view deployment,
                                    Timestamp now) {
    const Core& core = engine.core();
    AIML_ASSIGN(const store::DeploymentInfo found, core.deployment(project, deployment));
    codec::JsonWriter json;
    json.begin_object();
    AIML_TRY(write_deployment(json, core, found, now));
    AIML_ASSIGN(const std::vector<ColumnStats> columns, column_stats(core, found));
    json.key("columns").begin_array();
    for (const ColumnStats& column : columns) {
        write_column(json, column);
    }
    json.end_array().end_object();
    return json.take();
}

Result<std::string> values_json(const Engine& engine,
                                ProjectId project,
                                std::string_view deployment,
                                std::string_view column,
                                std::uint32_t limit) {
    const Core& core = engine.core();
    AIML_ASSIGN(const store::DeploymentInfo found, core.deployment(project, deployment));
    AIML_ASSIGN(const Field field, resolve_field(column, *found.schema, "/column"));
    AIML_ASSIGN(const auto counts, count_values(core, found, field));
    std::vector<std::pair<std::uint64_t, const GroupValue*>> order;
    for (const auto& [value, count] : counts) {
        order.emplace_back(count, &value);
    }
    std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
    codec::JsonWriter json;
    json.begin_object().field("column", column).key("values").begin_array();
    for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), limit); ++i) {
        json.begin_object().key("value");
        write_group_value(json, *order[i].second);
        json.field("n", order[i].first).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

Result<std::string> performance_json(const Engine& engine,
                                     ProjectId project,
                                     std::string_view model_version,
                                     TimeRange range,
                                     double confidence) {
    const Core& core = engine.core();
    MetricQuery query;
    query.project = project;
    query.model_version = model_version;
    query.range = range;
    query.confidence = confidence;
    query.include_shadow = true;
    const Lsn as_of_seq = core.store.visible();
    codec::JsonWriter json;
    json.begin_object().field("model_version", model_version).key("deployments").begin_array();
    bool any = false;
    for (const store::DeploymentInfo& deployment : core.store.deployments(project)) {
        const Blocks blocks = core.store.blocks(project, deployment.id, TimeRange{});
        AIML_ASSIGN(const BlockSummary all, summarize_all(core, deployment, blocks));
        if (all.versions.contains(model_version)) {
            any = true;
            AIML_TRY(write_performance(json, core, deployment, query));
        }
    }
    if (!any) {
        return Status(ErrorCode::kNotFound, "no event of this project names this model version", "/model_version_id");
    }
    json.end_array().field("as_of_seq", as_of_seq).end_object();
    return json.take();
}

}  // namespace aiml042::query
