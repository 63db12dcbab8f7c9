// What a regressor's predictions will cost, without labels: direct loss estimation. A model of the
// loss of one row, fitted on labelled rows of a reference, foretells the mean loss of others.
//
// Five ensembles of boosted trees, each fitted on four fifths of the rows; their mean is the model,
// with as many trees as foretell the left-out fifths best, down to none: then the reference's mean
// loss. What the left-out rows cost beyond what was foretold of them, weighed as current rows are
// like them, is added: the estimate is right where either the model or the weights are. The error
// of a row's loss is taken as proportional to the loss foretold. Bounds: 100 trees each; rows as
// the sample. Cost: five times stats::BoostedTrees::fit. Pure. Sources: direct loss estimation,
// NannyML's documentation; J. M. Robins, A. Rotnitzky, L. P. Zhao (1994); cross-fitting:
// V. Chernozhukov et al. (2018).

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/metric.h"
#include "metrics/row_sample.h"
#include "stats/boosted_trees.h"

namespace aiml042::metrics {

class LossModel {
  public:
    static constexpr std::size_t kParts = 5;
    static constexpr std::size_t kTreesMax = 100;
    static constexpr std::size_t kRowsMin = 50;

    /// `losses` of the sample's rows; NaN: has none. Fewer than kRowsMin losses: no model.
    static LossModel fit(const RowSample& labelled,
                         std::span<const double> losses,
                         std::span<const std::uint8_t> ordered);

    /// The mean loss of the rows behind a finished sample, with the interval of what labels would
    /// show for these very rows. `weights` of the rows that were fitted on, in their order.
    [[nodiscard]] Estimate estimate(const RowSample& rows,
                                    std::span<const double> weights,
                                    double confidence) const;

    [[nodiscard]] std::uint64_t n() const { return n_; }

    [[nodiscard]] double mean_loss() const { return mean_; }

    [[nodiscard]] std::size_t trees() const { return trees_; }

    /// Part of the variance of the left-out losses that is foretold.
    [[nodiscard]] double explained() const { return explained_; }

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    void choose_trees(const RowSample& labelled,
                      std::span<const double> losses,
                      std::span<const std::vector<std::uint32_t>> parts);

    std::vector<stats::BoostedTrees> ensembles_;
    std::vector<double> beyond_;  // By row: loss less what was foretold, left out. NaN: no loss.
    std::uint64_t n_ = 0;
    double mean_ = 0.0;
    std::size_t trees_ = 0;
    double spread_ = 0.0;  // Squared error of a row's loss, as a part of the square foretold.
    double explained_ = 0.0;
};

}  // namespace aiml042::metrics
