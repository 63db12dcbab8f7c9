// A column cut into few codes, so that rows can be counted by it: categories, or ranges of numbers.
//
// Codes: 0 = missing, then the most frequent categories, or ranges between quantiles in order; the
// last one is everything else (rare categories; texts among numbers and the other way round). What
// the cut is made from is a sample.

#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/block_view.h"
#include "query/field.h"
#include "query/filter.h"
#include "stats/cohort_search.h"

namespace aiml042::query {

/// Values of a column in some rows.
struct DimensionSample {
    std::vector<double> numbers;
    std::map<std::string, std::uint64_t, std::less<>> texts;
    std::array<std::uint64_t, 2> flags{};

    Status add(const Field& field, BlockView& view, std::span<const std::uint32_t> selection);
    void add(DimensionSample&& other);
};

/// The least and the greatest number of each code, as they were met.
using NumberRanges = std::vector<std::pair<double, double>>;

class Dimension {
  public:
    static constexpr std::size_t kCategoriesMax = 30;
    static constexpr std::size_t kRangesMax = 10;

    Dimension(Field field, const DimensionSample& sample);

    [[nodiscard]] const std::string& name() const { return field_.name; }

    /// What to search in it; no ranges where it has one value only.
    [[nodiscard]] stats::CohortDimension codes() const;

    /// The share of the sample that has a code of its own.
    [[nodiscard]] double coverage() const { return coverage_; }

    /// Appends the codes of the rows. Widens `met` by their numbers.
    Status encode(BlockView& view,
                  std::span<const std::uint32_t> selection,
                  std::vector<std::uint8_t>& out,
                  NumberRanges& met) const;

    [[nodiscard]] NumberRanges nothing_met() const;

    /// A range of codes in the words of a filter.
    struct Condition {
        bool missing = false;
        std::optional<Literal> equals;
        std::optional<double> from;   // Inclusive …
        std::optional<double> below;  // … and exclusive end of a range of numbers.
    };

    [[nodiscard]] Condition condition(const stats::CodeRange& range, const NumberRanges& met) const;

    /// The same as an expression.
    [[nodiscard]] Expression expression(const Condition& condition) const;

  private:
    [[nodiscard]] std::uint8_t other() const {
        return static_cast<std::uint8_t>(1 + (numeric_ ? edges_.size() + 1 : categories_.size()));
    }

    [[nodiscard]] std::uint8_t code_of(const Literal& category) const;
    [[nodiscard]] std::uint8_t code_of(double number) const;
    void learn_numbers(const DimensionSample& sample);
    void learn_categories(const DimensionSample& sample);
    void encode_texts(const PartValues& values,
                      std::span<const std::uint32_t> selection,
                      std::span<std::uint8_t> out) const;
    void encode_numbers(const PartValues& values,
                        std::span<const std::uint32_t> selection,
                        std::span<std::uint8_t> out,
                        NumberRanges& met) const;

    Field field_;
    bool numeric_ = false;
    std::vector<Literal> categories_;
    std::vector<double> edges_;  // Ascending; code 1 is below the first.
    double coverage_ = 0.0;
};

}  // namespace aiml042::query
