#include "metrics/density_ratio.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aiml042::metrics {

namespace {

constexpr std::size_t kHalves = 2;
constexpr std::size_t kTrees = 40;
constexpr double kRatioMax = 50.0;
/// More rows of the reference than these hardly teach: so many, or per current row.
constexpr std::size_t kTaughtMin = 8'192;
constexpr std::size_t kPerCurrentRow = 3;

/// Rows of both sides, the reference's first.
struct Both {
    std::vector<std::uint8_t> codes;
    std::vector<double> targets;  // 1: current.
    std::size_t stride = 1;
    std::array<std::vector<std::uint32_t>, kHalves> halves;

    [[nodiscard]] stats::CodeTable table() const { return {codes, stride}; }
};

Both put_together(const RowSample& reference, const RowSample& current) {
    Both out;
    out.stride = reference.codes().stride;
    for (const RowSample* side : {&reference, &current}) {
        const std::span<const std::uint8_t> codes = side->codes().codes;
        out.codes.insert(out.codes.end(), codes.begin(), codes.end());
        const std::size_t before = out.targets.size();
        out.targets.resize(before + side->rows(), side == &current ? 1.0 : 0.0);
        const std::size_t taught =
            std::min(side->rows(), std::max(kTaughtMin, kPerCurrentRow * current.rows()));
        for (std::size_t i = 0; i < taught; ++i) {
            out.halves[i % kHalves].push_back(static_cast<std::uint32_t>(before + i));
        }
    }
    return out;
}

double log_loss(double score, double target) {
    return std::log1p(std::exp(target > 0.5 ? -score : score));
}

/// The loss of each number of trees over rows that they were not fitted on.
void add_losses(const Both& both,
                const stats::BoostedTrees& trees,
                std::span<const std::uint32_t> rows,
                std::vector<double>& losses) {
    for (const std::uint32_t row : rows) {
        const std::uint8_t* codes = both.table().row(row);
        double score = trees.base();
        losses[0] += log_loss(score, both.targets[row]);
        for (std::size_t i = 0; i < kTrees; ++i) {
            score += i < trees.trees() ? trees.step(i, codes) : 0.0;
            losses[i + 1] += log_loss(score, both.targets[row]);
        }
    }
}

}  // namespace

DensityRatio density_ratio(const RowSample& reference,
                           const RowSample& current,
                           std::span<const std::uint32_t> columns,
                           std::span<const std::uint8_t> ordered) {
    DensityRatio out;
    out.weights.assign(reference.rows(), 1.0);
    out.rows = static_cast<double>(reference.rows());
    if (columns.empty() || reference.rows() < kHalves || current.rows() < kHalves) {
        return out;
    }
    const Both both = put_together(reference, current);
    const stats::BoostOptions options{.loss = stats::BoostOptions::Loss::kLogistic,
                                      .trees = kTrees};
    std::array<stats::BoostedTrees, kHalves> fitted;
    std::vector<double> losses(kTrees + 1, 0.0);
    for (std::size_t half = 0; half < kHalves; ++half) {
        fitted[half] = stats::BoostedTrees::fit(
            both.table(), both.targets, both.halves[1 - half], columns, ordered, options);
        add_losses(both, fitted[half], both.halves[half], losses);
    }
    out.trees = static_cast<std::size_t>(std::ranges::min_element(losses) - losses.begin());
    double sum = 0.0;
    for (std::size_t row = 0; row < reference.rows(); ++row) {
        const stats::BoostedTrees& trees = fitted[row % kHalves];
        const double odds = trees.predict(both.table().row(row), out.trees) - trees.base();
        out.weights[row] = std::clamp(std::exp(odds), 1.0 / kRatioMax, kRatioMax);
        sum += out.weights[row];
    }
    double squares = 0.0;
    for (double& weight : out.weights) {
        weight *= out.rows / sum;
        squares += weight * weight;
    }
    out.rows = out.rows * out.rows / squares;
    return out;
}

}  // namespace aiml042::metrics
