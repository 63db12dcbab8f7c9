#include "metrics/column_shift.h"

#include <algorithm>
#include <numeric>

namespace aiml042::metrics {

namespace {

constexpr double kExpectedMin = 5.0;

using Kind = ReferenceColumn::Kind;

std::uint64_t total(const std::vector<std::uint64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// Categories by code, then all new ones.
void count_texts(const TextCounts& reference, const TextCounts& current, ColumnCounts& out) {
    const std::size_t codes = std::max(reference.all().size(), current.all().size());
    for (std::uint32_t code = 0; code < codes; ++code) {
        const std::uint64_t rows = current.of(code);
        if (reference.of(code) > 0) {
            out.reference.push_back(reference.of(code));
            out.current.push_back(rows);
            out.categories.push_back(code);
        } else if (rows > 0) {
            out.unseen.push_back(rows);
        }
    }
    if (!out.unseen.empty()) {
        out.reference.push_back(0);
        out.current.push_back(total(out.unseen));
        out.categories.push_back(kNoClass);
    }
}

ColumnCounts counts_of(const ReferenceColumn& reference,
                       std::span<const std::uint64_t> bins,
                       std::uint64_t numbers,
                       const TextCounts& texts,
                       std::uint64_t missing) {
    ColumnCounts out;
    out.kind = reference.kind();
    out.reference_beside = {reference.missing(), reference.other_type()};
    out.current_beside.missing = missing;
    if (reference.kind() == Kind::kNumeric) {
        out.reference.assign(reference.bin_counts().begin(), reference.bin_counts().end());
        out.current.assign(bins.begin(), bins.end());
        out.current_beside.other_type = texts.total();
    } else {
        count_texts(reference.texts(), texts, out);
        out.current_beside.other_type = numbers;
    }
    return out;
}

/// The table that the test looks at.
stats::PooledCounts test_table(const ColumnCounts& counts) {
    std::vector<std::uint64_t> reference = counts.reference;
    std::vector<std::uint64_t> current = counts.current;
    if (!counts.unseen.empty()) {
        reference.resize(reference.size() + counts.unseen.size() - 1, 0);
        current.pop_back();
        current.insert(current.end(), counts.unseen.begin(), counts.unseen.end());
    }
    stats::PooledCounts out = counts.kind == Kind::kNumeric
                                  ? stats::pool_neighbours(reference, current, kExpectedMin)
                                  : stats::pool_rare(reference, current, kExpectedMin);
    if (out.reference.empty()) {
        out = {{total(reference)}, {total(current)}};
    }
    const auto n = static_cast<double>(counts.reference_rows());
    const auto m = static_cast<double>(counts.current_rows());
    const double smaller_share = std::min(n, m) / (n + m);
    const auto add_beside = [&](std::uint64_t before, std::uint64_t now) {
        if (static_cast<double>(before + now) * smaller_share >= kExpectedMin) {
            out.reference.push_back(before);
            out.current.push_back(now);
        }
    };
    add_beside(counts.reference_beside.missing, counts.current_beside.missing);
    add_beside(counts.reference_beside.other_type, counts.current_beside.other_type);
    return out;
}

/// The most frequent bin against the rest.
std::optional<stats::Shift> shift_of_two(const ColumnCounts& counts, double confidence) {
    const std::uint64_t n = total(counts.reference);
    const std::uint64_t m = total(counts.current);
    std::size_t most = 0;
    for (std::size_t i = 1; i < counts.reference.size(); ++i) {
        if (counts.reference[i] + counts.current[i] >
            counts.reference[most] + counts.current[most]) {
            most = i;
        }
    }
    const std::uint64_t reference[] = {counts.reference[most], n - counts.reference[most]};
    const std::uint64_t current[] = {counts.current[most], m - counts.current[most]};
    if (reference[1] + current[1] == 0) {
        return std::nullopt;
    }
    stats::Shift out = stats::shift_of_counts(reference, current, confidence);
    out.p_value = stats::fisher_exact(reference[0], reference[1], current[0], current[1]);
    return out;
}

}  // namespace

std::uint64_t ColumnCounts::rows() const {
    return total(current);
}

std::uint64_t ColumnCounts::reference_rows() const {
    return total(reference) + reference_beside.missing + reference_beside.other_type;
}

std::uint64_t ColumnCounts::current_rows() const {
    return total(current) + current_beside.missing + current_beside.other_type;
}

ColumnCounts count_bins(const ReferenceColumn& reference, const ColumnBins& current) {
    return counts_of(
        reference, current.bins(), current.numbers(), current.texts(), current.missing());
}

ColumnCounts count_bins(const ReferenceColumn& reference, const ColumnValues& current) {
    std::vector<std::uint64_t> bins;
    const std::vector<double>& numbers = current.numbers();
    std::size_t before = 0;
    for (const double edge : reference.edges()) {
        const auto up_to =
            static_cast<std::size_t>(std::ranges::upper_bound(numbers, edge) - numbers.begin());
        bins.push_back(up_to - before);
        before = up_to;
    }
    bins.push_back(numbers.size() - before);
    return counts_of(reference, bins, numbers.size(), current.texts(), current.missing());
}

std::optional<stats::Shift> shift_of(const ColumnCounts& counts, double confidence) {
    if (total(counts.reference) == 0 || counts.current_rows() == 0) {
        return std::nullopt;
    }
    const stats::PooledCounts table = test_table(counts);
    return table.reference.size() >= 2
               ? stats::shift_of_counts(table.reference, table.current, confidence)
               : shift_of_two(counts, confidence);
}

}  // namespace aiml042::metrics
