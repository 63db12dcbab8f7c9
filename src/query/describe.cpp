#include "query/describe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "codec/json_writer.h"
#include "query/answer.h"
#include "query/execute.h"
#include "query/grouping.h"
#include "query/measure.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;

void write_time(JsonWriter& writer, std::string_view name, Timestamp t, bool known) {
    writer.key(name);
    if (known) {
        writer.string(format_rfc3339(t));
    } else {
        writer.null();
    }
}

void write_value(JsonWriter& writer, std::string_view name, const std::optional<double>& value) {
    writer.key(name);
    if (value) {
        writer.number(*value);
    } else {
        writer.null();
    }
}

/// One value per metric over one window.
Result<std::vector<metrics::Estimate>> measure_window(const Core& core, const MetricQuery& query) {
    AIML_ASSIGN(const Plan plan, make_plan(core, query));
    AIML_ASSIGN(const Execution execution, measure(core, plan));
    std::vector<metrics::Estimate> estimates;
    for (const MetricUse& use : plan.metrics) {
        const auto series = finish_series(plan, execution.groups.front(), use);
        estimates.push_back(series.empty() ? metrics::Estimate{.reason = "no events"}
                                           : series.front().estimate);
    }
    return estimates;
}

/// All that the summaries of a deployment's blocks say together.
Result<BlockSummary> whole(const Core& core,
                           const store::DeploymentInfo& deployment,
                           const Blocks& blocks) {
    BlockSummary all;
    for (const auto& block : blocks) {
        AIML_ASSIGN(const auto summary, core.summaries.of(block, *deployment.schema));
        all.add(*summary);
    }
    return all;
}

Status write_last_day(JsonWriter& writer,
                      const Core& core,
                      const store::DeploymentInfo& deployment,
                      const BlockSummary& all,
                      Timestamp now) {
    MetricQuery query;
    query.project = deployment.project;
    query.deployment = deployment.name;
    query.metrics = {"count", "error_rate", "latency_p95"};
    query.range = {now - kDay, now};
    AIML_ASSIGN(const auto day, measure_window(core, query));
    const double events = day[0].value.value_or(0.0);
    const double errors = std::round(day[1].value.value_or(0.0) * events);
    writer.field("events_per_minute", events / 1'440.0).field("errors_24h", errors);
    write_value(writer, "latency_p95_ms", day[2].value);
    if (events == 0.0) {
        writer.field("health", "quiet")
            .field("health_reason",
                   all.rows == 0 ? "no events yet" : "no events in the last 24 hours");
    } else if (errors > 0.0) {
        writer
            .field("health",
                   errors > 0.05 * events   ? "bad"
                   : errors > 0.01 * events ? "warn"
                                            : "ok")
            .field(
                "health_reason",
                fmt::format("{:.0f} of {:.0f} events failed in the last 24 hours", errors, events));
    } else {
        writer.field("health", "ok")
            .field("health_reason", "events arrive, none failed in the last 24 hours");
    }
    return Status::ok();
}

void write_versions(JsonWriter& writer, const BlockSummary& all) {
    writer.key("model_versions").begin_array();
    for (const auto& [version, seen] : all.versions) {
        writer.begin_object().field("model_version", version).field("events", seen.events);
        write_time(writer, "first_event", seen.first, seen.events > 0);
        write_time(writer, "last_event", seen.last, seen.events > 0);
        writer.end_object();
    }
    writer.end_array();
}

/// The members that list and detail share; the object is the caller's.
Status write_deployment(JsonWriter& writer,
                        const Core& core,
                        const store::DeploymentInfo& deployment,
                        Timestamp now) {
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, TimeRange{});
    AIML_ASSIGN(const Profile profile, core.profile(deployment, blocks));
    AIML_ASSIGN(const BlockSummary all, whole(core, deployment, blocks));
    writer.field("deployment_id", deployment.name)
        .field("task_type", model::task_type_name(profile.task))
        .field("task_type_source", profile.task_declared ? "declared" : "inferred");
    writer.key("positive_class");
    if (profile.positive_class) {
        writer.string(*profile.positive_class);
    } else {
        writer.null();
    }
    write_value(writer, "threshold", profile.settings.threshold);
    writer.key("cohort_keys").begin_array();
    for (const std::string& key : profile.settings.cohort_keys) {
        writer.string(key);
    }
    writer.end_array().field("events", all.rows).field("labels", all.labelled);
    write_value(writer,
                "label_coverage",
                all.rows == 0 ? std::nullopt
                              : std::optional<double>(static_cast<double>(all.labelled) /
                                                      static_cast<double>(all.rows)));
    write_time(writer, "first_event", all.first, all.rows > 0);
    write_time(writer, "last_event", all.last, all.rows > 0);
    write_versions(writer, all);
    return write_last_day(writer, core, deployment, all, now);
}

