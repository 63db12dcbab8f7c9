#include "metrics/expected_metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "metrics/reasons.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

/// The rows of a cell that have one predicted side, and what they weigh in a metric.
struct Part {
    double rows = 0.0;
    double p = 0.0;
    bool predicted = false;
    std::size_t block = 0;  // Of the calibration.
    double slope = 0.0;     // Of the metric by the p of one row.
};

struct Matrix {
    double tp = 0.0;
    double fp = 0.0;
    double fn = 0.0;
    double tn = 0.0;

    [[nodiscard]] double rows() const { return tp + fp + fn + tn; }
};

std::vector<Part> parts_of(const ExpectedClass& of) {
    std::vector<Part> out;
    for (const ScoreCells::Cell& cell : of.scores->occupied()) {
        const double mean = cell.mean();
        for (const std::size_t kind : {0U, 1U}) {
            if (cell.count[kind] == 0) {
                continue;
            }
            const auto rows = static_cast<double>(cell.count[kind]);
            const bool as_is = of.map->is_identity();
            out.push_back({.rows = rows,
                           .p = as_is ? cell.sum[kind].value() / rows : of.map->at(mean),
                           .predicted = kind == 1,
                           .block = as_is ? 0 : of.map->block_at(mean)});
        }
    }
    return out;
}

Matrix matrix_of(const std::vector<Part>& parts) {
    Matrix out;
    for (const Part& part : parts) {
        const double positives = part.rows * part.p;
        (part.predicted ? out.tp : out.fn) += positives;
        (part.predicted ? out.fp : out.tn) += part.rows - positives;
    }
    return out;
}

/// A value, and how it moves with the p of a row on each predicted side.
struct Ratio {
    double value = 0.0;
    double by_tp = 0.0;
    double by_fn = 0.0;
};

/// Empty where there is nothing to divide by.
std::optional<Ratio> ratio_of(const Matrix& m, ExpectedMetric metric) {
    const auto over = [](double whole, const Ratio& ratio) {
        return whole > 0.0 ? std::optional(ratio) : std::nullopt;
    };
    const double n = m.rows();
    const double predicted = m.tp + m.fp;
    const double positive = m.tp + m.fn;
    const double negative = m.tn + m.fp;
    const double both = predicted + positive;
    switch (metric) {
        case ExpectedMetric::kAccuracy:
            return over(n, {(m.tp + m.tn) / n, 1.0 / n, -1.0 / n});
        case ExpectedMetric::kPrecision:
            return over(predicted, {m.tp / predicted, 1.0 / predicted, 0.0});
        case ExpectedMetric::kRecall:
            return over(
                positive,
                {m.tp / positive, m.fn / (positive * positive), -m.tp / (positive * positive)});
        case ExpectedMetric::kSpecificity:
            return over(
                negative,
                {m.tn / negative, m.tn / (negative * negative), -m.fp / (negative * negative)});
        case ExpectedMetric::kF1:
            return over(both,
                        {2.0 * m.tp / both,
                         2.0 * (both - m.tp) / (both * both),
                         -2.0 * m.tp / (both * both)});
        case ExpectedMetric::kRocAuc:
            break;
    }
    return std::nullopt;
}

/// Sets the slopes of the parts.
std::optional<double> expect_ratio(std::vector<Part>& parts, ExpectedMetric metric) {
    const std::optional<Ratio> ratio = ratio_of(matrix_of(parts), metric);
    if (!ratio) {
        return std::nullopt;
    }
    for (Part& part : parts) {
        part.slope = part.predicted ? ratio->by_tp : ratio->by_fn;
    }
    return ratio->value;
}

/// The same of the area under the curve; parts that lie side by side in one cell are tied.
std::optional<double> expect_auc(std::vector<Part>& parts, const ScoreCells& scores) {
    struct Tied {
        std::size_t begin = 0;
        std::size_t end = 0;
        double positives = 0.0;
        double negatives = 0.0;
    };

    std::vector<Tied> cells;
    std::size_t at = 0;
    double positives = 0.0;
    double negatives = 0.0;
    for (const ScoreCells::Cell& cell : scores.occupied()) {
        Tied tied{at, at, 0.0, 0.0};
        for (std::size_t kinds = (cell.count[0] > 0 ? 1U : 0U) + (cell.count[1] > 0 ? 1U : 0U);
             kinds > 0;
             --kinds) {
            tied.positives += parts[at].rows * parts[at].p;
            tied.negatives += parts[at].rows * (1.0 - parts[at].p);
            tied.end = ++at;
        }
        positives += tied.positives;
        negatives += tied.negatives;
        cells.push_back(tied);
    }
    if (!(positives > 0.0 && negatives > 0.0)) {
        return std::nullopt;
    }
    double above = 0.0;  // Pairs of a positive above a negative.
    double negatives_below = 0.0;
    for (const Tied& cell : cells) {
        above += cell.positives * (negatives_below + 0.5 * cell.negatives);
        negatives_below += cell.negatives;
    }
    const double pairs = positives * negatives;
    negatives_below = 0.0;
    double positives_above = positives;
    for (const Tied& cell : cells) {
        positives_above -= cell.positives;
        const double won = negatives_below + 0.5 * cell.negatives;
        const double lost = positives_above + 0.5 * cell.positives;
        const double slope =
            (won - lost) / pairs - above / pairs * (1.0 / positives - 1.0 / negatives);
        for (std::size_t i = cell.begin; i < cell.end; ++i) {
            parts[i].slope = slope;
        }
        negatives_below += cell.negatives;
    }
    return above / pairs;
}

