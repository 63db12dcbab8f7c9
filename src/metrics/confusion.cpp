// Classification from the predicted class: accuracy, precision, recall, F, specificity, MCC, kappa.

#include <algorithm>
#include <cmath>

#include "metrics/confusion_formulas.h"
#include "metrics/confusion_state.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/row_ratio.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

using Average = FinishOptions::Average;

/// What all formulas start with: the matrix, or why there is none.
struct Start {
    Matrix matrix;
    Estimate empty;
    bool ok = false;

    Start(const State& state, const FinishOptions& options) : matrix(as<Confusion>(state).cells()) {
        empty.n = static_cast<std::uint64_t>(matrix.n);
        if (options.family.threshold && options.family.positive_class == kNoClass) {
            empty.reason = reasons::kNoPositiveClass;
        } else if (matrix.n > 0.0) {
            ok = true;
        } else if (as<Confusion>(state).labelled() == 0) {
            empty.reason = reasons::kNoLabels;
        } else {
            empty.reason =
                options.family.threshold ? reasons::kNoScores : reasons::kNoPredictedClasses;
        }
    }

    [[nodiscard]] Estimate none(std::string_view reason) const {
        Estimate out = empty;
        out.reason = reason;
        return out;
    }

    [[nodiscard]] Estimate of(std::optional<double> value, std::string_view reason) const {
        Estimate out = empty;
        out.value = value;
        out.reason = value ? std::string_view() : reason;
        return out;
    }
};

using BinaryFormula = std::optional<double> (*)(const TwoByTwo& counts, double beta);

/// Over the classes that occur in labels or predictions; a class without a value counts as zero
/// (scikit-learn's zero_division = 0). Weighted by the number of labels, or unweighted.
std::optional<double> averaged(const Matrix& matrix,
                               bool weighted,
                               BinaryFormula formula,
                               double beta) {
    double sum = 0.0;
    double weights = 0.0;
    for (std::size_t i = 0; i < matrix.codes.size(); ++i) {
        const double weight = weighted ? matrix.labels[i] : 1.0;
        sum += weight * formula(matrix.one_vs_rest(i), beta).value_or(0.0);
        weights += weight;
    }
    return ratio(sum, weights);
}

TwoByTwo pooled(const Matrix& matrix) {
    TwoByTwo all;
    for (std::size_t i = 0; i < matrix.codes.size(); ++i) {
        const TwoByTwo one = matrix.one_vs_rest(i);
        all.tp += one.tp;
        all.fp += one.fp;
        all.fn += one.fn;
        all.tn += one.tn;
    }
    return all;
}

/// The interval of a [0, 1] statistic whose error the jackknife gives.
template <typename Formula>
void set_jackknife(Estimate& out,
                   const Matrix& matrix,
                   std::optional<double> confidence,
                   Formula&& formula) {
    if (confidence && out.value) {
        if (const auto se = jackknife_error(matrix, formula)) {
            out.interval =
                stats::logit_interval(*out.value, *se, stats::normal_quantile(*confidence));
        }
    }
}

/// Binary counts give the value and, where it is a share of some rows, Wilson's interval of that
/// share.
struct Share {
    double part;
    double whole;
};

Estimate averaged_metric(const State& state,
                         const FinishOptions& options,
                         BinaryFormula formula,
                         Share (*share)(const TwoByTwo& counts)) {
    const Start start(state, options);
    if (!start.ok) {
        return start.empty;
    }
    const Matrix& matrix = start.matrix;
    if (options.average == Average::kMacro || options.average == Average::kWeighted) {
        const auto value = [&](const Matrix& m) {
            return averaged(m, options.average == Average::kWeighted, formula, options.beta);
        };
        Estimate out = start.of(value(matrix), reasons::kEmptyDenominator);
        set_jackknife(out, matrix, options.confidence, value);
        return out;
    }
    if (options.average == Average::kBinary && options.family.positive_class == kNoClass) {
        return start.none(reasons::kNoPositiveClass);
    }
    const TwoByTwo counts =
        options.average == Average::kMicro
            ? pooled(matrix)
            : matrix.one_vs_rest(matrix.index_of(options.family.positive_class));
    Estimate out = start.of(formula(counts, options.beta), reasons::kEmptyDenominator);
    if (options.confidence && out.value) {
        const Share of = share(counts);
        // Pooled counts enter every row once per class; the interval is about rows.
        const double scale = options.average == Average::kMicro ? of.whole / matrix.n : 1.0;
        out.interval = stats::wilson(of.part / scale, of.whole / scale, *options.confidence);
    }
    return out;
}

