#include "query/plan.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "metrics/column_state.h"
#include "metrics/curves.h"
#include "metrics/grouped_state.h"
#include "metrics/metric_name.h"
#include "metrics/reasons.h"
#include "query/nearest.h"
#include "query/plan_column.h"
#include "query/reference.h"

namespace aiml042::query {

namespace {

using metrics::FinishOptions;

metrics::TaskBit task_bit(model::TaskType task) {
    switch (task) {
        case model::TaskType::kMulticlass:
            return metrics::TaskBit::kMulticlass;
        case model::TaskType::kRegression:
        case model::TaskType::kQuantile:
            return metrics::TaskBit::kRegression;
        case model::TaskType::kRanking:
            return metrics::TaskBit::kRanking;
        default:
            return metrics::TaskBit::kBinary;
    }
}

/// Whether a metric means something only once a class is the positive one.
bool needs_positive_class(const metrics::MetricSpec& spec,
                          metrics::Inputs inputs,
                          const Profile& profile,
                          const MetricQuery& query) {
    const bool of_classes = metrics::reads(inputs, metrics::Input::kPredictedClass);
    if (profile.task == model::TaskType::kMulticlass) {
        return of_classes && query.average_given &&
               query.average == FinishOptions::Average::kBinary;
    }
    if (metrics::reads(inputs, metrics::Input::kScore)) {
        return true;
    }
    constexpr std::array<std::string_view, 6> kOfPositive = {
        "precision", "recall", "f1", "fbeta", "specificity", "balanced_accuracy"};
    const bool binary = !query.average_given || query.average == FinishOptions::Average::kBinary;
    if (binary && std::ranges::find(kOfPositive, spec.name) != kOfPositive.end()) {
        return true;
    }
    // Where no class was sent it is made from the score: which one is above the threshold?
    return of_classes && profile.seen.predicted_classes.values().empty() && profile.seen.has_score;
}

/// Index of the family with the options that the metric needs, added where it is not there yet.
std::size_t add_family(Plan& plan,
                       const metrics::Family& family,
                       const std::optional<metrics::TopK>& top) {
    FamilyUse use{&family, plan.finish.family};
    use.options.exact = plan.exact || !family.sketches;
    use.options.k = family.by_k && top ? static_cast<std::uint32_t>(top->count) : 0;
    const auto same = std::ranges::find_if(plan.families, [&](const FamilyUse& known) {
        return known.family == use.family && known.options == use.options;
    });
    const auto index = static_cast<std::size_t>(same - plan.families.begin());
    if (same == plan.families.end()) {
        plan.families.push_back(use);
    }
    return index;
}

/// What no metric of the question reads would be ignored in silence.
Status check_options(const Plan& plan, const MetricQuery& query) {
    using metrics::Option;
    const auto read_by_any = [&plan](Option option) {
        return std::ranges::any_of(plan.metrics,
                                   [=](const MetricUse& use) { return use.form.reads(option); });
    };
    const auto cut_by_any = [&plan](const std::optional<metrics::FamilyOptions::Binning>& asked) {
        return std::ranges::any_of(plan.metrics, [&](const MetricUse& use) {
            const auto cut = use.form.binning(plan.finish.family.binning);
            return cut.has_value() && (!asked || cut == asked);
        });
    };
    if (query.average_given && !read_by_any(Option::kAverage)) {
        return not_taken("average", query.metrics);
    }
    if (query.beta && !read_by_any(Option::kBeta)) {
        return not_taken("beta", query.metrics);
    }
    if (query.threshold && !read_by_any(Option::kThreshold)) {
        return not_taken("threshold", query.metrics);
    }
    if (query.bins && !cut_by_any(std::nullopt)) {
        return not_taken("bins", query.metrics);
    }
    return query.binning && !cut_by_any(query.binning) ? not_taken("binning", query.metrics)
                                                       : Status::ok();
}

Status add_metrics(const Core& core, Plan& plan, const MetricQuery& query) {
    if (query.metrics.empty()) {
        return {ErrorCode::kInvalidArgument, "name at least one metric", "/metric"};
    }
    if (query.metrics.size() > limits::kMetricsPerQueryMax) {
        return {ErrorCode::kQueryTooLarge,
                fmt::format("{} metrics were asked for; at most {} are answered at once",
                            query.metrics.size(),
                            limits::kMetricsPerQueryMax),
                "/metric"};
    }
    const metrics::NameParameters given{query.k, query.quantile};
    const metrics::TaskBit task = task_bit(plan.profile.task);
    std::vector<metrics::NamedMetric> all;
    for (const std::string& name : query.metrics) {
        AIML_ASSIGN(all.emplace_back(), metrics::read_metric_name(name, given, task));
    }
    AIML_TRY(add_column(core, plan, query, all));
    bool uses_k = false;
    bool uses_quantile = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const metrics::NamedMetric& named = all[i];
        uses_k = uses_k || named.uses_k;
        uses_quantile = uses_quantile || named.uses_quantile;
        const metrics::MetricSpec& spec = *named.spec;
        const metrics::MetricForm form = metrics::form_of(spec, task, plan.finish.family);
        const bool fits = fits_task(plan.profile.task, spec.tasks);
        if (fits && !plan.profile.positive_class.has_value() && plan.profile.has_labels &&
            needs_positive_class(spec, form.family->inputs, plan.profile, query)) {
            return positive_class_unknown(plan.profile, spec.name, plan.deployment.name);
        }
        const std::size_t family = add_family(plan, *form.family, named.top);
        plan.metrics.push_back(
            {&spec, form, fits, query.metrics[i], family, named.top, named.quantile});
    }
    if (query.k && !uses_k) {
        return not_taken("k", query.metrics);
    }
    if (query.quantile && !uses_quantile) {
        return not_taken("quantile", query.metrics);
    }
    return check_options(plan, query);
}

/// What a curve is not drawn with must not be given beside it.
Status check_curve_options(const metrics::CurveSpec& curve, const MetricQuery& query) {
    const std::vector<std::string> name{query.curve};
    if (query.bins && curve.bins_default == 0) {
        return not_taken("bins", name);
    }
    if (query.binning && curve.kind != metrics::CurveKind::kReliability) {
        return not_taken("binning", name);
    }
    const bool cuts = curve.kind == metrics::CurveKind::kConfusion;
    return query.threshold && !cuts ? not_taken("threshold", name) : Status::ok();
}

/// A curve is one family and no metric.
Status add_curve(Plan& plan, const MetricQuery& query) {
    const metrics::CurveSpec* curve = metrics::find_curve(query.curve);
    if (curve == nullptr) {
        std::vector<std::string_view> names;
        for (const metrics::CurveSpec& known : metrics::curves()) {
            names.push_back(known.name);
        }
        return {ErrorCode::kInvalidArgument,
                fmt::format("there is no curve \"{}\"; there are {}",
                            query.curve.substr(0, 64),
                            fmt::join(names, ", ")),
                "/curve"};
    }
    AIML_TRY(check_curve_options(*curve, query));
    plan.finish.family.bins = query.bins.value_or(std::max(1U, curve->bins_default));
    const metrics::Family& family =
        metrics::curve_family(curve->kind, task_bit(plan.profile.task), plan.finish.family);
    FamilyUse use{&family, plan.finish.family};
    use.options.exact = plan.exact || !family.sketches;
    plan.families.push_back(use);
    return Status::ok();
}

Status check_size(const Plan& plan, const MetricQuery& query, const EngineOptions& options) {
    if (plan.rows > options.rows_max) {
        return {ErrorCode::kQueryTooLarge,
                fmt::format("the window holds {} events; at most {} are read for one query",
                            plan.rows,
                            options.rows_max),
                "/from"};
    }
    const std::size_t points =
        plan.buckets.count() * std::max<std::size_t>(1, query.metrics.size());
    if (points > options.points_max) {
        return {ErrorCode::kQueryTooLarge,
                fmt::format("the answer would have {} points; at most {} are given: take a longer "
                            "step, a shorter "
                            "window or fewer metrics",
                            points,
                            options.points_max),
                "/step"};
    }
    return Status::ok();
}

Status add_buckets(Plan& plan, const MetricQuery& query, Timestamp moved) {
    if (query.step.has_value() && *query.step <= 0) {
        return {ErrorCode::kInvalidArgument, "the step must be longer than nothing", "/step"};
    }
    plan.buckets.step = query.step;
    if (query.step.has_value()) {
        plan.buckets.phase = floor_to(-moved, *query.step) == -moved ? 0 : -moved % *query.step;
    }
    return Status::ok();
}

Status add_groups(Plan& plan, const MetricQuery& query) {
    if (query.group_by.size() > limits::kGroupKeysMax) {
        return {ErrorCode::kInvalidArgument,
                fmt::format("group_by takes at most {} keys", limits::kGroupKeysMax),
                "/group_by"};
    }
    for (const std::string& key : query.group_by) {
        AIML_ASSIGN(Field field, resolve_field(key, *plan.deployment.schema, "/group_by"));
        plan.scan.group_by.push_back(std::move(field));
        plan.group_keys.push_back(key);
    }
    return Status::ok();
}

FinishOptions common_options(const MetricQuery& query, const Profile& profile) {
    FinishOptions finish;
    finish.confidence = query.confidence;
    finish.average = query.average;
    if (!query.average_given && profile.task == model::TaskType::kMulticlass) {
        finish.average = FinishOptions::Average::kMacro;
    }
    finish.beta = query.beta.value_or(finish.beta);
    finish.family.threshold = query.threshold;
    finish.family.bins = query.bins.value_or(finish.family.bins);
    finish.family.binning = query.binning.value_or(finish.family.binning);
    return finish;
}

/// Everything but what is to be computed.
Result<Plan> plan_rows(const Core& core, const MetricQuery& query, Timestamp moved) {
    Plan plan;
    AIML_ASSIGN(plan.deployment, core.deployment(query.project, query.deployment));
    if (query.range.from >= query.range.to) {
        return Status(
            ErrorCode::kInvalidArgument, "the window is empty: from is not before to", "/from");
    }
    AIML_ASSIGN(const Expression filter, parse_filter(query.filter));
    plan.filter_text = canonical_text(filter);
    // Asking for a version by name is asking for its events, shadow or not.
    plan.include_shadow = query.include_shadow || !query.model_version.empty();
    AIML_TRY(bind_filter(plan, query));
    const Blocks all = core.store.blocks(query.project, plan.deployment.id, TimeRange{});
    plan.allow_partial = query.allow_partial;
    AIML_ASSIGN(plan.profile,
                core.profile(plan.deployment, all, query.allow_partial ? &plan.left_out : nullptr));
    plan.buckets.range = clip_to_blocks(query.range, all);
    AIML_TRY(add_buckets(plan, query, moved));
    plan.blocks = overlapping(all, plan.buckets.range);
    for (const auto& block : plan.blocks) {
        plan.rows += block->rows();
    }
    AIML_TRY(check_size(plan, query, core.options));
    plan.exact = query.exact || plan.rows <= core.options.exact_rows_max;
    AIML_TRY(add_groups(plan, query));
    plan.scan.classes = core.classes(plan.deployment);
    plan.scan.as_of = query.as_of.value_or(kTimestampMax);
    const bool binary_average =
        query.average_given && query.average == FinishOptions::Average::kBinary;
    AIML_ASSIGN(
        plan.scan.understanding,
        understand(plan.profile, *plan.deployment.schema, *plan.scan.classes, binary_average));
    plan.finish = common_options(query, plan.profile);
    plan.finish.family.positive_class = plan.scan.understanding.positive_class;
    plan.finish.family.exact = plan.exact;
    return plan;
}

Result<Plan> plan_moved(const Core& core, const MetricQuery& query, Timestamp moved) {
    AIML_ASSIGN(Plan plan, plan_rows(core, query, moved));
    AIML_TRY(query.curve.empty() ? add_metrics(core, plan, query) : add_curve(plan, query));
    const std::size_t points = std::max<std::size_t>(1, plan.buckets.count() * plan.metrics.size());
    plan.scan.groups_max = std::max<std::size_t>(1, core.options.points_max / points);
    return plan;
}

}  // namespace

