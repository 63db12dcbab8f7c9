// What classification metrics would be if labels came as the scores say: estimates without labels.
//
// Every event counts as positive with its score and as negative with the rest, so the confusion
// matrix is known in expectation. Holds as far as scores are calibrated; label_coverage and the
// realised metrics beside it tell when they are not. Intervals hold the value that labels would
// give these very events, their classes drawn with the scores' probabilities. Source:
// confidence-based performance estimation, J. Bialek et al. (2024), arXiv 2407.08649; definitions:
// DEFINITIONS.json, "label_free".

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/typed_state.h"
#include "stats/fixed_sum.h"
#include "stats/interval.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

namespace {

/// Sums of p and of p (1 - p) over the events predicted positive, and over the others. State: 80
/// bytes. Cost: about 4 ns per row. Rows without a predicted class or with a score outside [0, 1]
/// are left out.
class ExpectedConfusion final : public TypedState<ExpectedConfusion> {
  public:
    explicit ExpectedConfusion(const FamilyOptions& options)
        : positive_class_(options.positive_class) {}

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for_each_run(selection, [&](std::span<const std::uint32_t> run) {
            for (const bool positive : {true, false}) {
                Scratch<double, kRun + 1> scores;
                Scratch<double, kRun> spreads;
                std::size_t n = 0;
                for (const std::uint32_t i : run) {
                    const double score = rows.score[i];
                    const std::uint32_t predicted = rows.predicted_class[i];
                    scores[n] = score;
                    n += static_cast<unsigned>(predicted != kNoClass) &
                         static_cast<unsigned>((predicted == positive_class_) == positive) &
                         static_cast<unsigned>(score >= 0.0) & static_cast<unsigned>(score <= 1.0);
                }
                for (std::size_t i = 0; i < n; ++i) {
                    spreads[i] = scores[i] * (1.0 - scores[i]);
                }
                Side& side = positive ? positive_ : negative_;
                side.n += n;
                side.sum.add(std::span<const double>(scores).first(n));
                side.spread.add(std::span<const double>(spreads).first(n));
            }
        });
    }

    void merge_from(const ExpectedConfusion& other) {
        for (const auto& [mine, theirs] :
             {std::pair{&positive_, &other.positive_}, std::pair{&negative_, &other.negative_}}) {
            mine->n += theirs->n;
            mine->sum.merge(theirs->sum);
            mine->spread.merge(theirs->spread);
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

    /// The matrix in expectation, with the variances of its two random cells.
    struct Matrix {
        double tp = 0.0;
        double fp = 0.0;
        double fn = 0.0;
        double tn = 0.0;
        double tp_variance = 0.0;
        double fn_variance = 0.0;
        std::uint64_t n = 0;
    };

    [[nodiscard]] Matrix matrix() const {
        Matrix out;
        out.tp = positive_.sum.value();
        out.fp = static_cast<double>(positive_.n) - out.tp;
        out.fn = negative_.sum.value();
        out.tn = static_cast<double>(negative_.n) - out.fn;
        out.tp_variance = positive_.spread.value();
        out.fn_variance = negative_.spread.value();
        out.n = positive_.n + negative_.n;
        return out;
    }

    [[nodiscard]] std::string_view reason() const {
        return positive_class_ == kNoClass ? reasons::kNoPositiveClass : reasons::kNoEventScores;
    }

    [[nodiscard]] bool knows_positive() const { return positive_class_ != kNoClass; }

  private:
    struct Side {
        std::uint64_t n = 0;
        stats::FixedSum sum;
        stats::FixedSum spread;
    };

    std::uint32_t positive_class_;
    Side positive_;
    Side negative_;
};

/// All scores in [0, 1]. State: 8 bytes per event. Cost: 2 ns per row, 27 ns per score once.
class EventScores final : public TypedState<EventScores> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for (const std::uint32_t i : selection) {
            if (rows.score[i] >= 0.0 && rows.score[i] <= 1.0) {
                scores_.push_back(rows.score[i]);
            }
        }
    }

    void merge_from(const EventScores& other) {
        scores_.insert(scores_.end(), other.scores_.begin(), other.scores_.end());
    }

    [[nodiscard]] std::size_t memory_bytes() const override {
        return sizeof(*this) + scores_.capacity() * sizeof(double);
    }

    [[nodiscard]] const std::vector<double>& scores() const { return scores_; }

  private:
    std::vector<double> scores_;
};

constexpr Family kExpectedConfusionFamily{
    .name = "expected_confusion",
    .inputs = inputs_of({Input::kScore, Input::kPredictedClass}),
    .label_free = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<ExpectedConfusion>(options);
    }};

constexpr Family kEventScoresFamily{.name = "event_scores",
                                    .inputs = inputs_of({Input::kScore}),
                                    .label_free = true,
                                    .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
                                        return std::make_unique<EventScores>();
                                    }};

using Matrix = ExpectedConfusion::Matrix;

/// A ratio of the matrix and how it moves with its two random cells.
struct Ratio {
    double value = 0.0;
    double whole = 0.0;  // Nothing to divide by: no value.
    double by_tp = 0.0;
    double by_fn = 0.0;
};

