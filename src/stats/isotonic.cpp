#include "stats/isotonic.h"

#include <algorithm>
#include <cstddef>

#include "base/check.h"

namespace aiml042::stats {

namespace {

/// `right` into `left`, its neighbour.
void pool(IsotonicBlock& left, const IsotonicBlock& right) {
    const double weight = left.weight + right.weight;
    left.value += (right.value - left.value) * (right.weight / weight);
    left.weight = weight;
    left.weight_square += right.weight_square;
    left.x_last = right.x_last;
}

/// The first block that does not end before `x`.
std::span<const IsotonicBlock>::iterator at_or_after(std::span<const IsotonicBlock> blocks,
                                                     double x) {
    return std::ranges::lower_bound(blocks, x, {}, &IsotonicBlock::x_last);
}

}  // namespace

std::vector<IsotonicBlock> fit_isotonic(std::span<const IsotonicPoint> points) {
    std::vector<IsotonicBlock> blocks;
    for (const IsotonicPoint& point : points) {
        blocks.push_back({point.x, point.x, point.y, point.weight, point.weight_square});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].value >= blocks.back().value) {
            pool(blocks[blocks.size() - 2], blocks.back());
            blocks.pop_back();
        }
    }
    return blocks;
}

double isotonic_at(std::span<const IsotonicBlock> blocks, double x) {
    AIML_DCHECK(!blocks.empty());
    const auto at = at_or_after(blocks, x);
    if (at == blocks.end()) {
        return blocks.back().value;
    }
    if (at == blocks.begin() || x >= at->x_first) {
        return at->value;
    }
    const IsotonicBlock& before = *(at - 1);
    const double along = (x - before.x_last) / (at->x_first - before.x_last);
    return before.value + along * (at->value - before.value);
}

std::size_t isotonic_block_at(std::span<const IsotonicBlock> blocks, double x) {
    AIML_DCHECK(!blocks.empty());
    const auto at = at_or_after(blocks, x);
    const auto index = static_cast<std::size_t>(at - blocks.begin());
    if (at == blocks.end()) {
        return blocks.size() - 1;
    }
    const bool before =
        index > 0 && x < at->x_first && x - blocks[index - 1].x_last < at->x_first - x;
    return before ? index - 1 : index;
}

}  // namespace aiml042::stats