/// p (1 - p) with half a row more on each side, so that a block of one class is not beyond doubt.
double doubtful(double p, double rows) {
    const double q = (p * rows + 0.5) / (rows + 1.0);
    return q * (1.0 - q);
}

/// Of the value whose slopes the parts have: the labels' error and that of the calibration.
double variance_of(const std::vector<Part>& parts, const ScoreCalibration& map) {
    double of_labels = 0.0;
    std::vector<double> weights(map.blocks().size(), 0.0);
    for (const Part& part : parts) {
        of_labels += part.rows * part.slope * part.slope * part.p * (1.0 - part.p);
        if (!map.is_identity()) {
            weights[part.block] += part.rows * part.slope;
        }
    }
    double of_map = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double rows = map.blocks()[i].rows();
        of_map += weights[i] * weights[i] * doubtful(map.blocks()[i].value, rows) / rows;
    }
    return of_labels + of_map;
}

struct ClassValue {
    std::optional<double> value = {};
    double variance = 0.0;
    std::uint64_t n = 0;
};

ClassValue class_value(const ExpectedClass& of, ExpectedMetric metric) {
    std::vector<Part> parts = parts_of(of);
    ClassValue out{.n = of.scores->rows()};
    out.value = metric == ExpectedMetric::kRocAuc ? expect_auc(parts, *of.scores)
                                                  : expect_ratio(parts, metric);
    out.variance = out.value ? variance_of(parts, *of.map) : 0.0;
    return out;
}

/// The share of rows whose predicted class comes true.
ClassValue accuracy_of(std::span<const ExpectedClass> classes) {
    ClassValue out;
    double n = 0.0;
    for (const ExpectedClass& one : classes) {
        n += matrix_of(parts_of(one)).tp + matrix_of(parts_of(one)).fp;
    }
    if (!(n > 0.0)) {
        return out;
    }
    out.value = 0.0;
    for (const ExpectedClass& one : classes) {
        std::vector<Part> parts = parts_of(one);
        std::erase_if(parts, [](const Part& part) { return !part.predicted; });
        for (Part& part : parts) {
            part.slope = 1.0 / n;
            *out.value += part.rows * part.p / n;
        }
        out.variance += variance_of(parts, *one.map);
    }
    out.n = static_cast<std::uint64_t>(std::llround(n));
    return out;
}

ClassValue macro_of(std::span<const ExpectedClass> classes, ExpectedMetric metric) {
    ClassValue out;
    const auto k = static_cast<double>(classes.size());
    double sum = 0.0;
    for (const ExpectedClass& one : classes) {
        const ClassValue of_class = class_value(one, metric);
        sum += of_class.value.value_or(0.0) / k;
        out.variance += of_class.variance / (k * k);
        out.n = std::max(out.n, of_class.n);
    }
    out.value = out.n > 0 ? std::optional(sum) : std::nullopt;
    return out;
}

}  // namespace

Estimate expect_metric(std::span<const ExpectedClass> classes,
                       ExpectedMetric metric,
                       double confidence) {
    if (classes.empty()) {
        return {.reason = reasons::kNoEventScores};
    }
    const ClassValue of = classes.size() == 1                   ? class_value(classes[0], metric)
                          : metric == ExpectedMetric::kAccuracy ? accuracy_of(classes)
                                                                : macro_of(classes, metric);
    if (!of.value) {
        const std::string_view empty =
            metric == ExpectedMetric::kRocAuc ? reasons::kOneClass : reasons::kEmptyDenominator;
        return {.n = of.n, .reason = of.n == 0 ? reasons::kNoEventScores : empty};
    }
    Estimate out{.value = std::clamp(*of.value, 0.0, 1.0), .n = of.n};
    const double half = stats::normal_quantile(confidence) * std::sqrt(of.variance);
    out.interval = {std::max(0.0, *out.value - half), std::min(1.0, *out.value + half)};
    return out;
}

}  // namespace aiml042::metrics
