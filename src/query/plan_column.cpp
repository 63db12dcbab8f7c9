#include "query/plan_column.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "query/column_choice.h"
#include "query/reference.h"

namespace aiml042::query {

Status not_taken(std::string_view parameter, const std::vector<std::string>& names) {
    std::string listed;
    for (const std::string& name : names) {
        listed += (listed.empty() ? "" : ", ") + name.substr(0, 64);
    }
    const bool nameable = parameter == "k" || parameter == "quantile";
    const bool own = nameable && std::ranges::any_of(names, [](const std::string& name) {
                         return name.find('@') != std::string::npos;
                     });
    return {
        ErrorCode::kInvalidArgument,
        fmt::format("{} is given beside {}, which {}",
                    parameter,
                    listed,
                    own ? "names its own or takes none" : fmt::format("takes no {}", parameter)),
        fmt::format("/{}", parameter)};
}

Expression test_of(std::string_view builtin, Expression::Kind kind) {
    Expression test;
    test.kind = kind;
    test.field.name = builtin;
    return test;
}

Status bind_filter(Plan& plan, const MetricQuery& query) {
    AIML_ASSIGN(Expression filter, parse_filter(query.filter));
    filter = both_of(population(query.model_version, plan.include_shadow), std::move(filter));
    if (plan.scan.column && plan.scan.column->source == ColumnChoice::Source::kLabel) {
        Expression labelled = test_of("label", Expression::Kind::kIsNull);
        labelled.negated = true;
        filter = both_of(std::move(filter), std::move(labelled));
    }
    AIML_ASSIGN(BoundFilter bound, BoundFilter::bind(filter, *plan.deployment.schema));
    plan.scan.filter = std::make_shared<const BoundFilter>(std::move(bound));
    return Status::ok();
}

Status use_column(const Core& core, Plan& plan, const MetricQuery& query) {
    AIML_ASSIGN(plan.scan.column,
                choose_column(core, plan.deployment, plan.profile, query.feature));
    return bind_filter(plan, query);
}

Status use_groups(const Core& core, Plan& plan, const MetricQuery& query) {
    if (query.by.empty()) {
        return {ErrorCode::kInvalidArgument,
                "metrics of fairness compare groups: give by=KEY, a metadata key or feature",
                "/by"};
    }
    AIML_ASSIGN(plan.scan.column, choose_groups(core, plan.deployment, query.by));
    plan.finish.min_n = query.min_n.value_or(plan.finish.min_n);
    return Status::ok();
}

Status add_column(const Core& core,
                  Plan& plan,
                  const MetricQuery& query,
                  std::span<const metrics::NamedMetric> metrics) {
    const auto of_groups = [](const metrics::NamedMetric& named) {
        return (named.spec->options & static_cast<std::uint32_t>(metrics::Option::kGroups)) != 0;
    };
    const auto of_column = [&](const metrics::NamedMetric& named) {
        return metrics::reads(named.spec->family->inputs, metrics::Input::kColumn) &&
               !of_groups(named);
    };
    const bool grouped = std::ranges::any_of(metrics, of_groups);
    const bool drifting = std::ranges::any_of(metrics, of_column);
    if (grouped && drifting) {
        return {ErrorCode::kInvalidArgument,
                "metrics of drift and of fairness read different columns: ask for them apart",
                "/metric"};
    }
    if (!grouped && !query.by.empty()) {
        return not_taken("by", query.metrics);
    }
    if (!grouped && query.min_n) {
        return not_taken("min_n", query.metrics);
    }
    if (grouped) {
        AIML_TRY(use_groups(core, plan, query));
    }
    if (!drifting) {
        AIML_TRY(query.feature.empty() ? Status::ok() : not_taken("feature", query.metrics));
        return query.reference ? not_taken("reference", query.metrics) : Status::ok();
    }
    AIML_TRY(use_column(core, plan, query));
    if (!query.reference) {
        const auto compares = std::ranges::find_if(metrics, [&](const metrics::NamedMetric& named) {
            return of_column(named) && named.spec->name != "missing_rate";
        });
        return compares == metrics.end()
                   ? Status::ok()
                   : Status(ErrorCode::kInvalidArgument,
                            fmt::format("{} compares with a reference: give reference=FROM/TO, "
                                        "previous, previous:7d, weeks:4 or the name of one",
                                        compares->spec->name),
                            "/reference");
    }
    if (!query.group_by.empty()) {
        return {ErrorCode::kInvalidArgument,
                "drift is told of one cohort at a time: give a filter instead of group_by",
                "/group_by"};
    }
    AIML_ASSIGN(plan.reference, resolve_reference(core, query, plan.buckets.range));
    AIML_ASSIGN(plan.reference_column, measure_reference(core, plan, *plan.reference));
    plan.finish.family.reference = plan.reference_column;
    return Status::ok();
}

}  // namespace aiml042::query
