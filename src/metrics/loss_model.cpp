#include "metrics/loss_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "metrics/reasons.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

constexpr double kParts = LossModel::kParts;

double square(double x) {
    return x * x;
}

/// Mean loss foretold by each ensemble, and by all together its sums over rows.
struct Foretold {
    std::array<double, LossModel::kParts> means{};
    double sum = 0.0;
    double squares = 0.0;
};

/// The jackknife's variance of the mean of the ensembles.
double jackknife(const std::array<double, LossModel::kParts>& means, double mean) {
    double sum = 0.0;
    for (const double one : means) {
        sum += square(one - mean);
    }
    return sum * (kParts - 1.0) / kParts;
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
}

Estimate LossModel::estimate(const RowSample& rows, double confidence) const {
    if (ensembles_.empty()) {
        return {.n = rows.rows_seen(), .reason = reasons::kSmallReference};
    }
    if (rows.rows() == 0) {
        return {.reason = reasons::kNoEvents};
    }
    Foretold all;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::uint8_t* codes = rows.codes().row(row);
        double mean = 0.0;
        for (std::size_t i = 0; i < kParts; ++i) {
            const double one = ensembles_[i].predict(codes, trees_);
            all.means[i] += one;
            mean += one / kParts;
        }
        all.sum += mean;
        all.squares += square(mean);
    }
    const auto kept = static_cast<double>(rows.rows());
    const auto n = static_cast<double>(rows.rows_seen());
    for (double& mean : all.means) {
        mean /= kept;
    }
    const double value = all.sum / kept;
    const double of_rows = all.squares / kept;
    const double of_sample = std::max(0.0, of_rows - square(value)) / kept * (1.0 - kept / n);
    const double variance = spread_ * of_rows / n + of_sample + jackknife(all.means, value);
    Estimate out{.value = std::max(0.0, value), .n = rows.rows_seen()};
    const double half = stats::normal_quantile(confidence) * std::sqrt(variance);
    out.interval = {std::max(0.0, value - half), std::max(0.0, value) + half};
    return out;
}

std::size_t LossModel::memory_bytes() const {
    std::size_t bytes = sizeof(*this);
    for (const stats::BoostedTrees& one : ensembles_) {
        bytes += one.memory_bytes();
    }
    return bytes;
}

}  // namespace aiml042::metrics