template <typename Formula>
Estimate of_matrix(const State& state, const FinishOptions& options, const Formula& formula) {
    const auto& expected = as<ExpectedConfusion>(state);
    const Matrix matrix = expected.matrix();
    if (matrix.n == 0 || !expected.knows_positive()) {
        return {.n = expected.knows_positive() ? 0 : matrix.n, .reason = expected.reason()};
    }
    const Ratio ratio = formula(matrix);
    if (!(ratio.whole > 0.0)) {
        return {.n = matrix.n, .reason = reasons::kEmptyDenominator};
    }
    Estimate out{.value = std::clamp(ratio.value, 0.0, 1.0), .n = matrix.n};
    if (options.confidence) {
        const double variance = ratio.by_tp * ratio.by_tp * matrix.tp_variance +
                                ratio.by_fn * ratio.by_fn * matrix.fn_variance;
        const double half = stats::normal_quantile(*options.confidence) * std::sqrt(variance);
        out.interval = {*out.value - half, *out.value + half};
    }
    return out;
}

Estimate est_accuracy(const State& state, const FinishOptions& options) {
    return of_matrix(state, options, [](const Matrix& m) {
        const auto n = static_cast<double>(m.n);
        return Ratio{(m.tp + m.tn) / n, n, 1.0 / n, -1.0 / n};
    });
}

Estimate est_precision(const State& state, const FinishOptions& options) {
    return of_matrix(state, options, [](const Matrix& m) {
        const double whole = m.tp + m.fp;
        return Ratio{m.tp / whole, whole, 1.0 / whole, 0.0};
    });
}

Estimate est_recall(const State& state, const FinishOptions& options) {
    return of_matrix(state, options, [](const Matrix& m) {
        const double whole = m.tp + m.fn;
        return Ratio{m.tp / whole, whole, m.fn / (whole * whole), -m.tp / (whole * whole)};
    });
}

Estimate est_specificity(const State& state, const FinishOptions& options) {
    return of_matrix(state, options, [](const Matrix& m) {
        const double whole = m.tn + m.fp;
        return Ratio{m.tn / whole, whole, m.tn / (whole * whole), -m.fp / (whole * whole)};
    });
}

Estimate est_f1(const State& state, const FinishOptions& options) {
    return of_matrix(state, options, [](const Matrix& m) {
        const double whole = 2.0 * m.tp + m.fp + m.fn;
        return Ratio{2.0 * m.tp / whole,
                     whole,
                     2.0 * (m.tp + m.fp + m.fn) / (whole * whole),
                     -2.0 * m.tp / (whole * whole)};
    });
}

Estimate est_roc_auc(const State& state, const FinishOptions& options) {
    if (options.family.positive_class == kNoClass) {
        return {.reason = reasons::kNoPositiveClass};
    }
    std::vector<double> scores = as<EventScores>(state).scores();
    if (scores.empty()) {
        return {.reason = reasons::kNoEventScores};
    }
    stats::sort_ascending(scores);
    double above = 0.0;      // Pairs of a positive above a negative, in expectation.
    double positives = 0.0;  // So far.
    double negatives = 0.0;
    for (std::size_t i = 0; i < scores.size();) {
        std::size_t end = i;
        while (end < scores.size() && scores[end] == scores[i]) {
            ++end;
        }
        const auto equal = static_cast<double>(end - i);
        const double here = equal * (1.0 - scores[i]);
        above += equal * scores[i] * (negatives + 0.5 * here);
        positives += equal * scores[i];
        negatives += here;
        i = end;
    }
    if (!(positives > 0.0 && negatives > 0.0)) {
        return {.n = scores.size(), .reason = reasons::kOneClass};
    }
    return {.value = std::clamp(above / (positives * negatives), 0.0, 1.0), .n = scores.size()};
}

constexpr MetricSpec estimate_spec(std::string_view name,
                                   std::string_view title,
                                   std::string_view formula,
                                   Finish finish,
                                   const Family& family = kExpectedConfusionFamily,
                                   std::string_view interval =
                                       "normal, of the value these events would have; classes "
                                       "drawn with the scores' probabilities") {
    return {.name = name,
            .title = title,
            .group = "label-free",
            .min = 0.0,
            .max = 1.0,
            .direction = 1,
            .tasks = task_bits({TaskBit::kBinary}),
            .family = &family,
            .formula = formula,
            .source = "Bialek et al. (2024)",
            .interval = interval,
            .finish = finish};
}

constexpr MetricSpec kMetrics[] = {
    estimate_spec("est_accuracy",
                  "Accuracy, estimated",
                  "mean over all events, labelled or not, of p where the positive class is "
                  "predicted, else 1 - p; p the score",
                  est_accuracy),
    estimate_spec("est_precision",
                  "Precision, estimated",
                  "TP / (TP + FP), TP = sum of p and FP = sum of 1 - p over the events predicted "
                  "positive",
                  est_precision),
    estimate_spec("est_recall",
                  "Recall, estimated",
                  "TP / (TP + FN), FN = sum of p over the events predicted negative",
                  est_recall),
    estimate_spec("est_specificity",
                  "Specificity, estimated",
                  "TN / (TN + FP), TN = sum of 1 - p over the events predicted negative",
                  est_specificity),
    estimate_spec("est_f1", "F1, estimated", "2 TP / (2 TP + FP + FN)", est_f1),
    estimate_spec("est_roc_auc",
                  "ROC AUC, estimated",
                  "roc_auc with every event twice: positive with weight p, negative with 1 - p; "
                  "ties count half",
                  est_roc_auc,
                  kEventScoresFamily,
                  ""),
};

}  // namespace

std::span<const MetricSpec> estimated_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
