// The values of one column of the query's choice (a feature, the score, the label …): numbers,
// texts by their code, rows that have neither.
//
// State: 8 bytes per number, 8 bytes per text told apart. Cost: about 3 ns per row, and 27 ns per
// number once it is sorted.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "metrics/typed_state.h"

namespace aiml042::metrics {

/// Rows per text, by code.
class TextCounts {
  public:
    void add(std::uint32_t code, std::uint64_t rows = 1);
    void merge(const TextCounts& other);

    [[nodiscard]] std::uint64_t total() const { return total_; }

    /// 0 for codes that did not come.
    [[nodiscard]] std::uint64_t of(std::uint32_t code) const;

    /// One entry per code up to the highest that came.
    [[nodiscard]] std::span<const std::uint64_t> all() const { return counts_; }

    [[nodiscard]] std::size_t memory_bytes() const {
        return counts_.capacity() * sizeof(counts_[0]);
    }

  private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

/// All of them.
class ColumnValues final : public TypedState<ColumnValues> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const ColumnValues& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// Ascending. Sorted at first use.
    [[nodiscard]] const std::vector<double>& numbers() const;

    [[nodiscard]] const TextCounts& texts() const { return texts_; }

    [[nodiscard]] std::uint64_t missing() const { return missing_; }

  private:
    std::vector<double> numbers_;
    TextCounts texts_;
    std::uint64_t missing_ = 0;
    Lazy<std::vector<double>> sorted_;
};

/// How many lie in each bin of FamilyOptions::reference; without one (then only `missing` counts)
/// numbers have one bin.
class ColumnBins final : public TypedState<ColumnBins> {
  public:
    explicit ColumnBins(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const ColumnBins& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    [[nodiscard]] std::span<const std::uint64_t> bins() const { return bins_; }

    [[nodiscard]] std::uint64_t numbers() const { return numbers_; }

    [[nodiscard]] const TextCounts& texts() const { return texts_; }

    [[nodiscard]] std::uint64_t missing() const { return missing_; }

  private:
    std::shared_ptr<const ReferenceColumn> reference_;
    std::vector<std::uint64_t> bins_;
    std::uint64_t numbers_ = 0;
    TextCounts texts_;
    std::uint64_t missing_ = 0;
};

extern const Family kColumnValuesFamily;
extern const Family kColumnBinsFamily;

}  // namespace aiml042::metrics
