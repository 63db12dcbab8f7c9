#include "query/attributions.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <utility>

#include "base/limits.h"
#include "metrics/column_state.h"
#include "query/column_choice.h"
#include "query/execute.h"
#include "query/json_fields.h"
#include "query/plan.h"
#include "stats/exact_sum.h"

namespace aiml042::query {

namespace {

constexpr std::string_view kScope = "attributions.";

std::optional<double> mean_absolute(std::span<const double> values) {
    if (values.empty()) {
        return std::nullopt;
    }
    stats::ExactSum sum;
    for (const double value : values) {
        sum.add(std::fabs(value));
    }
    return sum.value() / static_cast<double>(values.size());
}

using Weight = std::optional<double> Attribution::*;

/// Indexes of the features that have the weight, the largest first.
std::vector<std::size_t> order_by(const std::vector<Attribution>& features, Weight weight) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (features[i].*weight) {
            out.push_back(i);
        }
    }
    std::ranges::stable_sort(
        out, std::ranges::greater(), [&](std::size_t i) { return *(features[i].*weight); });
    return out;
}

/// The place of a feature in an order, from 1.
void write_rank(codec::JsonWriter& writer,
                std::string_view name,
                const std::vector<std::size_t>& order,
                std::size_t feature) {
    const auto at = std::ranges::find(order, feature);
    writer.key(name);
    if (at != order.end()) {
        writer.unsigned_integer(static_cast<std::uint64_t>(at - order.begin()) + 1);
    } else {
        writer.null();
    }
}

}  // namespace

std::optional<double> Attributions::share(const Attribution& of, bool reference) const {
    const Weight weight = reference ? &Attribution::reference : &Attribution::current;
    double sum = 0.0;
    for (const Attribution& one : features) {
        sum += (one.*weight).value_or(0.0);
    }
    return (of.*weight) && sum > 0.0 ? std::optional(*(of.*weight) / sum) : std::nullopt;
}

std::optional<double> Attributions::drift() const {
    std::vector<metrics::WeightPair> both;
    for (const Attribution& one : features) {
        if (one.reference && one.current) {
            both.push_back({*one.reference, *one.current});
        }
    }
    return metrics::attribution_drift(both);
}

void Attributions::write(codec::JsonWriter& writer) const {
    const std::vector<std::size_t> before = order_by(features, &Attribution::reference);
    const std::vector<std::size_t> now = order_by(features, &Attribution::current);
    std::vector<std::size_t> order = before;
    for (std::size_t i = 0; i < features.size(); ++i) {
        if (!features[i].reference) {
            order.push_back(i);
        }
    }
    writer.begin_array();
    for (const std::size_t i : order) {
        const Attribution& one = features[i];
        writer.begin_object().field("feature", one.feature);
        write_optional(writer, "reference", one.reference);
        write_optional(writer, "current", one.current);
        write_optional(writer, "reference_share", share(one, true));
        write_optional(writer, "current_share", share(one, false));
        write_rank(writer, "reference_rank", before, i);
        write_rank(writer, "current_rank", now, i);
        writer.end_object();
    }
    writer.end_array();
}

std::vector<std::string> attribution_columns(const store::DeploymentInfo& deployment) {
    std::set<std::string> names;
    for (const store::ColumnInfo& column : deployment.schema->columns) {
        if (column.key.kind == model::ColumnKind::kAttribution) {
            names.insert(std::string(kScope) + column.key.name);
        }
    }
    std::vector<std::string> out(names.begin(), names.end());
    out.resize(std::min(out.size(), limits::kDriftColumnsMax));
    return out;
}

Result<ColumnChoice> choose_attributions(const Core& core,
                                         const store::DeploymentInfo& deployment) {
    ColumnChoice choice;
    choice.source = ColumnChoice::Source::kAttributions;
    choice.name = "attributions";
    choice.texts = core.texts(deployment, choice.name);
    for (const std::string& name : attribution_columns(deployment)) {
        const std::string feature = name.substr(kScope.size());
        for (const store::ColumnInfo& column :
             deployment.schema->find(model::ColumnKind::kAttribution, feature)) {
            AIML_ASSIGN(const std::uint32_t code, choice.texts->code(feature));
            choice.attributions.push_back({column.id, code, name});
        }
    }
    return choice;
}

Result<std::shared_ptr<const metrics::AttributionWeights>> measure_weights(
    const Core& core,
    const MetricQuery& rows,
    const ColumnChoice& choice,
    const ResolvedReference& reference) {
    auto out = std::make_shared<metrics::AttributionWeights>();
    for (const ColumnChoice::AttributionColumn& column : choice.attributions) {
        MetricQuery query = rows;
        query.feature = column.name;
        AIML_ASSIGN(const Plan plan, make_column_plan(core, query));
        AIML_ASSIGN(const auto before, measure_reference(core, plan, reference));
        if (const auto weight = mean_absolute(before->values())) {
            out->features.push_back({column.feature, *weight});
        }
    }
    return std::shared_ptr<const metrics::AttributionWeights>(std::move(out));
}

Result<Attributions> read_attributions(const Core& core,
                                       const MetricQuery& rows,
                                       const ResolvedReference& reference) {
    AIML_ASSIGN(const auto deployment, core.deployment(rows.project, rows.deployment));
    Attributions out;
    for (const std::string& name : attribution_columns(deployment)) {
        MetricQuery query = rows;
        query.feature = name;
        AIML_ASSIGN(const Plan plan, make_column_plan(core, query));
        AIML_ASSIGN(const auto before, measure_reference(core, plan, reference));
        AIML_ASSIGN(const Execution execution, execute(core, plan));
        Attribution one{.feature = name.substr(kScope.size()),
                        .reference = mean_absolute(before->values()),
                        .current = std::nullopt};
        const auto& states = execution.groups.front().states;
        if (!states.empty() && states.front() != nullptr) {
            one.current =
                mean_absolute(metrics::as<metrics::ColumnValues>(*states.front()).numbers());
        }
        out.features.push_back(std::move(one));
    }
    return out;
}

}  // namespace aiml042::query
