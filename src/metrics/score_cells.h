// Scores in [0, 1] in two kinds (predicted positive or not, labelled positive or not), counted in
// cells that are finest towards both ends: 32 per power of two of min(s, 1 - s) down to 2^-20.
//
// What calibration and estimates without labels are computed from. A cell knows the exact sum of
// its scores, so sums over scores as they are lose nothing; what a calibration makes of a score is
// the same within a cell, at most 1/128 wide. State: 2.6 KiB and 48 bytes per cell in use, at most
// 64 KiB. Cost: about 3 ns per score. Threads: one owner at a time; combine owners with merge().

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stats/fixed_sum.h"

namespace aiml042::metrics {

class ScoreCells {
  public:
    struct Cell {
        std::array<std::uint64_t, 2> count{};  // By kind.
        std::array<stats::FixedSum, 2> sum;    // Of the scores.

        [[nodiscard]] std::uint64_t rows() const { return count[0] + count[1]; }

        /// Of all its scores.
        [[nodiscard]] double mean() const;
    };

    static constexpr std::size_t kCells = 2 * 20 * 32;

    /// The cell of a score in [0, 1]; cells ascend with scores.
    [[nodiscard]] static std::size_t cell_of(double score);

    /// `score` in [0, 1].
    void add(double score, bool kind);
    void merge(const ScoreCells& other);

    /// Cells in use, scores ascending.
    [[nodiscard]] std::vector<Cell> occupied() const;

    [[nodiscard]] std::uint64_t rows() const { return rows_; }

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + slots_.capacity() * sizeof(slots_[0]) +
               cells_.capacity() * sizeof(Cell);
    }

  private:
    Cell& cell(std::size_t index);

    std::vector<std::uint16_t> slots_;  // 1 + index in cells_; 0: none. Empty until the first row.
    std::vector<Cell> cells_;
    std::uint64_t rows_ = 0;
};

}  // namespace aiml042::metrics
