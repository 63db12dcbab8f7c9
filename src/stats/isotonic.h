// Isotonic regression: the non-decreasing function with the least weighted squared error, by
// pooling adjacent violators.
//
// Cost: linear. Pure. Sources: M. Ayer et al. (1955); R. E. Barlow et al. (1972).

#pragma once

#include <span>
#include <vector>

namespace aiml042::stats {

/// Rows of one x: `y` is their weighted mean.
struct IsotonicPoint {
    double x = 0.0;
    double y = 0.0;
    double weight = 0.0;         // Above 0.
    double weight_square = 0.0;  // Sum of the squares of the rows' weights.
};

/// Points that got one value.
struct IsotonicBlock {
    double x_first = 0.0;
    double x_last = 0.0;
    double value = 0.0;
    double weight = 0.0;
    double weight_square = 0.0;

    /// Kish's effective number of rows: weight^2 / weight_square.
    [[nodiscard]] double rows() const { return weight * weight / weight_square; }
};

/// Blocks with ascending x and strictly ascending values. `points` have strictly ascending x.
[[nodiscard]] std::vector<IsotonicBlock> fit_isotonic(std::span<const IsotonicPoint> points);

/// The value at `x`: that of the block it lies in, linear between neighbours, constant outside.
/// There is at least one block.
[[nodiscard]] double isotonic_at(std::span<const IsotonicBlock> blocks, double x);

/// The block that holds `x` or is nearest to it.
[[nodiscard]] std::size_t isotonic_block_at(std::span<const IsotonicBlock> blocks, double x);

}  // namespace aiml042::stats
