#include "query/fairness_report.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "metrics/fairness.h"
#include "metrics/group_auc.h"
#include "metrics/group_calibration.h"
#include "metrics/grouped_state.h"
#include "query/column_choice.h"
#include "query/execute.h"

namespace aiml042::query {

namespace {

using metrics::Estimate;
using metrics::Rate;
using Group = FairnessReport::Group;

constexpr double kConfidence = 0.95;
constexpr std::string_view kWilson = "Wilson";

constexpr FairnessMethod kRates[] = {
    {"selection_rate", "Selection rate", "(TP + FP) / n", kWilson},
    {"tpr", "True positive rate", "TP / (TP + FN)", kWilson},
    {"fpr", "False positive rate", "FP / (FP + TN)", kWilson},
    {"ppv", "Precision", "TP / (TP + FP)", kWilson},
    {"accuracy", "Accuracy", "(TP + TN) / n", kWilson},
    {"base_rate", "Positive rate", "(TP + FN) / n", kWilson},
    {"roc_auc",
     "AUC within the group",
     "P(score of a positive > score of a negative) + P(equal) / 2, both of the group",
     "DeLong on the logit scale with Student's t; widened to Newcombe's below 30 rows in the "
     "smaller class and from 0.95 up",
     "Borkan et al. (2019)"},
    {"bpsn_auc",
     "Background-positive, subgroup-negative AUC",
     "the same of positives outside the group and negatives of the group",
     "Newcombe's score interval",
     "Borkan et al. (2019)"},
    {"bnsp_auc",
     "Background-negative, subgroup-positive AUC",
     "the same of positives of the group and negatives outside it",
     "Newcombe's score interval",
     "Borkan et al. (2019)"},
    {"mean_score", "Mean score", "mean(score) over labelled events with a score in [0, 1]", {}},
    {"calibration_difference",
     "Mean score less positive rate",
     "mean(score - y) over the same events; above 0 the scores are too high",
     "Student (central limit theorem)",
     "Kleinberg, Mullainathan and Raghavan (2017)"},
    {"ece",
     "Expected calibration error",
     "sum over 10 bins of equal width of n_b / n |mean(y) - mean(score)|; p_value of perfect "
     "calibration",
     {},
     "Hosmer and Lemeshow (1980)"},
};

/// What the estimates of a group are made of.
struct GroupParts {
    metrics::Decisions decisions;
    metrics::GroupAucs aucs;
    metrics::GroupCalibration calibration;
};

/// In the order of kRates.
std::vector<FairnessReport::Named> estimates_of(const GroupParts& group,
                                                std::optional<double> confidence) {
    const metrics::Decisions& own = group.decisions;
    const metrics::Decisions labels{.tp = own.tp + own.fn, .tn = own.fp + own.tn};
    const Estimate all[] = {metrics::rate_of(own, Rate::kSelection, confidence),
                            metrics::rate_of(own, Rate::kTruePositive, confidence),
                            metrics::rate_of(own, Rate::kFalsePositive, confidence),
                            metrics::rate_of(own, Rate::kPrecision, confidence),
                            metrics::rate_of(own, Rate::kAccuracy, confidence),
                            metrics::rate_of(labels, Rate::kSelection, confidence),
                            group.aucs.subgroup,
                            group.aucs.bpsn,
                            group.aucs.bnsp,
                            group.calibration.mean_score,
                            group.calibration.difference,
                            group.calibration.ece};
    static_assert(std::size(all) == std::size(kRates));
    std::vector<FairnessReport::Named> out;
    for (std::size_t i = 0; i < std::size(all); ++i) {
        out.emplace_back(kRates[i].name, all[i]);
    }
    return out;
}

template <typename T>
T at_or_none(const std::vector<T>& all, std::size_t i) {
    return i < all.size() ? all[i] : T();
}

/// The states of make_groups_plan()'s families.
struct States {
    std::unique_ptr<metrics::State> decisions;
    std::unique_ptr<metrics::State> scores;
    std::unique_ptr<metrics::State> probabilities;
};

States states_of(const Plan& plan, Execution& execution) {
    auto& states = execution.groups.front().states;
    const auto take = [&](std::size_t family) {
        const FamilyUse& use = plan.families[family];
        return family < states.size() && states[family] != nullptr
                   ? std::move(states[family])
                   : use.family->create(use.options);
    };
    return {take(0), take(1), take(2)};
}

std::vector<Group> groups_of(const States& states,
                             const ClassRegistry& texts,
                             std::optional<double> confidence) {
    const auto decisions = metrics::as<metrics::GroupedDecisions>(*states.decisions).groups();
    const auto aucs =
        metrics::group_aucs(metrics::as<metrics::GroupedStates>(*states.scores), confidence);
    const auto calibrations = metrics::group_calibrations(
        metrics::as<metrics::GroupedStates>(*states.probabilities), confidence);
    std::vector<Group> out;
    for (std::uint32_t code = 0; code < std::max(aucs.size(), decisions.size()); ++code) {
        const GroupParts parts{
            at_or_none(decisions, code), at_or_none(aucs, code), at_or_none(calibrations, code)};
        if (parts.decisions.n() > 0 || parts.aucs.n > 0) {
            out.push_back({texts.text(code), parts.decisions.n(), estimates_of(parts, confidence)});
        }
    }
    std::ranges::stable_sort(out, [](const Group& a, const Group& b) {
        return a.n != b.n ? a.n > b.n : a.text < b.text;
    });
    return out;
}

/// Which model versions the events are of, and how many of them have a label.
Status add_versions(const Core& core, const MetricQuery& rows, FairnessReport& report) {
    MetricQuery query = rows;
    query.metrics = {"label_coverage"};
    query.group_by = {"model_version"};
    query.by.clear();
    query.min_n.reset();
    query.threshold.reset();
    AIML_ASSIGN(const Plan plan, make_plan(core, query));
    AIML_ASSIGN(const Execution execution, execute(core, plan));
    const MetricUse& use = plan.metrics.front();
    for (const GroupStates& group : execution.groups) {
        if (group.rows == 0) {
            continue;
        }
        const Estimate coverage =
            finish_use(use, *group.states[use.family], finish_options(plan, use));
        report.versions.push_back({group.key.front().text, group.rows, coverage});
        report.events += group.rows;
        report.labelled += static_cast<std::uint64_t>(
            std::llround(coverage.value.value_or(0.0) * static_cast<double>(group.rows)));
    }
    return Status::ok();
}

bool is_gap(const metrics::MetricSpec& spec) {
    return spec.group == "fairness";
}

}  // namespace

bool FairnessReport::counts(const Group& group) const {
    return group.n >= plan.finish.min_n;
}

std::string FairnessReport::name_of(std::uint32_t code) const {
    return code == metrics::kNoClass ? std::string()
                                     : group_label(plan.scan.column->texts->text(code));
}

std::vector<std::string> FairnessReport::keys() const {
    std::vector<std::string> out;
    for (const auto& key : group_parts(plan.scan.column->name)) {
        out.push_back(key.value_or(""));
    }
    return out;
}

std::string_view FairnessReport::four_fifths() const {
    const auto ratio =
        std::ranges::find(gaps, std::string_view("demographic_parity_ratio"), &Named::first);
    if (ratio == gaps.end() || !ratio->second.interval) {
        return "cannot_tell";
    }
    const auto& [lo, hi] = *ratio->second.interval;
    return hi < kFourFifths ? "below" : lo >= kFourFifths ? "not_below" : "cannot_tell";
}

std::span<const FairnessMethod> fairness_rates() {
    return kRates;
}

std::vector<FairnessMethod> fairness_gaps() {
    std::vector<FairnessMethod> out;
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        if (is_gap(spec)) {
            out.push_back({spec.name, spec.title, spec.formula, spec.interval, spec.source});
        }
    }
    return out;
}

Result<FairnessReport> make_fairness_report(const Core& core, const MetricQuery& rows) {
    MetricQuery asked = rows;
    asked.confidence = rows.confidence.value_or(kConfidence);
    FairnessReport report;
    report.as_of_sequence = core.store.visible();
    AIML_ASSIGN(report.plan, make_groups_plan(core, asked));
    AIML_ASSIGN(Execution execution, execute(core, report.plan));
    const States states = states_of(report.plan, execution);
    report.groups = groups_of(states, *report.plan.scan.column->texts, asked.confidence);
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        if (is_gap(spec)) {
            const bool of_decisions = spec.family == &metrics::kGroupedDecisionsFamily;
            const metrics::State& state = of_decisions ? *states.decisions : *states.scores;
            report.gaps.emplace_back(spec.name,
                                     metrics::finish(spec, spec.finish, state, report.plan.finish));
        }
    }
    AIML_TRY(add_versions(core, asked, report));
    return report;
}

}  // namespace aiml042::query