Expression population(std::string_view model_version, bool include_shadow) {
    Expression all;
    if (!include_shadow) {
        Expression live;
        live.kind = Expression::Kind::kOr;
        live.children.push_back(test_of("shadow", Expression::Kind::kIsNull));
        Expression no = test_of("shadow", Expression::Kind::kCompare);
        no.values.push_back({Literal::Type::kBool, 0.0, {}});
        live.children.push_back(std::move(no));
        all = both_of(std::move(all), std::move(live));
    }
    if (!model_version.empty()) {
        Expression same = test_of("model_version", Expression::Kind::kCompare);
        same.values.push_back({Literal::Type::kString, 0.0, std::string(model_version)});
        all = both_of(std::move(all), std::move(same));
    }
    return all;
}

TimeRange clip_to_blocks(TimeRange range, const Blocks& blocks) {
    Timestamp first = kTimestampMax;
    Timestamp last = kTimestampMin;
    for (const auto& block : blocks) {
        first = std::min(first, block->min_timestamp());
        last = std::max(last, block->max_timestamp());
    }
    if (blocks.empty()) {
        first = last = 0;
    }
    if (range.from == kTimestampMin) {
        range.from = std::min(first, range.to);
    }
    if (range.to == kTimestampMax) {
        range.to = std::max(last + 1, range.from);
    }
    return range;
}

