// Counts of (label class, predicted class): what accuracy to Cohen's kappa are formulas of, for any
// number of classes.
//
// State: a table of 64-bit counts while all codes are below 64 (grown in powers of two), a hash map
// for the others. Cost: about 1 to 2 ns per row. Rows without a label class or a predicted class
// are left out.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "metrics/typed_state.h"

namespace aiml042::metrics {

/// One non-empty cell of the matrix.
struct ConfusionCell {
    std::uint32_t label = 0;
    std::uint32_t predicted = 0;
    std::uint64_t count = 0;
};

/// With FamilyOptions::threshold labels and predictions are the positive class or kOther.
class Confusion final : public TypedState<Confusion> {
  public:
    /// Stands for "any other class" where a threshold decides.
    static constexpr std::uint32_t kOther = kNoClass - 1;

    explicit Confusion(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const Confusion& other);
    [[nodiscard]] std::size_t memory_bytes() const override;
    [[nodiscard]] std::vector<std::uint32_t> classes() const override;

    /// Non-empty cells by (label, predicted), ascending.
    [[nodiscard]] std::vector<ConfusionCell> cells() const;

    /// Labelled rows seen, those without a predicted class included.
    [[nodiscard]] std::uint64_t labelled() const { return labelled_; }

  private:
    static constexpr std::uint32_t kDenseMax = 64;

    void update_classes(const Rows& rows, std::span<const std::uint32_t> selection);
    void update_threshold(const Rows& rows, std::span<const std::uint32_t> selection);
    void add(std::uint32_t label, std::uint32_t predicted, std::uint64_t count);
    void grow(std::uint32_t side);

    std::optional<double> threshold_;
    std::uint32_t positive_class_;
    std::uint32_t side_ = 0;                                   // Of the table.
    std::vector<std::uint64_t> table_;                         // side_ x side_, label by label.
    std::unordered_map<std::uint64_t, std::uint64_t> others_;  // label << 32 | predicted.
    std::uint64_t labelled_ = 0;
};

/// The states: classes as sent, and decided by a threshold on the score.
extern const Family kConfusionFamily;
extern const Family kThresholdFamily;

}  // namespace aiml042::metrics
