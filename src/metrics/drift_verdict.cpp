#include "metrics/drift_verdict.h"

#include <algorithm>
#include <cmath>

#include "metrics/reasons.h"

namespace aiml042::metrics {

namespace {

constexpr std::size_t kDrawnBelow = 100;  // Fewer: the p-value is drawn.
constexpr double kShareFactor = 2.0;

using Kind = ReferenceColumn::Kind;

/// Whether some category, the missing values or those of another type hold a share that at least
/// doubled or halved and moved by `step`. Bins of numbers are alike large: the margin is theirs.
bool share_changed(const ColumnCounts& counts, double step) {
    const auto n = static_cast<double>(counts.reference_rows());
    const auto m = static_cast<double>(counts.current_rows());
    const auto changed = [&](std::uint64_t before, std::uint64_t now) {
        const double p = static_cast<double>(before) / n;
        const double q = static_cast<double>(now) / m;
        return std::fabs(p - q) >= step && std::max(p, q) >= kShareFactor * std::min(p, q);
    };
    if (counts.kind == Kind::kCategorical) {
        for (std::size_t i = 0; i < counts.reference.size(); ++i) {
            if (changed(counts.reference[i], counts.current[i])) {
                return true;
            }
        }
    }
    const ColumnCounts::Beside& before = counts.reference_beside;
    const ColumnCounts::Beside& now = counts.current_beside;
    return changed(before.missing, now.missing) || changed(before.other_type, now.other_type);
}

/// The p-value of a numeric column with few rows: drawn for its values, Fisher's for the rows
/// without one, twice the smaller.
double small_p_value(const ReferenceColumn& reference,
                     const std::vector<double>& numbers,
                     const ColumnCounts& counts) {
    const double drawn =
        stats::permuted_p_value(reference.values(), numbers, ReferenceColumn::kBins);
    const std::uint64_t before = counts.reference_rows() - reference.n();
    const std::uint64_t now = counts.current_rows() - numbers.size();
    if (before + now == 0) {
        return drawn;
    }
    const double without = stats::fisher_exact(before, reference.n(), now, numbers.size());
    return std::min(1.0, 2.0 * std::min(drawn, without));
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
    return column.counts.current_rows() == 0 ? reasons::kNoValues : std::string_view();
}

}  // namespace

ColumnDrift compare_column(const ReferenceColumn& reference,
                           const ColumnValues& current,
                           const DriftOptions& options) {
    ColumnDrift out;
    out.counts = count_bins(reference, current);
    out.reference_n = reference.n();
    out.current_n = out.counts.rows();
    if (out.reference_n == 0 || out.counts.current_rows() == 0) {
        return out;
    }
    out.shift = shift_of(out.counts, options.confidence);
    out.share_changed = share_changed(out.counts, options.share_step);
    if (out.current_n == 0) {
        return out;
    }
    out.distance = stats::distance_of_counts(out.counts.reference, out.counts.current);
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

Judgement judge_column(const ColumnDrift& column,
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
    const bool enough =
        std::min(column.counts.reference_rows(), column.counts.current_rows()) >= kJudgedRowsMin;
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
            out.rows_needed = std::max(*out.rows_needed, 2 * column.counts.current_rows());
        }
    }
    return out;
}

}  // namespace aiml042::metrics