constexpr std::size_t kExamplesMax = 5;

// A column with more than a few different values is read only so far back: its most frequent ones
// do not get truer, and each new one costs a microsecond.
constexpr std::uint64_t kValuesRowsMax = 500'000;
constexpr std::size_t kValuesFewMax = 1'000;

std::string_view role_of(model::ColumnKind kind) {
    switch (kind) {
        case model::ColumnKind::kFeature:
            return "feature";
        case model::ColumnKind::kMetadata:
            return "metadata";
        case model::ColumnKind::kClassScore:
            return "class_score";
        case model::ColumnKind::kQuantile:
            return "quantile";
        case model::ColumnKind::kAttribution:
            return "attribution";
        case model::ColumnKind::kBuiltin:
            break;
    }
    return "system";
}

std::string_view type_of(model::ValueType type) {
    switch (type) {
        case model::ValueType::kString:
            return "string";
        case model::ValueType::kBool:
            return "bool";
        case model::ValueType::kTime:
            return "time";
        case model::ValueType::kNumber:
            break;
    }
    return "number";
}

/// The different numbers among some, found by hashing: sorting 65,536 of them takes five times as
/// long.
class DistinctNumbers {
  public:
    explicit DistinctNumbers(std::span<const double> numbers)
        : slots_(std::bit_ceil(2 * numbers.size() + 2), kFree),
          shift_(65 - static_cast<unsigned>(std::bit_width(slots_.size()))) {
        for (const double number : numbers) {
            if (!std::isnan(number)) {
                ++present_;
                insert(std::bit_cast<std::uint64_t>(number == 0.0 ? 0.0 : number));
            }
        }
    }

    [[nodiscard]] std::uint32_t present() const { return present_; }

    /// Sorted.
    [[nodiscard]] std::vector<double> take() const {
        std::vector<double> distinct;
        for (const std::uint64_t bits : slots_) {
            if (bits != kFree) {
                distinct.push_back(std::bit_cast<double>(bits));
            }
        }
        std::ranges::sort(distinct);
        return distinct;
    }

  private:
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // A NaN.

    void insert(std::uint64_t bits) {
        std::size_t at = bits * 0x9E37'79B9'7F4A'7C15ULL >> shift_;
        while (slots_[at] != kFree && slots_[at] != bits) {
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = bits;
    }

    std::vector<std::uint64_t> slots_;
    unsigned shift_;
    std::uint32_t present_ = 0;
};

/// Rows of the block that have a value in the column.
Result<std::uint32_t> count_present(BlockView& view, ColumnId id) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
    if (column == nullptr) {
        return std::uint32_t{0};
    }
    const auto absent =
        column->numbers.empty()
            ? std::ranges::count(std::span(column->codes).first(view.rows()), model::kNullCode)
            : std::ranges::count_if(std::span(column->numbers).first(view.rows()),
                                    [](double number) { return std::isnan(number); });
    return view.rows() - static_cast<std::uint32_t>(absent);
}

/// Distinct values and examples of one column in one block, and the share of rows that have no
/// value of its name: of any type, where senders have changed it (`other_types` of the rows).
Status write_column(JsonWriter& writer,
                    BlockView& view,
                    ColumnId id,
                    const model::ColumnKey& key,
                    std::uint32_t other_types = 0) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
    std::uint32_t present = other_types;
    std::vector<double> numbers;
    std::vector<std::uint32_t> codes;
    if (column != nullptr && key.type == model::ValueType::kString) {
        std::vector<bool> seen(column->strings.size(), false);
        for (std::uint32_t row = 0; row < view.rows(); ++row) {
            if (const std::uint32_t code = column->codes[row]; code != model::kNullCode) {
                ++present;
                seen[code] = true;
            }
        }
        for (std::uint32_t code = 0; code < seen.size(); ++code) {
            if (seen[code]) {
                codes.push_back(code);
            }
        }
    } else if (column != nullptr && !column->numbers.empty()) {
        const DistinctNumbers distinct(std::span(column->numbers).first(view.rows()));
        present += distinct.present();
        numbers = distinct.take();
    }
    writer.begin_object()
        .field("name", key.name)
        .field("role", role_of(key.kind))
        .field("type", type_of(key.type))
        .field("distinct", std::uint64_t{numbers.size() + codes.size()})
        .field("missing_rate",
               view.rows() == 0 ? 0.0 : 1.0 - static_cast<double>(present) / view.rows())
        .key("examples")
        .begin_array();
    for (std::size_t i = 0; i < std::min(codes.size(), kExamplesMax); ++i) {
        writer.string(column->strings.at(codes[i]));
    }
    for (std::size_t i = 0; i < std::min(numbers.size(), kExamplesMax); ++i) {
        key.type == model::ValueType::kBool ? writer.boolean(numbers[i] != 0.0)
                                            : writer.number(numbers[i]);
    }
    writer.end_array();
    if (!numbers.empty() && key.type == model::ValueType::kNumber) {
        writer.field("min", numbers.front()).field("max", numbers.back());
    }
    writer.end_object();
    return Status::ok();
}

