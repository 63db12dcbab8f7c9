#include "metrics/class_rank_state.h"

#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "stats/interval.h"

namespace aiml042::metrics {

ClassRank::ClassRank(const FamilyOptions& options) : exact_(options.exact) {}

void ClassRank::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        std::array<std::uint8_t, kRun> scored{};
        for (const std::uint32_t i : run) {
            labelled_ += rows.labelled[i];
        }
        for (const Rows::ClassScores& column : rows.class_scores) {
            // Both arrays are written for every row; only the one the row belongs to moves on.
            Scratch<double, kRun + 1> negatives;
            Scratch<double, kRun + 1> positives;
            std::size_t negative_count = 0;
            std::size_t positive_count = 0;
            for (std::size_t k = 0; k < run.size(); ++k) {
                const std::uint32_t label = rows.label_class[run[k]];
                const double score = column.scores[run[k]];
                const std::size_t present = static_cast<unsigned>(label != kNoClass) &
                                            static_cast<unsigned>(score == score);
                const std::size_t positive = label == column.class_code ? 1U : 0U;
                negatives[negative_count] = score;
                positives[positive_count] = score;
                negative_count += present & (positive ^ 1U);
                positive_count += present & positive;
                scored[k] |= static_cast<std::uint8_t>(present);
            }
            if (negative_count + positive_count > 0) {
                RankedScores& ranked = scores_.try_emplace(column.class_code, exact_).first->second;
                ranked.add(std::span<const double>(negatives).first(negative_count), false);
                ranked.add(std::span<const double>(positives).first(positive_count), true);
            }
        }
        for (const std::uint8_t one : scored) {
            n_ += one;
        }
    });
}

void ClassRank::merge_from(const ClassRank& other) {
    labelled_ += other.labelled_;
    n_ += other.n_;
    for (const auto& [code, ranked] : other.scores_) {
        scores_.try_emplace(code, exact_).first->second.merge(ranked);
    }
}

std::size_t ClassRank::memory_bytes() const {
    std::size_t bytes = sizeof(*this);
    for (const auto& [code, ranked] : scores_) {
        bytes += ranked.memory_bytes();
    }
    return bytes;
}

std::vector<std::uint32_t> ClassRank::classes() const {
    std::vector<std::uint32_t> out;
    for (const auto& [code, ranked] : scores_) {
        out.push_back(code);
    }
    return out;
}

std::string_view ClassRank::reason() const {
    return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoScores;
}

constexpr Family kClassRankFamily{
    .name = "class_rank",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kClassColumns}),
    .sketches = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<ClassRank>(options);
    }};

namespace {

Estimate auc_of(const RankedScores& scores, std::optional<double> confidence) {
    Estimate out{.n = scores.positives() + scores.negatives()};
    if (scores.positives() == 0 || scores.negatives() == 0) {
        out.reason = reasons::kOneClass;
        return out;
    }
    const stats::BinaryRanking& ranking = scores.ranking();
    out.value = ranking.roc_auc;
    if (!scores.exact()) {
        out.error_bound = ranking.roc_auc_bound;
    }
    if (confidence) {
        out.interval = stats::auc_interval(ranking.roc_auc,
                                           ranking.roc_auc_se,
                                           scores.positives(),
                                           scores.negatives(),
                                           *confidence);
    }
    return out;
}

}  // namespace

Estimate one_vs_rest_auc(const State& state, const FinishOptions& options) {
    const auto& classes = as<ClassRank>(state);
    if (classes.n() == 0) {
        return {.reason = classes.reason()};
    }
    if (options.average == FinishOptions::Average::kBinary) {
        const auto found = classes.scores().find(options.family.positive_class);
        return found == classes.scores().end()
                   ? Estimate{.n = classes.n(), .reason = reasons::kOneClass}
                   : auc_of(found->second, options.confidence);
    }
    if (options.average == FinishOptions::Average::kMicro) {
        return {.n = classes.n(), .reason = reasons::kNoMicroAverage};
    }
    const bool weighted = options.average == FinishOptions::Average::kWeighted;
    double sum = 0.0;
    double bound = 0.0;
    double weights = 0.0;
    bool exact = true;
    for (const auto& [code, scores] : classes.scores()) {
        const Estimate one = auc_of(scores, std::nullopt);
        if (one.value) {
            const double weight = weighted ? static_cast<double>(scores.positives()) : 1.0;
            sum += weight * *one.value;
            bound += weight * one.error_bound.value_or(0.0);
            weights += weight;
            exact = exact && scores.exact();
        }
    }
    if (weights == 0.0) {
        return {.n = classes.n(), .reason = reasons::kOneClass};
    }
    Estimate out{.value = sum / weights, .n = classes.n()};
    if (!exact) {
        out.error_bound = bound / weights;
    }
    return out;
}

}  // namespace aiml042::metrics
