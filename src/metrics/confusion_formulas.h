// Formulas on a confusion matrix, as plain functions of counts. A value that does not exist is
// empty.
//
// Definitions: data/DEFINITIONS.json; multi-class MCC: J. Gorodkin (2004); kappa: J. Cohen (1960).

#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "metrics/confusion_state.h"
#include "metrics/metric.h"

namespace aiml042::metrics {

/// One class against the rest.
struct TwoByTwo {
    double tp = 0.0;
    double fp = 0.0;
    double fn = 0.0;
    double tn = 0.0;
};

/// The matrix with its margins, classes numbered from zero.
struct Matrix {
    struct Cell {
        std::uint32_t label;
        std::uint32_t predicted;
        double count;
    };

    std::vector<Cell> cells;
    std::vector<std::uint32_t> codes;  // Of the classes that occur, ascending.
    std::vector<double> labels;        // Row sums, one per class.
    std::vector<double> predictions;   // Column sums.
    std::vector<double> agreed;        // Diagonal.
    double n = 0.0;

    explicit Matrix(std::span<const ConfusionCell> from);

    /// Adds `change` to one cell and its margins.
    void shift(std::size_t cell, double change);

    /// `index` into codes; a class that does not occur (npos) has tp, fp, fn = 0.
    [[nodiscard]] TwoByTwo one_vs_rest(std::size_t index) const;
    [[nodiscard]] std::size_t index_of(std::uint32_t code) const;  // npos when it does not occur.
    static constexpr std::size_t npos = ~std::size_t{0};
};

[[nodiscard]] std::optional<double> ratio(double part, double whole);
[[nodiscard]] std::optional<double> precision_of(const TwoByTwo& counts);
[[nodiscard]] std::optional<double> recall_of(const TwoByTwo& counts);
[[nodiscard]] std::optional<double> specificity_of(const TwoByTwo& counts);
/// (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP).
[[nodiscard]] std::optional<double> f_beta_of(const TwoByTwo& counts, double beta);

[[nodiscard]] std::optional<double> accuracy_of(const Matrix& matrix);
/// Mean recall over the classes that occur in labels.
[[nodiscard]] std::optional<double> balanced_accuracy_of(const Matrix& matrix);
[[nodiscard]] std::optional<double> mcc_of(const Matrix& matrix);
[[nodiscard]] std::optional<double> kappa_of(const Matrix& matrix);

/// Standard error of a formula by the jackknife: all rows of a cell have the same value without
/// them, so it costs one evaluation per cell. Empty where a value does not exist, for one row, or
/// above kJackknifeCellsMax cells.
inline constexpr std::size_t kJackknifeCellsMax = 1'024;

template <typename Formula>
[[nodiscard]] std::optional<double> jackknife_error(const Matrix& matrix, Formula&& formula) {
    if (matrix.n < 2.0 || matrix.cells.size() > kJackknifeCellsMax) {
        return std::nullopt;
    }
    std::vector<double> without(matrix.cells.size());
    Matrix shifted = matrix;
    double mean = 0.0;
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        shifted.shift(i, -1.0);
        const std::optional<double> value = formula(shifted);
        shifted.shift(i, 1.0);
        if (!value) {
            return std::nullopt;
        }
        without[i] = *value;
        mean += matrix.cells[i].count / matrix.n * *value;
    }
    double squares = 0.0;
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        squares += matrix.cells[i].count * (without[i] - mean) * (without[i] - mean);
    }
    return std::sqrt((matrix.n - 1.0) / matrix.n * squares);
}

}  // namespace aiml042::metrics
