#include "metrics/loss_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "metrics/reasons.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

double square(double x) {
    return x * x;
}

/// A weighted mean, and the variance that it has.
struct WeightedMean {
    double value = 0.0;
    double variance = 0.0;
};

WeightedMean mean_of(std::span<const double> values, std::span<const double> weights) {
    double weight = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] == values[i]) {
            weight += weights[i];
            sum += weights[i] * values[i];
        }
    }
    WeightedMean out{.value = sum / weight};
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] == values[i]) {
            out.variance += square(weights[i] / weight * (values[i] - out.value));
        }
    }
    return out;
}

}  // namespace

LossModel LossModel::fit(const RowSample& labelled,
                         std::span<const double> losses,
                         std::span<const std::uint8_t> ordered) {
    LossModel out;
    std::vector<std::vector<std::uint32_t>> parts(kParts);
    double sum = 0.0;
    for (std::uint32_t row = 0; row < labelled.rows(); ++row) {
        if (losses[row] == losses[row]) {
            parts[out.n_++ % kParts].push_back(row);
            sum += losses[row];
        }
    }
    if (out.n_ < kRowsMin) {
        return out;
    }
    out.mean_ = sum / static_cast<double>(out.n_);
    std::vector<std::uint32_t> columns(labelled.codes().stride);
    std::iota(columns.begin(), columns.end(), 0U);
    for (std::size_t part = 0; part < kParts; ++part) {
        std::vector<std::uint32_t> others;
        for (std::size_t i = 0; i < kParts; ++i) {
            if (i != part) {
                others.insert(others.end(), parts[i].begin(), parts[i].end());
            }
        }
        std::ranges::sort(others);
        out.ensembles_.push_back(stats::BoostedTrees::fit(
            labelled.codes(), losses, others, columns, ordered, {.trees = kTreesMax}));
    }
    out.choose_trees(labelled, losses, parts);
    return out;
}

void LossModel::choose_trees(const RowSample& labelled,
                             std::span<const double> losses,
                             std::span<const std::vector<std::uint32_t>> parts) {
    struct Tried {
        double errors = 0.0;
        double squares = 0.0;  // Of what was foretold.
    };

    std::vector<Tried> tried(kTreesMax + 1);
    double variance = 0.0;
    for (std::size_t part = 0; part < kParts; ++part) {
        const stats::BoostedTrees& trees = ensembles_[part];
        for (const std::uint32_t row : parts[part]) {
            double foretold = trees.base();
            variance += square(losses[row] - mean_);
            for (std::size_t i = 0; i <= kTreesMax; ++i) {
                tried[i].errors += square(losses[row] - foretold);
                tried[i].squares += square(foretold);
                foretold += i < trees.trees() ? trees.step(i, labelled.codes().row(row)) : 0.0;
            }
        }
    }
    const auto best = std::ranges::min_element(tried, {}, &Tried::errors);
    trees_ = static_cast<std::size_t>(best - tried.begin());
    spread_ = best->squares > 0.0 ? best->errors / best->squares : 0.0;
    explained_ = variance > 0.0 ? 1.0 - best->errors / variance : 0.0;
    beyond_.assign(labelled.rows(), std::nan(""));
    for (std::size_t part = 0; part < kParts; ++part) {
        for (const std::uint32_t row : parts[part]) {
            beyond_[row] =
                losses[row] - ensembles_[part].predict(labelled.codes().row(row), trees_);
        }
    }
}

Estimate LossModel::estimate(const RowSample& rows,
                             std::span<const double> weights,
                             double confidence) const {
    if (ensembles_.empty()) {
        return {.n = rows.rows_seen(), .reason = reasons::kSmallReference};
    }
    if (rows.rows() == 0) {
        return {.reason = reasons::kNoEvents};
    }
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        double foretold = 0.0;
        for (const stats::BoostedTrees& trees : ensembles_) {
            foretold += trees.predict(rows.codes().row(row), trees_) / kParts;
        }
        sum += foretold;
        squares += square(foretold);
    }
    const auto kept = static_cast<double>(rows.rows());
    const auto n = static_cast<double>(rows.rows_seen());
    const double mean = sum / kept;
    const double of_sample = std::max(0.0, squares / kept - square(mean)) / kept * (1.0 - kept / n);
    const WeightedMean beyond = mean_of(beyond_, weights);
    const double variance = spread_ * squares / kept / n + of_sample + beyond.variance;
    const double value = std::max(0.0, mean + beyond.value);
    const double half = stats::normal_quantile(confidence) * std::sqrt(variance);
    return {.value = value,
            .n = rows.rows_seen(),
            .interval = {{std::max(0.0, value - half), value + half}}};
}

std::size_t LossModel::memory_bytes() const {
    std::size_t bytes = sizeof(*this) + beyond_.capacity() * sizeof(double);
    for (const stats::BoostedTrees& one : ensembles_) {
        bytes += one.memory_bytes();
    }
    return bytes;
}

}  // namespace aiml042::metrics
