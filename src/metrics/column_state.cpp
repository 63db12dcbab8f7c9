#include "metrics/column_state.h"

#include <algorithm>

#include "metrics/reference_column.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

void TextCounts::add(std::uint32_t code, std::uint64_t rows) {
    if (code >= counts_.size()) {
        counts_.resize(code + 1, 0);
    }
    counts_[code] += rows;
    total_ += rows;
}

void TextCounts::merge(const TextCounts& other) {
    counts_.resize(std::max(counts_.size(), other.counts_.size()), 0);
    for (std::size_t i = 0; i < other.counts_.size(); ++i) {
        counts_[i] += other.counts_[i];
    }
    total_ += other.total_;
}

std::uint64_t TextCounts::of(std::uint32_t code) const {
    return code < counts_.size() ? counts_[code] : 0;
}

namespace {

/// Shares the rows of a selection out: visit_number(value) or visit_text(code); what neither sees
/// is counted as missing.
template <typename VisitNumber>
std::uint64_t visit_column(const Rows& rows,
                           std::span<const std::uint32_t> selection,
                           TextCounts& texts,
                           VisitNumber&& visit_number) {
    const bool has_numbers = !rows.column_number.empty();
    const bool has_texts = !rows.column_class.empty();
    std::uint64_t missing = 0;
    for (const std::uint32_t i : selection) {
        if (has_numbers && rows.column_number[i] == rows.column_number[i]) {
            visit_number(rows.column_number[i]);
        } else if (has_texts && rows.column_class[i] != kNoClass) {
            texts.add(rows.column_class[i]);
        } else {
            ++missing;
        }
    }
    return missing;
}

}  // namespace

void ColumnValues::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    sorted_.reset();
    missing_ +=
        visit_column(rows, selection, texts_, [this](double value) { numbers_.push_back(value); });
}

void ColumnValues::merge_from(const ColumnValues& other) {
    sorted_.reset();
    numbers_.insert(numbers_.end(), other.numbers_.begin(), other.numbers_.end());
    texts_.merge(other.texts_);
    missing_ += other.missing_;
}

std::size_t ColumnValues::memory_bytes() const {
    return sizeof(*this) + numbers_.capacity() * sizeof(double) + texts_.memory_bytes();
}

const std::vector<double>& ColumnValues::numbers() const {
    return sorted_.get([this] {
        std::vector<double> sorted = numbers_;
        stats::sort_ascending(sorted);
        return sorted;
    });
}

ColumnBins::ColumnBins(const FamilyOptions& options)
    : reference_(options.reference),
      bins_(reference_ != nullptr ? reference_->edges().size() + 1 : 1, 0) {}

void ColumnBins::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    const std::span<const double> edges =
        reference_ != nullptr ? reference_->edges() : std::span<const double>();
    const std::uint64_t missing = visit_column(rows, selection, texts_, [&](double value) {
        std::size_t bin = 0;
        for (const double edge : edges) {  // Few, and without a branch to miss.
            bin += value > edge ? 1U : 0U;
        }
        ++bins_[bin];
        ++numbers_;
    });
    missing_ += missing;
}

void ColumnBins::merge_from(const ColumnBins& other) {
    AIML_CHECK(bins_.size() == other.bins_.size());
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        bins_[i] += other.bins_[i];
    }
    numbers_ += other.numbers_;
    texts_.merge(other.texts_);
    missing_ += other.missing_;
}

std::size_t ColumnBins::memory_bytes() const {
    return sizeof(*this) + bins_.capacity() * sizeof(bins_[0]) + texts_.memory_bytes();
}

constexpr Family kColumnValuesFamily{.name = "column_values",
                                     .inputs = inputs_of({Input::kColumn}),
                                     .label_free = true,
                                     .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
                                         return std::make_unique<ColumnValues>();
                                     }};

constexpr Family kColumnBinsFamily{
    .name = "column_bins",
    .inputs = inputs_of({Input::kColumn}),
    .label_free = true,
    .by_reference = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<ColumnBins>(options);
    }};

}  // namespace aiml042::metrics
