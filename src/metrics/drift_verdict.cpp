#include "metrics/drift_verdict.h"

#include <algorithm>
#include <cmath>

#include "metrics/reasons.h"
#include "stats/multiplicity.h"

namespace aiml042::metrics {

namespace {

constexpr std::size_t kRowsMin = 30;      // Fewer on either side tell nothing.
constexpr std::size_t kDrawnBelow = 100;  // Fewer: the p-value is drawn.
constexpr double kShareFactor = 2.0;
constexpr double kShareStep = 0.01;

using Kind = ReferenceColumn::Kind;

/// Whether some bin, or the missing values, hold a share that at least doubled or halved and moved
/// by a point.
bool share_changed(const ColumnCounts& counts) {
    const auto total = [](const std::vector<std::uint64_t>& bins, std::uint64_t missing) {
        double sum = static_cast<double>(missing);
        for (const std::uint64_t rows : bins) {
            sum += static_cast<double>(rows);
        }
        return sum;
    };
    const double n = total(counts.reference, counts.reference_missing);
    const double m = total(counts.current, counts.current_missing);
    const auto changed = [&](std::uint64_t before, std::uint64_t now) {
        const double p = static_cast<double>(before) / n;
        const double q = static_cast<double>(now) / m;
        return std::fabs(p - q) >= kShareStep && std::max(p, q) >= kShareFactor * std::min(p, q);
    };
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        if (changed(counts.reference[i], counts.current[i])) {
            return true;
        }
    }
    return changed(counts.reference_missing, counts.current_missing);
}

/// The p-value of a numeric column with few rows: drawn for its values, Fisher's for the missing
/// ones, twice the smaller.
double small_p_value(const ReferenceColumn& reference,
                     const std::vector<double>& numbers,
                     const ColumnCounts& counts) {
    const double drawn =
        stats::permuted_p_value(reference.values(), numbers, ReferenceColumn::kBins);
    if (counts.reference_missing + counts.current_missing == 0) {
        return drawn;
    }
    const double missing = stats::fisher_exact(
        counts.reference_missing, reference.n(), counts.current_missing, numbers.size());
    return std::min(1.0, 2.0 * std::min(drawn, missing));
}

void compare_numbers(const ReferenceColumn& reference,
                     const std::vector<double>& numbers,
                     ColumnDrift& out) {
    out.two = stats::compare_sorted(reference.values(), numbers);
    out.ks_p_value = stats::ks_p_value(out.two->ks, reference.values(), numbers);
    out.mann_whitney_p_value =
        stats::mann_whitney_p_value(*out.two, reference.values().size(), numbers.size());
    out.interquartile_range = reference.interquartile_range();
    if (out.shift && std::min(reference.values().size(), numbers.size()) < kDrawnBelow) {
        out.shift->p_value = small_p_value(reference, numbers, out.counts);
    }
}

/// Why a column cannot be compared at all; empty when it can.
std::string_view hindrance(const ColumnDrift& column) {
    if (column.reference_n == 0) {
        return reasons::kNoReferenceValues;
    }
    if (column.current_n == 0) {
        return reasons::kNoValues;
    }
    return {};
}

Judgement judge_one(const ColumnDrift& column,
                    std::optional<double> p_adjusted,
                    const DriftOptions& options) {
    if (const std::string_view reason = hindrance(column); !reason.empty()) {
        return {.reason = reason};
    }
    if (!column.shift) {  // All values alike, on both sides.
        return {.verdict = Verdict::kUnchanged};
    }
    Judgement out{.p_adjusted = p_adjusted};
    const bool matters = column.shift->effect > options.margin || column.share_changed;
    const bool enough = std::min(column.reference_n, column.current_n) >= kRowsMin;
    if (enough && *p_adjusted <= options.alpha && matters) {
        out.verdict = Verdict::kDrifted;
    } else if (enough && column.shift->interval.second < options.margin) {
        out.verdict = Verdict::kUnchanged;
    } else {
        out.rows_needed = stats::rows_needed(
            options.margin, column.shift->degrees, options.alpha, column.reference_n);
        if (!out.rows_needed) {
            out.reason = reasons::kSmallReference;
        } else {
            // Said to be needed although there are as many: the shift is close to the margin.
            out.rows_needed = std::max(*out.rows_needed, 2 * column.current_n);
        }
    }
    return out;
}

}  // namespace

ColumnDrift compare_column(const ReferenceColumn& reference,
                           const ColumnValues& current,
                           const DriftOptions& options) {
    ColumnDrift out;
    out.counts = count_bins(reference, current);
    out.reference_n = reference.n();
    out.current_n = out.counts.rows();
    if (out.reference_n == 0 || out.current_n == 0) {
        return out;
    }
    out.distance = stats::distance_of_counts(out.counts.reference, out.counts.current);
    out.shift = shift_of(out.counts, options.confidence);
    out.share_changed = share_changed(out.counts);
    if (reference.kind() == Kind::kNumeric) {
        compare_numbers(reference, current.numbers(), out);
    }
    return out;
}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kDrifted:
            return "drifted";
        case Verdict::kUnchanged:
            return "unchanged";
        case Verdict::kCannotTell:
            break;
    }
    return "cannot_tell";
}

std::vector<Judgement> judge(std::span<const ColumnDrift> columns, const DriftOptions& options) {
    std::vector<double> p_values;
    for (const ColumnDrift& column : columns) {
        if (column.shift) {
            p_values.push_back(column.shift->p_value);
        }
    }
    const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
    std::vector<Judgement> out;
    auto next = adjusted.begin();
    for (const ColumnDrift& column : columns) {
        const std::optional<double> p = column.shift ? std::optional(*next++) : std::nullopt;
        out.push_back(judge_one(column, p, options));
    }
    return out;
}

}  // namespace aiml042::metrics
