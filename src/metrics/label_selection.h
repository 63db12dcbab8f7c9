// Whether labels come to rows at random, and metrics that do not need them to.
//
// Weighted values: a labelled row counts for all rows of its bin of the score (or prediction), so
// for one over its bin's share of labels (D. G. Horvitz, D. J. Thompson 1952). Right where labels
// come at random among rows of like score. Pure, mergeable: integers and exact sums.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/metric.h"
#include "stats/boosted_trees.h"
#include "stats/exact_sum.h"
#include "stats/shift_test.h"

namespace aiml042::metrics {

/// Rows of one code of the score, and what the labelled ones among them came to.
struct SelectionBin {
    std::uint64_t rows = 0;
    std::uint64_t labelled = 0;
    /// Labelled rows by predicted (1: positive) and label. More classes: [1][1] right, [1][0]
    /// wrong.
    std::array<std::array<std::uint64_t, 2>, 2> decisions{};
    stats::ExactSum absolute;  // Sums of losses of regression.
    stats::ExactSum squared;
    stats::ExactSum percentage;         // Over labels that are not 0 …
    std::uint64_t with_percentage = 0;  // … of which there are so many.

    void merge(const SelectionBin& other);
};

/// By code. State: about 350 bytes per code in use.
class SelectionBins {
  public:
    [[nodiscard]] SelectionBin& at(std::uint8_t code);
    void merge(const SelectionBins& other);

    /// One of "accuracy", "precision", "recall", "specificity", "f1", "roc_auc" (rows of a bin are
    /// tied, codes those of a number), "mae", "mse", "rmse", "mape". Bins in which fewer than 10
    /// rows are labelled share a weight with their neighbours.
    [[nodiscard]] Estimate weighted(std::string_view metric) const;

  private:
    std::vector<SelectionBin> bins_;
};

/// Rows of a column by code, labelled and not.
struct LabelSplit {
    std::array<std::uint64_t, stats::kTreeCodes> labelled{};
    std::array<std::uint64_t, stats::kTreeCodes> unlabelled{};

    void merge(const LabelSplit& other);
};

struct LabelBias {
    double effect = 0.0;  // Population stability index beyond chance, of labelled against the rest.
    double p_adjusted = 1.0;
    bool biased = false;  // Significant at 1 % among all columns, and above 0.02.
};

/// One per column; empty where it cannot be told. `ordered` as of ColumnCodes.
[[nodiscard]] std::vector<std::optional<LabelBias>> label_bias(
    std::span<const LabelSplit> columns, std::span<const std::uint8_t> ordered);

/// The shift of a column's counts, over codes put together until five rows are expected in each;
/// empty where there are not two.
[[nodiscard]] std::optional<stats::Shift> code_shift(std::span<const std::uint64_t> reference,
                                                     std::span<const std::uint64_t> current,
                                                     bool ordered);

}  // namespace aiml042::metrics
