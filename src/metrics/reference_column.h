// What one column of a reference holds, frozen: the bins that drift is counted in never depend on
// what is compared with it.
//
// A column is numeric or categorical by what most of its values are. Numeric: the deciles of the
// reference as edges, a bin is (edge before, edge], equal edges once; and the values themselves.
// Categorical: the rows of every text. Missing values and those of the other kind are counted
// beside. Immutable.
// Source: DEFINITIONS.json, "drift".

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "metrics/column_state.h"

namespace aiml042::metrics {

/// `count` values at the middles of equal shares of the ranks; all where there are no more.
[[nodiscard]] std::vector<double> summary_of(std::span<const double> ascending, std::size_t count);

class ReferenceColumn {
  public:
    enum class Kind : std::uint8_t { kNumeric, kCategorical };

    /// Numbers beyond this many are kept as kSummaryMax quantiles.
    static constexpr std::size_t kValuesMax = 1'048'576;
    static constexpr std::size_t kSummaryMax = 65'536;
    static constexpr std::uint32_t kBins = 10;

    /// What it is made of; the texts have codes of the query that made it.
    struct Parts {
        std::vector<double> values;  // Ascending.
        std::uint64_t numbers = 0;   // More than `values` where those are a summary.
        TextCounts texts;
        std::uint64_t missing = 0;
    };

    [[nodiscard]] static std::shared_ptr<const ReferenceColumn> of(const ColumnValues& values);
    explicit ReferenceColumn(Parts parts);

    [[nodiscard]] Kind kind() const { return kind_; }

    /// Values of the column's kind.
    [[nodiscard]] std::uint64_t n() const {
        return kind_ == Kind::kNumeric ? parts_.numbers : parts_.texts.total();
    }

    [[nodiscard]] std::uint64_t numbers() const { return parts_.numbers; }

    /// Values of the other kind.
    [[nodiscard]] std::uint64_t other_type() const {
        return kind_ == Kind::kNumeric ? parts_.texts.total() : parts_.numbers;
    }

    [[nodiscard]] std::uint64_t missing() const { return parts_.missing; }

    /// Numeric: edges between bins, ascending; none for a categorical column.
    [[nodiscard]] std::span<const double> edges() const { return edges_; }

    /// Numeric: rows per bin, one more than edges.
    [[nodiscard]] std::span<const std::uint64_t> bin_counts() const { return bin_counts_; }

    [[nodiscard]] std::span<const double> values() const { return parts_.values; }

    /// The share of rows by which a distribution function read from values() may be off.
    [[nodiscard]] double rank_error() const;

    [[nodiscard]] const TextCounts& texts() const { return parts_.texts; }

    /// Where the middle half of the numbers lies; empty for a categorical column, and where it has
    /// no width.
    [[nodiscard]] std::optional<double> interquartile_range() const;

    [[nodiscard]] std::size_t memory_bytes() const;

    /// Equal for equal contents: of everything, and of the bins alone.
    [[nodiscard]] const Hash128& name() const { return name_; }

    [[nodiscard]] Hash128 bins_name() const;

  private:
    Parts parts_;
    Hash128 name_;
    Kind kind_ = Kind::kNumeric;
    std::vector<double> edges_;
    std::vector<std::uint64_t> bin_counts_;
};

}  // namespace aiml042::metrics
