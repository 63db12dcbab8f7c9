// Curves: what a chart draws, from the same states as the numbers. Plain data; the answer's JSON
// has the same field names.
//
// Use: curve_family() says which state to build; the function of the curve reads it. No rows: no
// points, and a reason.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/family.h"
#include "metrics/metric.h"

namespace aiml042::metrics {

enum class CurveKind : std::uint8_t {
    kReliability,
    kConfusion,
    kScoreDistribution,
    kRoc,
    kPr,
    kThresholds,
    kResiduals
};

struct CurveSpec {
    std::string_view
        name;  // As in the API: reliability, confusion, score_distribution, roc, pr, thresholds …
    CurveKind kind = CurveKind::kReliability;
    std::uint32_t tasks = 0;  // TaskBit.
    std::uint32_t bins_default =
        0;  // FamilyOptions::bins when the caller gives none; 0 = has no bins.
};

[[nodiscard]] std::span<const CurveSpec> curves();
[[nodiscard]] const CurveSpec* find_curve(std::string_view name);

/// The state a curve is drawn from.
[[nodiscard]] const Family& curve_family(CurveKind kind,
                                         TaskBit task,
                                         const FamilyOptions& options);

/// Points of ROC and precision-recall curves are thinned to at most this many.
inline constexpr std::size_t kCurvePointsMax = 500;

/// Mean score against share of positives. Empty bins of equal width have n = 0 and no values.
struct ReliabilityPoint {
    double lo = 0.0;
    double hi = 0.0;
    std::uint64_t n = 0;
    std::optional<double> mean_score = {};
    std::optional<double> positive_rate = {};
    std::optional<std::pair<double, double>> interval = {};  // Wilson, of positive_rate.
};

struct ReliabilityCurve {
    std::uint64_t n = 0;
    std::vector<ReliabilityPoint> points = {};
    std::string_view reason = {};
};

/// `confidence` of FinishOptions, or 0.95.
[[nodiscard]] ReliabilityCurve reliability_curve(const State& state, const FinishOptions& options);

/// matrix[i][k]: rows with label classes[i] predicted as classes[k]; kOther of Confusion stands for
/// "not positive" where a threshold decides. Of more than kConfusionClassesMax classes the ones
/// with the most rows are kept and `left_out` counts the rows of the others.
struct ConfusionCurve {
    std::uint64_t n = 0;
    std::vector<std::uint32_t> classes = {};
    std::vector<std::vector<std::uint64_t>> matrix = {};
    std::uint64_t left_out = 0;
    std::string_view reason = {};
};

inline constexpr std::size_t kConfusionClassesMax = 100;
[[nodiscard]] ConfusionCurve confusion_curve(const State& state, const FinishOptions& options);

struct ScoreBar {
    double lo = 0.0;
    double hi = 0.0;
    std::uint64_t n_positive = 0;
    std::uint64_t n_negative = 0;
    std::uint64_t n_unlabelled = 0;
};

struct ScoreDistributionCurve {
    std::uint64_t n = 0;
    std::vector<ScoreBar> points = {};
    std::string_view reason = {};
};

[[nodiscard]] ScoreDistributionCurve score_distribution_curve(const State& state,
                                                              const FinishOptions& options);

/// From (0, 0) to (1, 1), thresholds descending; the first point's threshold is +infinity and left
/// empty. No true point is further than 1/200 (in fpr + tpr) from a kept one.
struct RocPoint {
    double fpr = 0.0;
    double tpr = 0.0;
    std::optional<double> threshold = {};
};

struct RocCurve {
    std::uint64_t n = 0;
    std::vector<RocPoint> points = {};
    std::string_view reason = {};
};

[[nodiscard]] RocCurve roc_curve(const State& state, const FinishOptions& options);

/// Recall ascending. In each of 120 slices of recall the first, lowest, highest and last precision
/// are kept.
struct PrPoint {
    double recall = 0.0;
    double precision = 0.0;
    double threshold = 0.0;
};

struct PrCurve {
    std::uint64_t n = 0;
    std::vector<PrPoint> points = {};
    std::string_view reason = {};
};

[[nodiscard]] PrCurve pr_curve(const State& state, const FinishOptions& options);

/// What deciding at a threshold would give: score >= threshold is predicted positive. Thresholds
/// descending, thinned as those of RocPoint; the first decides nobody. selection_rate against
/// recall is the gain curve, against lift the lift curve. No value where there is nothing to divide
/// by.
struct ThresholdPoint {
    std::optional<double> threshold = {};
    std::uint64_t tp = 0;
    std::uint64_t fp = 0;
    std::uint64_t fn = 0;
    std::uint64_t tn = 0;
    double selection_rate = 0.0;  // (tp + fp) / n.
    double accuracy = 0.0;
    double recall = 0.0;
    double specificity = 0.0;
    double f1 = 0.0;
    std::optional<double> precision = {};
    std::optional<double> lift = {};  // precision / share of positives.
};

struct ThresholdCurve {
    std::uint64_t n = 0;
    std::vector<ThresholdPoint> points = {};
    std::string_view reason = {};
};

[[nodiscard]] ThresholdCurve threshold_curve(const State& state, const FinishOptions& options);

/// Counts of prediction - label between the least and the greatest.
struct ResidualBar {
    double lo = 0.0;
    double hi = 0.0;
    std::uint64_t n = 0;
};

struct ResidualCurve {
    std::uint64_t n = 0;
    std::vector<ResidualBar> points = {};
    std::string_view reason = {};
};

[[nodiscard]] ResidualCurve residual_curve(const State& state, const FinishOptions& options);

}  // namespace aiml042::metrics
