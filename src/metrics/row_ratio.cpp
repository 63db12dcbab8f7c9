#include "metrics/row_ratio.h"

#include <algorithm>
#include <cmath>

#include "metrics/metric.h"

namespace aiml042::metrics {

namespace {

/// What one row adds.
struct Share {
    double part = 0.0;
    double whole = 0.0;
};

constexpr Share kNotCounted{};

/// A mean over rows: a value of each that counts.
Share value_of(double value) {
    return std::isnan(value) ? kNotCounted : Share{value, 1.0};
}

Share flag_of(bool part, bool counts = true) {
    return counts ? Share{part ? 1.0 : 0.0, 1.0} : kNotCounted;
}

template <typename OfRow>
constexpr RowRatio ratio_of(Inputs inputs, OfRow /*of_row*/) {
    return {inputs,
            [](const Rows& rows,
               std::span<const std::uint32_t> selection,
               const FinishOptions& options,
               std::span<double> part,
               std::span<double> whole) {
                for (std::size_t i = 0; i < selection.size(); ++i) {
                    const Share share = OfRow{}(rows, selection[i], options);
                    part[i] = share.part;
                    whole[i] = share.whole;
                }
            }};
}

/// A labelled row with a decision about the positive class.
struct Decision {
    bool counts = false;
    bool actual = false;
    bool predicted = false;

    Decision(const Rows& rows, std::uint32_t i, const FinishOptions& options) {
        const FamilyOptions& family = options.family;
        const std::uint32_t label = rows.label_class[i];
        actual = label == family.positive_class;
        if (family.threshold) {
            predicted = rows.score[i] >= *family.threshold;
            counts = label != kNoClass && !std::isnan(rows.score[i]);
        } else {
            predicted = rows.predicted_class[i] == family.positive_class;
            counts = label != kNoClass && rows.predicted_class[i] != kNoClass;
        }
    }
};

constexpr Inputs kDecided = inputs_of({Input::kLabelClass, Input::kPredictedClass, Input::kScore});

/// Rows of a decision, by what is counted of it.
template <typename OfDecision>
constexpr RowRatio decided_ratio(OfDecision /*of_decision*/) {
    return ratio_of(kDecided, [](const Rows& rows, std::uint32_t i, const FinishOptions& options) {
        const Decision decision(rows, i, options);
        return decision.counts ? OfDecision{}(decision, options) : kNotCounted;
    });
}

/// (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP), TP, FN and FP those of the row.
Share f_share(double tp, double fn, double fp, double beta) {
    const double square = beta * beta;
    return {(1.0 + square) * tp, (1.0 + square) * tp + square * fn + fp};
}

/// The probability that a row is positive, and whether it was predicted so.
struct Expectation {
    bool counts = false;
    bool predicted = false;
    double p = 0.0;

