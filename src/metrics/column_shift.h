// A column's current values counted in the bins of its reference, and what their difference means.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metrics/column_state.h"
#include "metrics/reference_column.h"
#include "stats/shift_test.h"

namespace aiml042::metrics {

/// Rows per bin on both sides. Numeric: the bins of the reference. Categorical: its categories by
/// code, and, where there are any, one bin for all that it does not have.
struct ColumnCounts {
    ReferenceColumn::Kind kind = ReferenceColumn::Kind::kNumeric;
    std::vector<std::uint64_t> reference;
    std::vector<std::uint64_t> current;
    std::vector<std::uint32_t> categories;  // Of the bins; kNoClass is all new ones.
    /// Categories the reference does not have, one by one: pooling them by that would not be the
    /// same under an exchange of the two sides.
    std::vector<std::uint64_t> unseen;

    /// What has no bin among the values.
    struct Beside {
        std::uint64_t missing = 0;
        std::uint64_t other_type = 0;  // Texts in a numeric column, or numbers among texts.
    };

    Beside reference_beside = {};
    Beside current_beside = {};

    /// Current values of the column's kind.
    [[nodiscard]] std::uint64_t rows() const;

    /// All rows of a side.
    [[nodiscard]] std::uint64_t reference_rows() const;
    [[nodiscard]] std::uint64_t current_rows() const;
};

[[nodiscard]] ColumnCounts count_bins(const ReferenceColumn& reference, const ColumnBins& current);
[[nodiscard]] ColumnCounts count_bins(const ReferenceColumn& reference,
                                      const ColumnValues& current);

/// The shift over bins that are each expected to hold five rows or more; missing values and those
/// of another type have one each where they do. Two bins that cannot be had so are the most
/// frequent one and the rest, with Fisher's p-value. Empty when all values are in one bin.
[[nodiscard]] std::optional<stats::Shift> shift_of(const ColumnCounts& counts, double confidence);

}  // namespace aiml042::metrics