Status write_columns(JsonWriter& writer,
                     const Core& core,
                     const store::DeploymentInfo& deployment) {
    writer.key("columns").begin_array();
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, TimeRange{});
    if (!blocks.empty()) {
        // The newest block that is not tiny: a stream that has just begun a day says little of its
        // columns.
        const auto full = std::ranges::max_element(blocks, {}, [](const auto& block) {
            return std::pair(std::min<std::uint32_t>(block->rows(), 1'000), block->max_timestamp());
        });
        BlockView view(*full, kTimestampMax);
        const std::vector<store::ColumnInfo>& columns = deployment.schema->columns;
        for (const store::ColumnInfo& column : columns) {
            std::uint32_t other_types = 0;
            for (const store::ColumnInfo& other : columns) {
                if (other.id != column.id && other.key.kind == column.key.kind &&
                    other.key.name == column.key.name) {
                    AIML_ASSIGN(const std::uint32_t present, count_present(view, other.id));
                    other_types += present;
                }
            }
            AIML_TRY(write_column(writer, view, column.id, column.key, other_types));
        }
        for (const ColumnId id : {model::builtin::kModelVersion,
                                  model::builtin::kLatencyMs,
                                  model::builtin::kErrorCode,
                                  model::builtin::kPredictedClass,
                                  model::builtin::kScore,
                                  model::builtin::kPredictedValue,
                                  model::builtin::kPromptVersion,
                                  model::builtin::kVariant}) {
            AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
            if (column != nullptr) {
                AIML_TRY(write_column(writer, view, id, model::builtin_column(id)));
            }
        }
    }
    writer.end_array();
    return Status::ok();
}

std::vector<std::string> headline_metrics(model::TaskType task) {
    switch (task) {
        case model::TaskType::kBinary:
            return {"roc_auc", "pr_auc", "accuracy", "f1", "log_loss", "brier", "ece"};
        case model::TaskType::kMulticlass:
            return {"accuracy", "f1", "log_loss", "brier", "ece"};
        case model::TaskType::kRegression:
            return {"mae", "rmse", "bias", "r2"};
        case model::TaskType::kQuantile:
            return {"pinball", "coverage", "mae", "bias"};
        case model::TaskType::kRanking:
            return {"ndcg@10", "map@10", "mrr@10", "recall@10"};
        default:
            return {};
    }
}

Status write_performance(JsonWriter& writer,
                         const Core& core,
                         const store::DeploymentInfo& deployment,
                         const PerformanceRequest& request) {
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, request.range);
    AIML_ASSIGN(const Profile profile, core.profile(deployment, blocks));
    MetricQuery query;
    query.project = request.project;
    query.deployment = deployment.name;
    query.model_version = request.model_version;
    query.range = request.range;
    query.confidence = request.confidence;
    query.metrics = headline_metrics(profile.task);
    if (profile.task == model::TaskType::kBinary && !profile.positive_class) {
        query.metrics = {"accuracy"};  // The others need to know which class is positive.
    }
    constexpr std::array<const char*, 4> kAlways = {
        "count", "error_rate", "latency_p95", "label_coverage"};
    query.metrics.insert(query.metrics.end(), kAlways.begin(), kAlways.end());
    auto measured = measure_window(core, query);
    if (measured.code() == ErrorCode::kPositiveClassUnknown) {
        // Of scores without classes not even the accuracy is known; the other deployments' are.
        query.metrics.assign(kAlways.begin(), kAlways.end());
        measured = measure_window(core, query);
    }
    if (!measured.is_ok()) {
        return measured.status();
    }
    const std::vector<metrics::Estimate>& estimates = *measured;
    writer.begin_object()
        .field("deployment_id", deployment.name)
        .field("task_type", model::task_type_name(profile.task))
        .key("metrics")
        .begin_array();
    for (std::size_t i = 0; i < estimates.size(); ++i) {
        const metrics::Estimate& estimate = estimates[i];
        writer.begin_object().field("metric", query.metrics[i]);
        write_value(writer, "value", estimate.value);
        writer.field("n", estimate.n);
        if (estimate.interval) {
            writer.key("ci")
                .begin_array()
                .number(estimate.interval->first)
                .number(estimate.interval->second)
                .end_array();
        }
        if (!estimate.value) {
            writer.field("reason", estimate.reason);
        }
        writer.end_object();
    }
    writer.end_array().end_object();
    return Status::ok();
}

}  // namespace