Estimate accuracy(const State& state, const FinishOptions& options) {
    const Start start(state, options);
    if (!start.ok) {
        return start.empty;
    }
    Estimate out = start.of(accuracy_of(start.matrix), reasons::kEmptyDenominator);
    if (options.confidence) {
        out.interval = stats::wilson(
            std::round(*out.value * start.matrix.n), start.matrix.n, *options.confidence);
    }
    return out;
}

Estimate precision(const State& state, const FinishOptions& options) {
    return averaged_metric(
        state,
        options,
        [](const TwoByTwo& c, double /*beta*/) { return precision_of(c); },
        [](const TwoByTwo& c) {
            return Share{c.tp, c.tp + c.fp};
        });
}

Estimate recall(const State& state, const FinishOptions& options) {
    return averaged_metric(
        state,
        options,
        [](const TwoByTwo& c, double /*beta*/) { return recall_of(c); },
        [](const TwoByTwo& c) {
            return Share{c.tp, c.tp + c.fn};
        });
}

Estimate specificity(const State& state, const FinishOptions& options) {
    return averaged_metric(
        state,
        options,
        [](const TwoByTwo& c, double /*beta*/) { return specificity_of(c); },
        [](const TwoByTwo& c) {
            return Share{c.tn, c.tn + c.fp};
        });
}

/// F1 = 2 J / (1 + J) with J = TP / (TP + FP + FN), a share of the rows where label or prediction
/// is positive: Wilson's interval of J, mapped. Other betas: delta method on the logit scale, half
/// a row added to empty counts.
void set_f_interval(Estimate& out, const TwoByTwo& counts, double beta, double confidence) {
    if (beta == 1.0) {
        const auto [lo, hi] =
            stats::wilson(counts.tp, counts.tp + counts.fp + counts.fn, confidence);
        out.interval = {2.0 * lo / (1.0 + lo), 2.0 * hi / (1.0 + hi)};
        return;
    }
    const double square = beta * beta;
    const bool bare = counts.tp == 0.0 || counts.fp + counts.fn == 0.0;
    const double tp = counts.tp + (bare ? 0.5 : 0.0);
    const double fp = counts.fp + (bare ? 0.5 : 0.0);
    const double fn = counts.fn + (bare ? 0.5 : 0.0);
    const double miss = square * fn + fp;
    const double variance = 1.0 / tp + (square * square * fn + fp) / (miss * miss);
    const double value = (1.0 + square) * tp / ((1.0 + square) * tp + miss);
    const auto interval = stats::logit_interval(
        value, std::sqrt(variance) * value * (1.0 - value), stats::normal_quantile(confidence));
    if (interval && out.value) {
        out.interval = {std::min(interval->first, *out.value),
                        std::max(interval->second, *out.value)};
    }
}

Estimate f_beta(const State& state, const FinishOptions& options) {
    FinishOptions without_interval = options;
    without_interval.confidence.reset();
    const BinaryFormula formula = [](const TwoByTwo& c, double beta) { return f_beta_of(c, beta); };
    const auto no_share = [](const TwoByTwo& /*counts*/) { return Share{0.0, 1.0}; };
    const bool averages =
        options.average == Average::kMacro || options.average == Average::kWeighted;
    Estimate out = averaged_metric(state, averages ? options : without_interval, formula, no_share);
    if (averages || !options.confidence || !out.value) {
        return out;
    }
    const Matrix matrix(as<Confusion>(state).cells());
    if (options.average == Average::kMicro) {  // Equals accuracy, a share of rows.
        out.interval = stats::wilson(*out.value * matrix.n, matrix.n, *options.confidence);
    } else {
        const TwoByTwo counts = matrix.one_vs_rest(matrix.index_of(options.family.positive_class));
        set_f_interval(out, counts, options.beta, *options.confidence);
    }
    return out;
}

Estimate f1(const State& state, const FinishOptions& options) {
    FinishOptions with_one = options;
    with_one.beta = 1.0;
    return f_beta(state, with_one);
}

/// The mean of recall and specificity of the positive class; with any other average the mean recall
/// of all classes.
Estimate balanced_accuracy(const State& state, const FinishOptions& options) {
    const Start start(state, options);
    if (!start.ok) {
        return start.empty;
    }
    const bool binary = options.average == Average::kBinary;
    if (binary && options.family.positive_class == kNoClass) {
        return start.none(reasons::kNoPositiveClass);
    }
    const auto value = [&](const Matrix& matrix) -> std::optional<double> {
        if (!binary) {
            return balanced_accuracy_of(matrix);
        }
        const TwoByTwo counts = matrix.one_vs_rest(matrix.index_of(options.family.positive_class));
        const auto sensitivity = recall_of(counts);
        const auto selectivity = specificity_of(counts);
        return sensitivity && selectivity ? std::optional((*sensitivity + *selectivity) / 2.0)
                                          : std::nullopt;
    };
    Estimate out = start.of(value(start.matrix), reasons::kOneClass);
    set_jackknife(out, start.matrix, options.confidence, value);
    return out;
}

