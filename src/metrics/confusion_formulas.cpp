#include "metrics/confusion_formulas.h"

#include <algorithm>
#include <cmath>

namespace aiml042::metrics {

Matrix::Matrix(std::span<const ConfusionCell> from) {
    for (const ConfusionCell& cell : from) {
        codes.push_back(cell.label);
        codes.push_back(cell.predicted);
    }
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    labels.resize(codes.size());
    predictions.resize(codes.size());
    agreed.resize(codes.size());
    cells.reserve(from.size());
    for (const ConfusionCell& cell : from) {
        cells.push_back({static_cast<std::uint32_t>(index_of(cell.label)),
                         static_cast<std::uint32_t>(index_of(cell.predicted)),
                         0.0});
        shift(cells.size() - 1, static_cast<double>(cell.count));
    }
}

void Matrix::shift(std::size_t cell, double change) {
    Cell& at = cells[cell];
    at.count += change;
    labels[at.label] += change;
    predictions[at.predicted] += change;
    if (at.label == at.predicted) {
        agreed[at.label] += change;
    }
    n += change;
}

TwoByTwo Matrix::one_vs_rest(std::size_t index) const {
    if (index == npos) {
        return {0.0, 0.0, 0.0, n};
    }
    const double tp = agreed[index];
    const double fp = predictions[index] - tp;
    const double fn = labels[index] - tp;
    return {tp, fp, fn, n - tp - fp - fn};
}

std::size_t Matrix::index_of(std::uint32_t code) const {
    const auto at = std::lower_bound(codes.begin(), codes.end(), code);
    return at == codes.end() || *at != code ? npos : static_cast<std::size_t>(at - codes.begin());
}

std::optional<double> ratio(double part, double whole) {
    return whole > 0.0 ? std::optional(part / whole) : std::nullopt;
}

std::optional<double> precision_of(const TwoByTwo& counts) {
    return ratio(counts.tp, counts.tp + counts.fp);
}

std::optional<double> recall_of(const TwoByTwo& counts) {
    return ratio(counts.tp, counts.tp + counts.fn);
}

std::optional<double> specificity_of(const TwoByTwo& counts) {
    return ratio(counts.tn, counts.tn + counts.fp);
}

std::optional<double> f_beta_of(const TwoByTwo& counts, double beta) {
    const double square = beta * beta;
    const double part = (1.0 + square) * counts.tp;
    return ratio(part, part + square * counts.fn + counts.fp);
}

std::optional<double> accuracy_of(const Matrix& matrix) {
    double agreed = 0.0;
    for (const double count : matrix.agreed) {
        agreed += count;
    }
    return ratio(agreed, matrix.n);
}

std::optional<double> balanced_accuracy_of(const Matrix& matrix) {
    double sum = 0.0;
    double classes = 0.0;
    for (std::size_t i = 0; i < matrix.codes.size(); ++i) {
        if (matrix.labels[i] > 0.0) {
            sum += matrix.agreed[i] / matrix.labels[i];
            classes += 1.0;
        }
    }
    return ratio(sum, classes);
}

// Margins are integers below 2^53, but their products are not: long double keeps 64 bits of them.
std::optional<double> mcc_of(const Matrix& matrix) {
    long double agreed = 0.0L;
    long double products = 0.0L;
    long double label_squares = 0.0L;
    long double prediction_squares = 0.0L;
    for (std::size_t i = 0; i < matrix.codes.size(); ++i) {
        const long double label = static_cast<long double>(matrix.labels[i]);
        const long double prediction = static_cast<long double>(matrix.predictions[i]);
        agreed += static_cast<long double>(matrix.agreed[i]);
        products += label * prediction;
        label_squares += label * label;
        prediction_squares += prediction * prediction;
    }
    const auto n = static_cast<long double>(matrix.n);
    const long double spread = (n * n - label_squares) * (n * n - prediction_squares);
    if (!(spread > 0.0L)) {
        return std::nullopt;
    }
    return static_cast<double>((agreed * n - products) / std::sqrt(spread));
}

std::optional<double> kappa_of(const Matrix& matrix) {
    long double agreed = 0.0L;
    long double products = 0.0L;
    for (std::size_t i = 0; i < matrix.codes.size(); ++i) {
        agreed += static_cast<long double>(matrix.agreed[i]);
        products += static_cast<long double>(matrix.labels[i]) *
                    static_cast<long double>(matrix.predictions[i]);
    }
    const auto n = static_cast<long double>(matrix.n);
    const long double room = n * n - products;  // n^2 (1 - chance agreement).
    if (!(room > 0.0L)) {
        return std::nullopt;
    }
    return static_cast<double>((agreed * n - products) / room);
}

}  // namespace aiml042::metrics
