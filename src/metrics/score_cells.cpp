#include "metrics/score_cells.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace aiml042::metrics {

namespace {

constexpr int kOctaves = 20;
constexpr int kParts = 32;
constexpr std::size_t kSide = static_cast<std::size_t>(kOctaves) * kParts;
static_assert(2 * kSide == ScoreCells::kCells);

}  // namespace

double ScoreCells::Cell::mean() const {
    return (sum[0].value() + sum[1].value()) / static_cast<double>(rows());
}

std::size_t ScoreCells::cell_of(double score) {
    AIML_DCHECK(score >= 0.0 && score <= 1.0);
    const bool upper = score >= 0.5;
    int exponent = 0;
    const double part = std::frexp(upper ? 1.0 - score : score, &exponent);  // In [0.5, 1), or 0.
    const int octave = exponent + kOctaves;  // 1 - 2^-53 and below: exponent at most 0.
    std::size_t index = 0;
    if (part > 0.0 && octave >= 0) {
        const auto step = static_cast<std::size_t>((part - 0.5) * 2 * kParts);
        // The octave [0.5, 1) is that of exactly 0.5 alone, in the upper half.
        index = std::min(kSide - 1, static_cast<std::size_t>(octave) * kParts + step);
    }
    return upper ? kCells - 1 - index : index;
}

ScoreCells::Cell& ScoreCells::cell(std::size_t index) {
    if (slots_.empty()) {
        slots_.resize(kCells);
    }
    if (slots_[index] == 0) {
        cells_.emplace_back();
        slots_[index] = static_cast<std::uint16_t>(cells_.size());
    }
    return cells_[slots_[index] - 1U];
}

void ScoreCells::add(double score, bool kind) {
    Cell& into = cell(cell_of(score));
    ++into.count[kind ? 1 : 0];
    into.sum[kind ? 1 : 0].add(score);
    ++rows_;
}

void ScoreCells::merge(const ScoreCells& other) {
    for (std::size_t i = 0; i < other.slots_.size(); ++i) {
        if (other.slots_[i] == 0) {
            continue;
        }
        const Cell& from = other.cells_[other.slots_[i] - 1U];
        Cell& into = cell(i);
        for (const std::size_t kind : {0U, 1U}) {
            into.count[kind] += from.count[kind];
            into.sum[kind].merge(from.sum[kind]);
        }
    }
    rows_ += other.rows_;
}

std::vector<ScoreCells::Cell> ScoreCells::occupied() const {
    std::vector<Cell> out;
    out.reserve(cells_.size());
    for (const std::uint16_t slot : slots_) {
        if (slot != 0) {
            out.push_back(cells_[slot - 1U]);
        }
    }
    return out;
}

}  // namespace aiml042::metrics
