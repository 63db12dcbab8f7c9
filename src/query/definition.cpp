#include "query/definition.h"

#include <cmath>

#include "query/class_registry.h"
#include "query/reference.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using metrics::Input;
using metrics::Option;

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

void write_precision(JsonWriter& writer, const std::optional<double>& bound) {
    writer.field("exact", !bound.has_value()).field("approximate", bound.has_value());
    if (bound) {
        writer.field("error_bound", *bound);
        writer.field(
            "note",
            "from histograms; each point has its error_bound, exact=true computes from all rows");
    }
}

/// Where the predicted class is made, and the cut where it is made from the score.
void write_predicted_class(JsonWriter& writer, const Plan& plan, const MetricUse& use) {
    const std::optional<double>& asked = plan.families[use.family].options.threshold;
    const Understanding& how = plan.scan.understanding;
    if (use.form.reads(Option::kThreshold) && asked) {
        writer.field("predicted_class", "score >= threshold")
            .field("threshold", *asked)
            .field("threshold_source", "parameter");
    } else if (how.positive_class != metrics::kNoClass) {
        writer.field("predicted_class", "as sent, else score >= threshold")
            .field("threshold", how.threshold)
            .field("threshold_source", plan.profile.settings.threshold ? "declared" : "default");
    } else {
        writer.field("predicted_class",
                     how.class_scores.empty() ? "as sent" : "as sent, else of the highest score");
    }
}

/// Which class the score is of, and how predictions become classes.
void write_classes(JsonWriter& writer, const Plan& plan, const MetricUse& use) {
    const FamilyUse& family = plan.families[use.family];
    const metrics::Inputs inputs = family.family->inputs;
    const bool of_classes =
        metrics::reads(inputs, Input::kPredictedClass) || use.form.reads(Option::kThreshold);
    const bool of_scores = of_classes || metrics::reads(inputs, Input::kScore);
    if (of_scores && family.options.positive_class != metrics::kNoClass) {
        writer.field("positive_class", plan.scan.classes->text(family.options.positive_class))
            .field("positive_class_source",
                   plan.profile.positive_declared ? "declared" : "inferred")
            .field("score_is",
                   plan.scan.understanding.score_is == model::ScoreIs::kPositiveClass
                       ? "positive_class"
                       : "predicted_class");
    }
    if (of_classes) {
        write_predicted_class(writer, plan, use);
    }
}

void write_options(JsonWriter& writer,
                   const Plan& plan,
                   const MetricUse& use,
                   const MetricQuery& query) {
    const FamilyUse& family = plan.families[use.family];
    if (const auto binning = use.form.binning(family.options.binning)) {
        writer.field("bins", family.options.bins).field("binning", binning_name(*binning));
    }
    if (use.form.reads(Option::kAverage)) {
        writer.field("average", query.per_class ? "none" : average_name(plan.finish.average));
    }
    if (use.form.reads(Option::kBeta)) {
        writer.field("beta", plan.finish.beta);
    }
    if (use.top && use.top->count > 0) {
        writer.field("k", use.top->count);
    } else if (use.top) {
        writer.field("k", use.top->text());
    }
    if (use.quantile) {
        writer.field("quantile", *use.quantile);
    } else if (metrics::reads(family.family->inputs, Input::kQuantiles)) {
        write_quantiles(writer, plan.scan.understanding);
    }
}

/// Which events and labels were counted.
void write_selection(JsonWriter& writer, const Plan& plan, const MetricQuery& query) {
    if (!query.model_version.empty()) {
        writer.field("model_version", query.model_version);
    }
    if (!plan.filter_text.empty()) {
        writer.field("filter", plan.filter_text);
    }
    if (query.as_of) {
        writer.field("as_of", format_rfc3339(*query.as_of));
    }
    writer.field("include_shadow", plan.include_shadow);
}

/// Which groups, or which column and what it is compared with.
void write_drift(JsonWriter& writer, const Plan& plan, const MetricUse& use) {
    if (!metrics::reads(plan.families[use.family].family->inputs, Input::kColumn)) {
        return;
    }
    if (use.form.reads(Option::kGroups)) {
        writer.key("by").begin_array();
        for (const auto& key : group_parts(plan.scan.column->name)) {
            writer.string(key.value_or(""));
        }
        writer.end_array().field("min_n", plan.finish.min_n);
        return;
    }
    writer.field("column", plan.scan.column->name);
    if (plan.reference) {
        const metrics::ReferenceColumn& column = *plan.reference_column;
        writer
            .field("column_kind",
                   column.kind() == metrics::ReferenceColumn::Kind::kNumeric ? "numeric"
                                                                             : "categorical")
            .key("reference");
        write_reference(writer, *plan.reference, &column);
    }
}

}  // namespace

void write_definition(JsonWriter& writer,
                      const Plan& plan,
                      const MetricUse& use,
                      const MetricQuery& query,
                      const std::optional<double>& bound) {
    const metrics::MetricSpec& spec = *use.spec;
    writer.begin_object()
        .field("metric", spec.name)
        .field("title", spec.title)
        .field("unit", spec.unit)
        .field("formula", spec.formula)
        .field("source", spec.source);
    write_precision(writer, bound);
    if (query.confidence) {
        writer.field("confidence", *query.confidence).field("interval", spec.interval);
    }
    write_classes(writer, plan, use);
    write_options(writer, plan, use, query);
    writer.field("task_type", model::task_type_name(plan.profile.task))
        .field("task_type_source", plan.profile.task_declared ? "declared" : "inferred");
    write_selection(writer, plan, query);
    write_drift(writer, plan, use);
    writer.end_object();
}

}  // namespace aiml042::query
