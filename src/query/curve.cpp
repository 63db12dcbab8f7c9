// GET /v1/metrics/curves: states of one family over the whole window, drawn by metrics/curves.h.

#include <optional>
#include <utility>

#include "codec/json_writer.h"
#include "metrics/curves.h"
#include "metrics/reasons.h"
#include "query/class_registry.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/execute.h"
#include "query/json_fields.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;

void write_point(JsonWriter& writer, const metrics::ReliabilityPoint& point) {
    writer.field("lo", point.lo).field("hi", point.hi).field("n", point.n);
    write_optional(writer, "mean_score", point.mean_score);
    write_optional(writer, "positive_rate", point.positive_rate);
    if (point.interval) {
        writer.key("ci")
            .begin_array()
            .number(point.interval->first)
            .number(point.interval->second)
            .end_array();
    }
}

void write_point(JsonWriter& writer, const metrics::ScoreBar& bar) {
    writer.field("lo", bar.lo)
        .field("hi", bar.hi)
        .field("n_positive", bar.n_positive)
        .field("n_negative", bar.n_negative)
        .field("n_unlabelled", bar.n_unlabelled);
}

void write_point(JsonWriter& writer, const metrics::RocPoint& point) {
    writer.field("fpr", point.fpr).field("tpr", point.tpr);
    write_optional(writer, "threshold", point.threshold);
}

void write_point(JsonWriter& writer, const metrics::PrPoint& point) {
    writer.field("recall", point.recall)
        .field("precision", point.precision)
        .field("threshold", point.threshold);
}

void write_point(JsonWriter& writer, const metrics::ThresholdPoint& point) {
    write_optional(writer, "threshold", point.threshold);
    writer.field("tp", point.tp)
        .field("fp", point.fp)
        .field("fn", point.fn)
        .field("tn", point.tn)
        .field("selection_rate", point.selection_rate)
        .field("accuracy", point.accuracy)
        .field("recall", point.recall)
        .field("specificity", point.specificity)
        .field("f1", point.f1);
    write_optional(writer, "precision", point.precision);
    write_optional(writer, "lift", point.lift);
}

void write_point(JsonWriter& writer, const metrics::ResidualBar& bar) {
    writer.field("lo", bar.lo).field("hi", bar.hi).field("n", bar.n);
}

template <typename Curve>
void write_points(JsonWriter& writer, const Curve& curve) {
    writer.field("n", curve.n).key("points").begin_array();
    for (const auto& point : curve.points) {
        writer.begin_object();
        write_point(writer, point);
        writer.end_object();
    }
    writer.end_array();
    if (!curve.reason.empty()) {
        writer.field("reason", curve.reason);
    }
}

void write_confusion(JsonWriter& writer,
                     const metrics::ConfusionCurve& curve,
                     const ClassRegistry& classes) {
    writer.field("n", curve.n).key("classes").begin_array();
    for (const std::uint32_t code : curve.classes) {
        writer.string(code < classes.size() ? classes.text(code) : std::string("other"));
    }
    writer.end_array().key("matrix").begin_array();
    for (const auto& row : curve.matrix) {
        writer.begin_array();
        for (const std::uint64_t count : row) {
            writer.unsigned_integer(count);
        }
        writer.end_array();
    }
    writer.end_array().field("other_classes", curve.left_out);
    if (!curve.reason.empty()) {
        writer.field("reason", curve.reason);
    }
}

/// Without points a curve of other tasks says that, and not which of their data it misses.
template <typename Curve>
Curve for_task(Curve curve, bool fits_task) {
    if (!curve.reason.empty() && !fits_task) {
        curve.reason = metrics::reasons::kNotOfTask;
    }
    return curve;
}

void write_curve(JsonWriter& writer,
                 const metrics::CurveSpec& spec,
                 const Plan& plan,
                 const metrics::State& state,
                 const metrics::FinishOptions& options) {
    const bool fits = fits_task(plan.profile.task, spec.tasks);
    switch (spec.kind) {
        case metrics::CurveKind::kReliability:
            return write_points(writer, for_task(metrics::reliability_curve(state, options), fits));
        case metrics::CurveKind::kConfusion:
            return write_confusion(writer,
                                   for_task(metrics::confusion_curve(state, options), fits),
                                   *plan.scan.classes);
        case metrics::CurveKind::kScoreDistribution:
            return write_points(writer,
                                for_task(metrics::score_distribution_curve(state, options), fits));
        case metrics::CurveKind::kRoc:
            return write_points(writer, for_task(metrics::roc_curve(state, options), fits));
        case metrics::CurveKind::kPr:
            return write_points(writer, for_task(metrics::pr_curve(state, options), fits));
        case metrics::CurveKind::kThresholds:
            return write_points(writer, metrics::threshold_curve(state, options));
        case metrics::CurveKind::kResiduals:
            return write_points(writer, for_task(metrics::residual_curve(state, options), fits));
    }
}

}  // namespace

Result<std::string> Engine::curve_json(const MetricQuery& query) const {
    MetricQuery whole = query;
    whole.step.reset();
    whole.group_by.clear();
    const Lsn sequence = core_->store.visible();
    AIML_ASSIGN(const Plan plan, make_plan(*core_, whole));
    AIML_ASSIGN(const Execution execution, execute(*core_, plan));
    const FamilyUse& family = plan.families.front();
    const GroupStates& group = execution.groups.front();
    std::unique_ptr<metrics::State> empty;
    const metrics::State* state = group.states.empty() ? nullptr : group.states.front().get();
    if (state == nullptr) {
        empty = family.family->create(family.options);
        state = empty.get();
    }
    metrics::FinishOptions options = plan.finish;
    options.family = family.options;
    JsonWriter writer;
    writer.begin_object().field("curve", query.curve).field("deployment_id", plan.deployment.name);
    write_curve(writer, *metrics::find_curve(query.curve), plan, *state, options);
    if (family.options.positive_class != metrics::kNoClass) {
        writer.field("positive_class", plan.scan.classes->text(family.options.positive_class));
    }
    if (query.allow_partial) {
        LeftOut left_out = plan.left_out;
        left_out.add(execution.left_out);
        left_out.write(writer);
    }
    writer.field("exact", !family.family->sketches || family.options.exact)
        .field("as_of_seq", sequence)
        .end_object();
    return writer.take();
}

}  // namespace aiml042::query
