#include "metrics/reference_column.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "stats/quantile.h"

namespace aiml042::metrics {

namespace {

template <typename T>
ByteView bytes_of(std::span<const T> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

Hash128 name_of(const ReferenceColumn::Parts& parts) {
    const Hash128 of_values = hash128(bytes_of(std::span<const double>(parts.values)), 0);
    const Hash128 of_texts = hash128(bytes_of(parts.texts.all()), 0);
    const std::uint64_t all[] = {
        of_values.high, of_values.low, of_texts.high, of_texts.low, parts.numbers, parts.missing};
    return hash128(bytes_of(std::span<const std::uint64_t>(all)), 0);
}

}  // namespace

std::vector<double> summary_of(std::span<const double> ascending, std::size_t count) {
    if (ascending.size() <= count) {
        return {ascending.begin(), ascending.end()};
    }
    std::vector<double> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(ascending[(2 * i + 1) * ascending.size() / (2 * count)]);
    }
    return out;
}

std::shared_ptr<const ReferenceColumn> ReferenceColumn::of(const ColumnValues& values) {
    const std::vector<double>& numbers = values.numbers();
    return std::make_shared<const ReferenceColumn>(
        Parts{.values = summary_of(numbers, numbers.size() > kValuesMax ? kSummaryMax : kValuesMax),
              .numbers = numbers.size(),
              .texts = values.texts(),
              .missing = values.missing()});
}

ReferenceColumn::ReferenceColumn(Parts parts)
    : parts_(std::move(parts)),
      name_(name_of(parts_)),
      kind_(parts_.numbers >= parts_.texts.total() ? Kind::kNumeric : Kind::kCategorical) {
    if (kind_ == Kind::kCategorical || parts_.values.empty()) {
        return;
    }
    for (std::uint32_t i = 1; i < kBins; ++i) {
        const double edge =
            *stats::quantile_sorted(parts_.values, static_cast<double>(i) / double{kBins});
        if (edges_.empty() || edge > edges_.back()) {
            edges_.push_back(edge);
        }
    }
    // Rows are counted in the values that are kept; a summary stands for all numbers.
    const double weight =
        static_cast<double>(parts_.numbers) / static_cast<double>(parts_.values.size());
    std::uint64_t before = 0;
    const auto close = [&](std::size_t up_to) {
        const auto rows =
            static_cast<std::uint64_t>(std::llround(static_cast<double>(up_to) * weight));
        bin_counts_.push_back(rows - before);
        before = rows;
    };
    for (const double edge : edges_) {
        close(static_cast<std::size_t>(std::ranges::upper_bound(parts_.values, edge) -
                                       parts_.values.begin()));
    }
    close(parts_.values.size());
}

Hash128 ReferenceColumn::bins_name() const {
    return hash128(bytes_of(edges()), 0);
}

double ReferenceColumn::rank_error() const {
    return parts_.values.size() < parts_.numbers ? 0.5 / static_cast<double>(parts_.values.size()) +
                                                       1.0 / static_cast<double>(parts_.numbers)
                                                 : 0.0;
}

std::optional<double> ReferenceColumn::interquartile_range() const {
    if (kind_ == Kind::kCategorical || parts_.values.empty()) {
        return std::nullopt;
    }
    const double range =
        *stats::quantile_sorted(parts_.values, 0.75) - *stats::quantile_sorted(parts_.values, 0.25);
    return range > 0.0 ? std::optional(range) : std::nullopt;
}

std::size_t ReferenceColumn::memory_bytes() const {
    return sizeof(*this) + parts_.values.capacity() * sizeof(double) + parts_.texts.memory_bytes();
}

}  // namespace aiml042::metrics
