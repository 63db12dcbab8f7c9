// Which columns have drifted: every column compared with its reference, the p-values adjusted for
// how many there are (judge() in embedding_drift.h), and one of three answers each.
//
// Drifted: the shift is significant after Benjamini and Hochberg, and it matters: it exceeds the
// margin, or the share of some category, of missing values or of another type at least doubled or
// halved and moved by a step. Unchanged: the
// interval of the shift lies below the margin. Else it cannot be told yet, and rows_needed says
// from how many current rows on it probably can. So the share of reports over unchanged data that
// name a column is at most alpha, whatever the sizes. Pure. Source: facts measured on Evidently,
// NannyML and others are in docs/drift.md.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/column_shift.h"
#include "stats/share_distance.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

struct DriftOptions {
    double alpha = 0.01;       // Of a whole report; in (0, 1).
    double margin = 0.1;       // Debiased PSI that matters; above 0.
    double share_step = 0.01;  // Least change of a share that doubled or halved; 1: never counts.
    double confidence = 0.95;  // Of intervals.
    double embedding_margin = 0.1;  // Total variation distance that matters; in (0, 1).
};

/// One column, before it is judged.
struct ColumnDrift {
    ColumnCounts counts;
    std::uint64_t reference_n = 0;  // Values of the column's kind.
    std::uint64_t current_n = 0;
    std::optional<stats::ShareDistance> distance;  // With values on both sides.
    std::optional<stats::TwoSample> two;           // Numbers on both sides.
    double ks_p_value = 1.0;
    double mann_whitney_p_value = 1.0;
    std::optional<double> interquartile_range;  // Of the reference.
    std::optional<stats::Shift> shift;
    bool share_changed = false;  // By a factor of 2 and share_step.
};

[[nodiscard]] ColumnDrift compare_column(const ReferenceColumn& reference,
                                         const ColumnValues& current,
                                         const DriftOptions& options);

enum class Verdict : std::uint8_t { kDrifted, kUnchanged, kCannotTell };
[[nodiscard]] std::string_view name_of(Verdict verdict);

struct Judgement {
    Verdict verdict = Verdict::kCannotTell;
    std::optional<double> p_adjusted = {};
    std::optional<std::uint64_t> rows_needed = {};  // Current rows; with kCannotTell.
    std::string_view reason = {};                   // Why it cannot be told; empty for few rows.
};

/// With the p-value adjusted for all columns; empty where the column has none.
[[nodiscard]] Judgement judge_column(const ColumnDrift& column,
                                     std::optional<double> p_adjusted,
                                     const DriftOptions& options);

/// Rows without which nothing is told, on either side.
inline constexpr std::uint64_t kJudgedRowsMin = 30;

}  // namespace aiml042::metrics