Blocks overlapping(const Blocks& blocks, const TimeRange& range) {
    Blocks out;
    std::ranges::copy_if(blocks, std::back_inserter(out), [&](const auto& block) {
        return block->rows() > 0 && block->min_timestamp() < range.to &&
               block->max_timestamp() >= range.from;
    });
    return out;
}

bool fits_task(model::TaskType task, std::uint32_t tasks) {
    return task == model::TaskType::kUnknown ||
           (tasks & static_cast<std::uint32_t>(task_bit(task))) != 0;
}

metrics::Estimate finish_use(const MetricUse& use,
                             const metrics::State& state,
                             const metrics::FinishOptions& options) {
    metrics::Estimate estimate = metrics::finish(*use.spec, use.form.finish, state, options);
    if (!estimate.value && !use.fits_task) {
        estimate.reason = metrics::reasons::kNotOfTask;
    }
    return estimate;
}

metrics::FinishOptions finish_options(const Plan& plan, const MetricUse& use) {
    metrics::FinishOptions options = plan.finish;
    options.family = plan.families[use.family].options;
    options.top = use.top;
    options.quantile = use.quantile;
    return options;
}

Result<Plan> make_column_plan(const Core& core, const MetricQuery& query) {
    AIML_ASSIGN(Plan plan, plan_rows(core, query, 0));
    AIML_TRY(use_column(core, plan, query));
    plan.families = {{&metrics::kColumnValuesFamily, {}}};
    plan.scan.groups_max = 1;
    return plan;
}