/// MCC and kappa live in [-1, 1]: Fisher's scale.
Estimate correlation(const State& state,
                     const FinishOptions& options,
                     std::optional<double> (*formula)(const Matrix& matrix)) {
    const Start start(state, options);
    if (!start.ok) {
        return start.empty;
    }
    Estimate out = start.of(formula(start.matrix), reasons::kNoVariance);
    if (options.confidence && out.value) {
        if (const auto se = jackknife_error(start.matrix, formula)) {
            out.interval = stats::fisher_interval(
                *out.value, *se, stats::normal_quantile(*options.confidence));
        }
    }
    return out;
}

Estimate mcc(const State& state, const FinishOptions& options) {
    return correlation(state, options, mcc_of);
}

Estimate kappa(const State& state, const FinishOptions& options) {
    return correlation(state, options, kappa_of);
}

struct Words {
    std::string_view name;
    std::string_view title;
    std::string_view formula;
    std::string_view interval;
    std::string_view source;
};

constexpr std::uint32_t kAveraged = option_bits({Option::kAverage, Option::kThreshold});
constexpr std::uint32_t kOfAllClasses = option_bits({Option::kThreshold});

constexpr MetricSpec confusion_spec(const Words& words,
                                    double min,
                                    Finish finish,
                                    const RowRatio* rows,
                                    std::uint32_t options = kAveraged) {
    return {.name = words.name,
            .title = words.title,
            .group = "classification",
            .min = min,
            .max = 1.0,
            .direction = 1,
            .tasks = task_bits({TaskBit::kBinary, TaskBit::kMulticlass}),
            .family = &kConfusionFamily,
            .formula = words.formula,
            .source = words.source,
            .interval = words.interval,
            .finish = finish,
            .options = options,
            .rows = rows,
            .threshold = {&kThresholdFamily, finish, options, rows}};
}

constexpr std::string_view kShareInterval =
    "Wilson; macro and weighted: jackknife on the logit scale";
constexpr std::string_view kFisher = "jackknife on Fisher's scale";

constexpr MetricSpec kMetrics[] = {
    confusion_spec({"accuracy", "Accuracy", "mean(predicted class == label)", "Wilson", ""},
                   0.0,
                   accuracy,
                   &kAccuracyRows,
                   kOfAllClasses),
    confusion_spec({"precision", "Precision", "TP / (TP + FP)", kShareInterval, ""},
                   0.0,
                   precision,
                   &kPrecisionRows),
    confusion_spec(
        {"recall", "Recall", "TP / (TP + FN)", kShareInterval, ""}, 0.0, recall, &kRecallRows),
    confusion_spec(
        {"f1",
         "F1",
         "2 TP / (2 TP + FP + FN)",
         "Wilson on TP / (TP + FP + FN), mapped; macro and weighted: jackknife on the logit scale",
         ""},
        0.0,
        f1,
        &kF1Rows),
    confusion_spec({"fbeta",
                    "F-beta",
                    "(1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP)",
                    "delta method on the logit scale (b = 1: as f1)",
                    ""},
                   0.0,
                   f_beta,
                   &kFBetaRows,
                   kAveraged | option_bits({Option::kBeta})),
    confusion_spec({"specificity", "Specificity", "TN / (TN + FP)", kShareInterval, ""},
                   0.0,
                   specificity,
                   &kSpecificityRows),
    confusion_spec({"balanced_accuracy",
                    "Balanced accuracy",
                    "(recall + specificity) / 2; multi-class: mean recall over the classes that "
                    "occur in labels",
                    "jackknife on the logit scale",
                    ""},
                   0.0,
                   balanced_accuracy,
                   nullptr),
    confusion_spec(
        {"mcc",
         "Matthews correlation",
         "(TP TN - FP FN) / sqrt((TP+FP)(TP+FN)(TN+FP)(TN+FN)); multi-class: Gorodkin's R_K",
         kFisher,
         "Matthews (1975); Gorodkin (2004)"},
        -1.0,
        mcc,
        nullptr,
        kOfAllClasses),
    confusion_spec({"kappa",
                    "Cohen's kappa",
                    "(observed - chance agreement) / (1 - chance agreement)",
                    kFisher,
                    "Cohen (1960)"},
                   -1.0,
                   kappa,
                   nullptr,
                   kOfAllClasses),
};

}  // namespace

std::span<const MetricSpec> confusion_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
