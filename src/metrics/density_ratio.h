// How much a row of the reference weighs among current rows: the ratio of the two densities at it,
// from a classifier that tells the two apart.
//
// Boosted trees on two halves, each weighing the rows of the other, with as many trees as tell the
// other half's rows apart best; ratios are kept within [1/50, 50] and have mean 1. At most 8,192
// rows of the reference, or three per current row, are learned from. Cost: twice
// stats::BoostedTrees::fit of half of these, 40 trees. Pure. Sources: S. Bickel, M. Brückner,
// T. Scheffer (2009); use for estimates: J. Bialek et al. (2024), arXiv 2401.08348.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/row_sample.h"

namespace aiml042::metrics {

struct DensityRatio {
    std::vector<double> weights;  // Of the reference's rows, mean 1.
    double rows = 0.0;            // Kish's effective number of them.
    std::size_t trees = 0;        // 0: the two could not be told apart, all weigh 1.
};

/// Both finished and not empty. `columns` are those looked at.
[[nodiscard]] DensityRatio density_ratio(const RowSample& reference,
                                         const RowSample& current,
                                         std::span<const std::uint32_t> columns,
                                         std::span<const std::uint8_t> ordered);

}  // namespace aiml042::metrics