Result<Plan> make_groups_plan(const Core& core, const MetricQuery& query) {
    AIML_ASSIGN(Plan plan, plan_rows(core, query, 0));
    if (plan.profile.task != model::TaskType::kUnknown &&
        task_bit(plan.profile.task) != metrics::TaskBit::kBinary) {
        return Status(ErrorCode::kInvalidArgument,
                      "fairness is told of binary decisions; this deployment's task is another",
                      "/deployment_id");
    }
    if (!plan.profile.positive_class.has_value() && plan.profile.has_labels) {
        return positive_class_unknown(plan.profile, "fairness", plan.deployment.name);
    }
    AIML_TRY(use_groups(core, plan, query));
    plan.families = {{&metrics::kGroupedDecisionsFamily, plan.finish.family},
                     {&metrics::kGroupedScoresFamily, plan.finish.family}};
    plan.scan.groups_max = 1;
    return plan;
}

Result<Plan> make_plan(const Core& core, const MetricQuery& query) {
    return plan_moved(core, query, 0);
}

Result<Plan> make_compare_plan(const Core& core, const MetricQuery& query) {
    MetricQuery other = query;
    AIML_ASSIGN(const Plan base, make_plan(core, query));
    other.range = base.buckets.range;
    Timestamp moved = 0;
    switch (query.compare->kind) {
        case Compare::Kind::kOffset:
            moved = query.compare->offset;
            other.range = {other.range.from - moved, other.range.to - moved};
            break;
        case Compare::Kind::kModelVersion:
            other.model_version = query.compare->value;
            break;
        case Compare::Kind::kPromptVersion: {
            Expression same = test_of("prompt_version", Expression::Kind::kCompare);
            same.values.push_back({Literal::Type::kString, 0.0, query.compare->value});
            AIML_ASSIGN(Expression filter, parse_filter(query.filter));
            other.filter = canonical_text(both_of(std::move(filter), std::move(same)));
            break;
        }
    }
    return plan_moved(core, other, moved);
}

}  // namespace aiml042::query
