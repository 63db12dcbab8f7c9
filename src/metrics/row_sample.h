// Rows kept whole, at most so many: those with the smallest keys, which are hashes, so which rows
// are kept does not depend on the order or the cut of the data.
//
// A row is codes (below stats::kTreeCodes) and numbers, as many of each as was said. State: at most
// twice `rows_max` rows while it grows. Cost: about 20 ns per row that may be kept, 1 ns per other.
// Threads: one owner at a time; combine owners with merge(). Source: bottom-k sampling, E. Cohen,
// H. Kaplan (2007).

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/boosted_trees.h"

namespace aiml042::metrics {

class RowSample {
  public:
    RowSample(std::size_t rows_max, std::size_t codes, std::size_t numbers)
        : rows_max_(rows_max), codes_per_row_(codes), numbers_per_row_(numbers) {}

    /// Whether a row with this key could be kept.
    [[nodiscard]] bool may_take(std::uint64_t key) const { return key < bound_; }

    void add(std::uint64_t key,
             std::span<const std::uint8_t> codes,
             std::span<const double> numbers);
    void merge(const RowSample& other);

    /// Keeps what is to be kept, by key: after this rows are read.
    void finish();

    [[nodiscard]] std::size_t rows() const { return keys_.size(); }

    /// All rows that were added, kept or not.
    [[nodiscard]] std::uint64_t rows_seen() const { return rows_seen_; }

    [[nodiscard]] stats::CodeTable codes() const { return {codes_, codes_per_row_}; }

    [[nodiscard]] std::span<const double> numbers(std::size_t row) const {
        return std::span(numbers_).subspan(row * numbers_per_row_, numbers_per_row_);
    }

    [[nodiscard]] std::uint64_t key(std::size_t row) const { return keys_[row]; }

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    void append(const RowSample& from, std::size_t row);

    std::size_t rows_max_;
    std::size_t codes_per_row_;
    std::size_t numbers_per_row_;
    std::uint64_t bound_ = ~std::uint64_t{0};
    std::uint64_t rows_seen_ = 0;
    std::vector<std::uint64_t> keys_;
    std::vector<std::uint8_t> codes_;
    std::vector<double> numbers_;
};

}  // namespace aiml042::metrics
