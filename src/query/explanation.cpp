#include "query/explanation.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "query/parallel.h"

namespace aiml042::query {

namespace {

Status check_metric(const Plan& plan) {
    const MetricUse& use = plan.metrics.front();
    const bool averages = use.form.reads(metrics::Option::kAverage) &&
                          plan.finish.average != metrics::FinishOptions::Average::kBinary;
    if (use.form.rows == nullptr || averages) {
        std::vector<std::string_view> names;
        for (const metrics::MetricSpec& spec : metrics::catalog()) {
            if (spec.rows != nullptr && fits_task(plan.profile.task, spec.tasks)) {
                names.push_back(spec.name);
            }
        }
        return {ErrorCode::kInvalidArgument,
                fmt::format("{} is no ratio of sums over events{}, so it cannot be split by "
                            "cohort; of this task there are {}",
                            use.name,
                            averages ? " with this average" : "",
                            fmt::join(names, ", ")),
                "/metric"};
    }
    return Status::ok();
}

/// The plans of what the events are compared with.
Result<std::vector<Plan>> plan_baseline(const Core& core,
                                        const ExplainRequest& request,
                                        Explanation& out) {
    std::vector<Plan> plans;
    MetricQuery query = request.rows;
    query.reference.reset();
    if (query.compare) {
        AIML_ASSIGN(plans.emplace_back(), make_compare_plan(core, query));
        return plans;
    }
    AIML_ASSIGN(out.reference, resolve_reference(core, request.rows, out.plan().buckets.range));
    for (const TimeRange& window : out.reference->windows) {
        query.range = window;
        AIML_ASSIGN(plans.emplace_back(), make_plan(core, query));
    }
    return plans;
}

Status check_baseline(const MetricQuery& query) {
    if (query.compare.has_value() == query.reference.has_value()) {
        return {ErrorCode::kInvalidArgument,
                query.compare ? "give compare or reference, not both"
                              : "say what to compare with: reference=previous, reference=FROM/TO, "
                                "or compare=model_version:NAME",
                "/reference"};
    }
    if (query.reference && query.reference->kind == ReferenceQuery::Kind::kStored) {
        return {ErrorCode::kInvalidArgument,
                "a made reference keeps distributions and no rows; compare with a window: "
                "reference=FROM/TO",
                "/reference"};
    }
    return Status::ok();
}

/// The columns a question without dimensions is answered with.
std::vector<std::string> usual_dimensions(const Plan& plan, const MetricQuery& query) {
    std::set<std::string> names;
    for (const store::ColumnInfo& column : plan.deployment.schema->columns) {
        if (column.key.kind == model::ColumnKind::kFeature) {
            names.insert("feature." + column.key.name);
        } else if (column.key.kind == model::ColumnKind::kMetadata) {
            names.insert("metadata." + column.key.name);
        }
    }
    std::vector<std::string> out;
    using Kind = Compare::Kind;
    for (const auto& [name, compared] : {std::pair{"model_version", Kind::kModelVersion},
                                         std::pair{"prompt_version", Kind::kPromptVersion}}) {
        if (!query.compare || query.compare->kind != compared) {
            out.emplace_back(name);
        }
    }
    out.emplace_back("variant");
    std::ranges::copy(names, std::back_inserter(out));
    return out;
}

Result<std::vector<Field>> dimensions_of(const Plan& plan,
                                         const ExplainRequest& request,
                                         ExplainRows& out) {
    std::vector<std::string> names = request.dimensions;
    if (names.empty()) {
        names = usual_dimensions(plan, request.rows);
        for (std::size_t i = limits::kExplainDimensionsMax; i < names.size(); ++i) {
            out.skipped.emplace_back(names[i], "too many columns; name it as a dimension");
        }
        names.resize(std::min(names.size(), limits::kExplainDimensionsMax));
    } else if (names.size() > limits::kExplainDimensionsMax) {
        return Status(
            ErrorCode::kInvalidArgument,
            fmt::format("at most {} dimensions are searched", limits::kExplainDimensionsMax),
            "/dimension");
    }
    std::vector<Field> fields;
    for (const std::string& name : names) {
        AIML_ASSIGN(Field field, resolve_field(name, *plan.deployment.schema, "/dimension"));
        const bool known = std::ranges::any_of(
            fields, [&](const Field& other) { return other.name == field.name; });
        if (!known) {
            fields.push_back(std::move(field));
        }
    }
    return fields;
}

}  // namespace

Result<Explanation> make_explanation(const Core& core, const ExplainRequest& request) {
    AIML_TRY(check_baseline(request.rows));
    Explanation out;
    MetricQuery query = request.rows;
    query.reference.reset();
    query.compare.reset();
    AIML_ASSIGN(out.after.emplace_back(), make_plan(core, query));
    AIML_TRY(check_metric(out.plan()));
    AIML_ASSIGN(out.before, plan_baseline(core, request, out));
    out.as_of_sequence = core.store.visible();
    ExplainRows passed_over;
    AIML_ASSIGN(const std::vector<Field> fields, dimensions_of(out.plan(), request, passed_over));
    AIML_ASSIGN(out.rows,
                read_rows(core, out.before, out.after, fields, !request.dimensions.empty()));
    std::ranges::move(passed_over.skipped, std::back_inserter(out.rows.skipped));
    const auto for_each = [&core](std::size_t items, const std::function<void(std::size_t)>& work) {
        const Status done = parallel_for(
            core.pool, core.options.threads, items, [&](std::size_t item, unsigned /*worker*/) {
                work(item);
                return Status::ok();
            });
        AIML_CHECK(done.is_ok());
    };
    out.report = stats::find_cohorts(out.rows.data, request.options, for_each);
    return out;
}

}  // namespace aiml042::query
