#include "query/curve_answer.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.h"
#include "codec/json_writer.h"
#include "metrics/confusion_state.h"
#include "metrics/curves.h"
#include "query/execute.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

void write_optional(codec::JsonWriter& json, std::string_view name, const std::optional<double>& value) {
    json.key(name);
    if (value.has_value()) {
        json.number(*value);
    } else {
        json.null();
    }
}

void write_point(codec::JsonWriter& json, const metrics::ReliabilityPoint& point) {
    json.field("lo", point.lo).field("hi", point.hi).field("n", point.n);
    write_optional(json, "mean_score", point.mean_score);
    write_optional(json, "positive_rate", point.positive_rate);
    if (point.interval.has_value()) {
        json.key("ci").begin_array().number(point.interval->first).number(point.interval->second).end_array();
    }
}

void write_point(codec::JsonWriter& json, const metrics::ScoreBar& bar) {
    json.field("lo", bar.lo).field("hi", bar.hi);
    json.field("n_positive", bar.n_positive).field("n_negative", bar.n_negative);
    json.field("n_unlabelled", bar.n_unlabelled);
}

void write_point(codec::JsonWriter& json, const metrics::RocPoint& point) {
    json.field("fpr", point.fpr).field("tpr", point.tpr);
    write_optional(json, "threshold", point.threshold);
}

void write_point(codec::JsonWriter& json, const metrics::PrPoint& point) {
    json.field("recall", point.recall).field("precision", point.precision).field("threshold", point.threshold);
}

void write_point(codec::JsonWriter& json, const metrics::ResidualBar& bar) {
    json.field("lo", bar.lo).field("hi", bar.hi).field("n", bar.n);
}

template <typename Curve>
void write_curve(codec::JsonWriter& json, const Curve& curve) {
    json.field("n", curve.n).key("points").begin_array();
    for (const auto& point : curve.points) {
        json.begin_object();
        write_point(json, point);
        json.end_object();
    }
    json.end_array();
    if (!curve.reason.empty()) {
        json.field("reason", curve.reason);
    }
}

void write_confusion(codec::JsonWriter& json, const metrics::ConfusionCurve& curve, const ClassRegistry& classes) {
    json.field("n", curve.n).key("classes").begin_array();
    for (const std::uint32_t code : curve.classes) {
        json.string(code == metrics::Confusion::kOther ? "other" : classes.text(code));
    }
    json.end_array().key("matrix").begin_array();
    for (const std::vector<std::uint64_t>& row : curve.matrix) {
        json.begin_array();
        for (const std::uint64_t count : row) {
            json.unsigned_integer(count);
        }
        json.end_array();
    }
    json.end_array().key("points").begin_array().end_array();
    if (curve.left_out > 0) {
        json.field("left_out", curve.left_out);
    }
    if (!curve.reason.empty()) {
        json.field("reason", curve.reason);
    }
}

void write_by_kind(codec::JsonWriter& json,
                   metrics::CurveKind kind,
                   const metrics::State& state,
                   const metrics::FinishOptions& options,
                   const ClassRegistry& classes) {
    switch (kind) {
        case metrics::CurveKind::kReliability:
            return write_curve(json, metrics::reliability_curve(state, options));
        case metrics::CurveKind::kConfusion:
            return write_confusion(json, metrics::confusion_curve(state, options), classes);
        case metrics::CurveKind::kScoreDistribution:
            return write_curve(json, metrics::score_distribution_curve(state, options));
        case metrics::CurveKind::kRoc:
            return write_curve(json, metrics::roc_curve(state, options));
        case metrics::CurveKind::kPr:
            return write_curve(json, metrics::pr_curve(state, options));
        case metrics::CurveKind::kResiduals:
            return write_curve(json, metrics::residual_curve(state, options));
    }
}

Status unknown_curve(std::string_view name) {
    std::vector<std::string_view> names;
    for (const metrics::CurveSpec& spec : metrics::curves()) {
        names.push_back(spec.name);
    }
    return {ErrorCode::kInvalidArgument,
            fmt::format("there is no curve \"{}\"{}; there are {}", name.substr(0, 64), did_you_mean(name, names),
                        fmt::join(names, ", ")),
            "/curve"};
}

}  // namespace

Result<std::string> curve_answer(const Core& core, const MetricQuery& query) {
    const metrics::CurveSpec* spec = metrics::find_curve(query.curve);
    if (spec == nullptr) {
        return unknown_curve(query.curve);
    }
    const Lsn as_of_seq = core.store.visible();
    MetricQuery whole = query;
    whole.metrics = {"count"};
    whole.step.reset();
    whole.group_by.clear();
    if (query.bins == 0) {
        whole.bins = spec->bins_default == 0 ? 10 : spec->bins_default;
    }
    AIML_ASSIGN(Plan plan, make_plan(core, whole));
    const metrics::Family& family =
        metrics::curve_family(spec->kind, task_bit(plan.profile.task), plan.finish.family);
    const bool multiclass = plan.profile.task == model::TaskType::kMulticlass;
    if (metrics::reads(family.inputs, metrics::Input::kScore) && !plan.profile.positive_class.has_value() &&
        plan.profile.has_labels && !multiclass) {
        return positive_class_unknown(plan.profile, spec->name, plan.deployment.name);
    }
    FamilyUse use{&family, plan.finish.family};
    use.options.exact = plan.exact || !family.sketches;
    plan.families = {use};
    AIML_ASSIGN(const Execution execution, execute(core, plan));
    auto state = execution.groups[0].states.empty() || execution.groups[0].states[0] == nullptr
                     ? family.make(use.options)
                     : execution.groups[0].states[0]->clone();
    metrics::FinishOptions options = plan.finish;
    options.family = use.options;
    codec::JsonWriter json;
    json.begin_object().field("curve", spec->name).field("deployment_id", plan.deployment.name);
    write_by_kind(json, spec->kind, *state, options, *plan.scan.classes);
    json.field("approximate", !use.options.exact).field("as_of_seq", as_of_seq).end_object();
    return json.take();
}

}  // namespace aiml042::query