    Expectation(const Rows& rows, std::uint32_t i, const FinishOptions& options)
        : counts(rows.predicted_class[i] != kNoClass && rows.score[i] >= 0.0 &&
                 rows.score[i] <= 1.0),
          predicted(rows.predicted_class[i] == options.family.positive_class),
          p(rows.score[i]) {}
};

template <typename OfExpectation>
constexpr RowRatio expected_ratio(OfExpectation /*of_expectation*/) {
    return ratio_of(inputs_of({Input::kScore, Input::kPredictedClass}),
                    [](const Rows& rows, std::uint32_t i, const FinishOptions& options) {
                        const Expectation expectation(rows, i, options);
                        return expectation.counts ? OfExpectation{}(expectation) : kNotCounted;
                    });
}

constexpr Inputs kScored = inputs_of({Input::kLabelClass, Input::kScore});

bool is_scored(const Rows& rows, std::uint32_t i) {
    return rows.label_class[i] != kNoClass && rows.score[i] >= 0.0 && rows.score[i] <= 1.0;
}

/// A function of a prediction and its label.
template <typename OfError>
constexpr RowRatio error_ratio(OfError /*of_error*/) {
    return ratio_of(inputs_of({Input::kLabelValue, Input::kPredictedValue}),
                    [](const Rows& rows, std::uint32_t i, const FinishOptions& /*options*/) {
                        const double label = rows.label_value[i];
                        const double predicted = rows.predicted_value[i];
                        return std::isnan(label) || std::isnan(predicted)
                                   ? kNotCounted
                                   : OfError{}(label, predicted);
                    });
}

constexpr double kClip = 1e-15;

}  // namespace

const RowRatio kErrorRateRows = ratio_of(
    inputs_of({Input::kFailed}), [](const Rows& rows, std::uint32_t i, const FinishOptions&) {
        return flag_of(rows.failed[i] != 0);
    });

const RowRatio kLatencyMeanRows = ratio_of(
    inputs_of({Input::kLatency}), [](const Rows& rows, std::uint32_t i, const FinishOptions&) {
        return value_of(rows.latency_ms[i]);
    });

const RowRatio kLabelCoverageRows = ratio_of(
    inputs_of({Input::kLabelled}), [](const Rows& rows, std::uint32_t i, const FinishOptions&) {
        return flag_of(rows.labelled[i] != 0);
    });

const RowRatio kAccuracyRows =
    ratio_of(kDecided, [](const Rows& rows, std::uint32_t i, const FinishOptions& options) {
        if (options.family.threshold) {
            const Decision decision(rows, i, options);
            return flag_of(decision.actual == decision.predicted, decision.counts);
        }
        const std::uint32_t label = rows.label_class[i];
        const std::uint32_t predicted = rows.predicted_class[i];
        return flag_of(label == predicted, label != kNoClass && predicted != kNoClass);
    });

const RowRatio kPrecisionRows = decided_ratio(
    [](const Decision& d, const FinishOptions&) { return flag_of(d.actual, d.predicted); });

const RowRatio kRecallRows = decided_ratio(
    [](const Decision& d, const FinishOptions&) { return flag_of(d.predicted, d.actual); });

const RowRatio kSpecificityRows = decided_ratio(
    [](const Decision& d, const FinishOptions&) { return flag_of(!d.predicted, !d.actual); });

const RowRatio kF1Rows = decided_ratio([](const Decision& d, const FinishOptions&) {
    return f_share(d.actual && d.predicted, d.actual && !d.predicted, !d.actual && d.predicted, 1);
});

const RowRatio kFBetaRows = decided_ratio([](const Decision& d, const FinishOptions& options) {
    return f_share(
        d.actual && d.predicted, d.actual && !d.predicted, !d.actual && d.predicted, options.beta);
});

const RowRatio kLogLossRows =
    ratio_of(kScored, [](const Rows& rows, std::uint32_t i, const FinishOptions& options) {
        if (!is_scored(rows, i)) {
            return kNotCounted;
        }
        const double score = std::clamp(rows.score[i], kClip, 1.0 - kClip);
        const bool positive = rows.label_class[i] == options.family.positive_class;
        return Share{-std::log(positive ? score : 1.0 - score), 1.0};
    });

const RowRatio kBrierRows =
    ratio_of(kScored, [](const Rows& rows, std::uint32_t i, const FinishOptions& options) {
        const bool positive = rows.label_class[i] == options.family.positive_class;
        const double error = rows.score[i] - (positive ? 1.0 : 0.0);
        return is_scored(rows, i) ? Share{error * error, 1.0} : kNotCounted;
    });

const RowRatio kMulticlassLogLossRows =
    ratio_of(inputs_of({Input::kLabelClass, Input::kClassScores}),
             [](const Rows& rows, std::uint32_t i, const FinishOptions&) {
                 const double likelihood = rows.label_class_score[i];
                 return rows.label_class[i] == kNoClass || std::isnan(likelihood)
                            ? kNotCounted
                            : Share{-std::log(std::clamp(likelihood, kClip, 1.0)), 1.0};
             });

const RowRatio kMulticlassBrierRows = ratio_of(
    inputs_of({Input::kLabelClass, Input::kClassScores}),
    [](const Rows& rows, std::uint32_t i, const FinishOptions&) {
        return rows.label_class[i] == kNoClass ? kNotCounted : value_of(rows.class_square_error[i]);
    });

const RowRatio kMaeRows = error_ratio([](double label, double predicted) {
    return Share{std::fabs(predicted - label), 1.0};
});

const RowRatio kMseRows = error_ratio([](double label, double predicted) {
    return Share{(predicted - label) * (predicted - label), 1.0};
});

const RowRatio kMapeRows = error_ratio([](double label, double predicted) {
    return label == 0.0 ? kNotCounted : Share{std::fabs(predicted - label) / std::fabs(label), 1.0};
});

const RowRatio kSmapeRows = error_ratio([](double label, double predicted) {
    const double scale = std::fabs(label) + std::fabs(predicted);
    return Share{scale == 0.0 ? 0.0 : 2.0 * std::fabs(predicted - label) / scale, 1.0};
});

const RowRatio kBiasRows = error_ratio([](double label, double predicted) {
    return Share{predicted - label, 1.0};
});

const RowRatio kEstimatedAccuracyRows = expected_ratio([](const Expectation& e) {
    return Share{e.predicted ? e.p : 1.0 - e.p, 1.0};
});

const RowRatio kEstimatedPrecisionRows = expected_ratio([](const Expectation& e) {
    return e.predicted ? Share{e.p, 1.0} : kNotCounted;
});

const RowRatio kEstimatedRecallRows = expected_ratio([](const Expectation& e) {
    return Share{e.predicted ? e.p : 0.0, e.p};
});

const RowRatio kEstimatedSpecificityRows = expected_ratio([](const Expectation& e) {
    return Share{e.predicted ? 0.0 : 1.0 - e.p, 1.0 - e.p};
});

const RowRatio kEstimatedF1Rows = expected_ratio([](const Expectation& e) {
    return e.predicted ? f_share(e.p, 0.0, 1.0 - e.p, 1.0) : f_share(0.0, e.p, 0.0, 1.0);
});

}  // namespace aiml042::metrics