Result<DeploymentPage> list_deployments(const Core& core,
                                        ProjectId project,
                                        std::optional<DeploymentId> after,
                                        std::size_t limit,
                                        Timestamp now) {
    const std::vector<store::DeploymentInfo> all = core.store.deployments(project);
    auto at = all.begin();
    if (after) {
        at = std::ranges::find(all, *after, &store::DeploymentInfo::id);
        at += at == all.end() ? 0 : 1;
    }
    DeploymentPage page;
    JsonWriter writer;
    writer.begin_array();
    for (; at != all.end() && limit > 0; ++at, --limit) {
        writer.begin_object();
        AIML_TRY(write_deployment(writer, core, *at, now));
        writer.end_object();
        page.last = at->id;
    }
    writer.end_array();
    if (at == all.end()) {
        page.last.reset();
    }
    page.json = writer.take();
    return page;
}

Result<std::string> deployment_json(const Core& core,
                                    ProjectId project,
                                    std::string_view name,
                                    Timestamp now) {
    AIML_ASSIGN(const store::DeploymentInfo deployment, core.deployment(project, name));
    JsonWriter writer;
    writer.begin_object();
    AIML_TRY(write_deployment(writer, core, deployment, now));
    AIML_TRY(write_columns(writer, core, deployment));
    writer.end_object();
    return writer.take();
}

Result<std::string> values_json(const Core& core, const ValuesRequest& request) {
    AIML_ASSIGN(const store::DeploymentInfo deployment,
                core.deployment(request.project, request.deployment));
    AIML_ASSIGN(const Field field, resolve_field(request.column, *deployment.schema, "/column"));
    std::map<GroupKey, std::uint64_t> counts;
    std::uint64_t rows_read = 0;
    bool complete = true;
    const Timestamp deadline = core.deadline();
    Blocks blocks = overlapping(core.store.blocks(request.project, deployment.id, request.range),
                                request.range);
    std::ranges::reverse(
        blocks);  // Newest first: where the bound stops us, the answer is of the newest rows.
    for (const auto& block : blocks) {
        if (rows_read >= kValuesRowsMax && counts.size() > kValuesFewMax) {
            complete = false;
            break;
        }
        AIML_TRY(core.check_deadline(deadline));
        BlockView view(block, kTimestampMax);
        AIML_ASSIGN(const std::span<const Timestamp> timestamps, view.timestamps());
        std::vector<std::uint32_t> rows;
        rows.reserve(view.rows());
        for (std::uint32_t row = 0; row < view.rows(); ++row) {
            if (timestamps[row] >= request.range.from && timestamps[row] < request.range.to) {
                rows.push_back(row);
            }
        }
        const Field one[] = {field};
        AIML_ASSIGN(const BlockGroups groups, group_rows(view, one, rows, limits::kGroupRowsMax));
        std::vector<std::uint64_t> of_group(groups.keys.size(), 0);
        for (const std::uint32_t row : rows) {
            ++of_group[groups.of_row[row]];
        }
        for (std::size_t i = 0; i < of_group.size(); ++i) {
            counts[groups.keys[i]] += of_group[i];
        }
        rows_read += rows.size();
    }
    std::vector<std::pair<std::uint64_t, const GroupKey*>> order;
    for (const auto& [key, count] : counts) {
        if (!key.front().missing) {
            order.emplace_back(count, &key);
        }
    }
    std::ranges::stable_sort(
        order, std::ranges::greater(), &std::pair<std::uint64_t, const GroupKey*>::first);
    JsonWriter writer;
    writer.begin_object().field("column", request.column).key("values").begin_array();
    for (std::size_t i = 0; i < order.size() && i < request.limit; ++i) {
        writer.begin_object().key("value");
        write_group_value(writer, order[i].second->front());
        writer.field("n", order[i].first).end_object();
    }
    writer.end_array().field("rows", rows_read).field("complete", complete).end_object();
    return writer.take();
}

Result<std::string> performance_json(const Core& core, const PerformanceRequest& request) {
    JsonWriter writer;
    writer.begin_object()
        .field("model_version", request.model_version)
        .field("from", format_rfc3339(request.range.from))
        .field("to", format_rfc3339(request.range.to))
        .key("deployments")
        .begin_array();
    bool any = false;
    for (const store::DeploymentInfo& deployment : core.store.deployments(request.project)) {
        const Blocks blocks = core.store.blocks(request.project, deployment.id, TimeRange{});
        AIML_ASSIGN(const BlockSummary all, whole(core, deployment, blocks));
        if (all.versions.contains(request.model_version)) {
            any = true;
            AIML_TRY(write_performance(writer, core, deployment, request));
        }
    }
    if (!any) {
        return Status(
            ErrorCode::kNotFound, "no deployment has seen this model version", "/model_version_id");
    }
    writer.end_array().field("as_of_seq", core.store.visible()).end_object();
    return writer.take();
}

}  // namespace aiml042::query
