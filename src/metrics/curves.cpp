#include "metrics/curves.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "metrics/confusion_state.h"
#include "metrics/multiclass_state.h"
#include "metrics/probability_state.h"
#include "metrics/reasons.h"
#include "metrics/residuals_state.h"
#include "metrics/score_distribution_state.h"
#include "metrics/score_rank_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

constexpr double kConfidence = 0.95;

constexpr CurveSpec kCurves[] = {
    {"reliability",
     CurveKind::kReliability,
     task_bits({TaskBit::kBinary, TaskBit::kMulticlass}),
     10},
    {"confusion", CurveKind::kConfusion, task_bits({TaskBit::kBinary, TaskBit::kMulticlass}), 0},
    {"score_distribution", CurveKind::kScoreDistribution, task_bits({TaskBit::kBinary}), 20},
    {"roc", CurveKind::kRoc, task_bits({TaskBit::kBinary}), 0},
    {"pr", CurveKind::kPr, task_bits({TaskBit::kBinary}), 0},
    {"thresholds", CurveKind::kThresholds, task_bits({TaskBit::kBinary}), 0},
    {"residuals", CurveKind::kResiduals, task_bits({TaskBit::kRegression}), 20},
};

ReliabilityCurve from_bins(const CalibrationBins& bins,
                           std::string_view reason,
                           double confidence) {
    ReliabilityCurve out{.n = bins.n()};
    if (out.n == 0) {
        out.reason = reason;
        return out;
    }
    const auto count = static_cast<double>(bins.bins().size());
    for (std::size_t i = 0; i < bins.bins().size(); ++i) {
        const CalibrationBins::Bin& bin = bins.bins()[i];
        ReliabilityPoint point{.lo = static_cast<double>(i) / count,
                               .hi = static_cast<double>(i + 1) / count,
                               .n = bin.n};
        if (bin.n > 0) {
            const auto n = static_cast<double>(bin.n);
            point.mean_score = bin.scores.value() / n;
            point.positive_rate = static_cast<double>(bin.positives) / n;
            point.interval = stats::wilson(static_cast<double>(bin.positives), n, confidence);
        }
        out.points.push_back(point);
    }
    return out;
}

ReliabilityCurve from_mass(const ScoreRank& rank, std::uint32_t bins, double confidence) {
    ReliabilityCurve out{.n = rank.n()};
    if (out.n == 0) {
        out.reason = rank.reason();
        return out;
    }
    for (const MassBin& bin : mass_bins(rank.scores(), bins)) {
        out.points.push_back({.lo = bin.lo,
                              .hi = bin.hi,
                              .n = static_cast<std::uint64_t>(bin.n),
                              .mean_score = bin.mean_score,
                              .positive_rate = bin.positives / bin.n,
                              .interval = stats::wilson(bin.positives, bin.n, confidence)});
    }
    return out;
}

/// Calls visit(positives, negatives, threshold) for groups of equal scores (or bins), descending.
template <typename Visitor>
void for_each_threshold(const RankedScores& scores, Visitor&& visit) {
    if (!scores.exact()) {
        const auto bins = scores.histogram().occupied();
        for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) {
            visit(bin->positives, bin->negatives, bin->lo);
        }
        return;
    }
    const auto& positives = scores.sorted(true);
    const auto& negatives = scores.sorted(false);
    std::size_t i = positives.size();
    std::size_t k = negatives.size();
    while (i > 0 || k > 0) {
        const bool from_positives = k == 0 || (i > 0 && positives[i - 1] >= negatives[k - 1]);
        const double score = from_positives ? positives[i - 1] : negatives[k - 1];
        const std::size_t i_end = i;
        const std::size_t k_end = k;
        while (i > 0 && positives[i - 1] == score) {
            --i;
        }
        while (k > 0 && negatives[k - 1] == score) {
            --k;
        }
        visit(i_end - i, k_end - k, score);
    }
}

/// Calls visit(true positives, false positives, threshold) for thresholds, descending, of which the
/// next is kept where fpr + tpr, 2 in all, has grown by 2 / 450; the last always is.
template <typename Visitor>
void for_each_kept_threshold(const RankedScores& scores, Visitor&& visit) {
    constexpr double kStep = 2.0 / 450.0;
    static_assert(450 + 2 < kCurvePointsMax);
    const auto positives = static_cast<double>(scores.positives());
    const auto negatives = static_cast<double>(scores.negatives());
    std::uint64_t tp = 0;
    std::uint64_t fp = 0;
    double kept_at = 0.0;
    for_each_threshold(scores, [&](std::uint64_t p, std::uint64_t n, double threshold) {
        tp += p;
        fp += n;
        const double at = static_cast<double>(fp) / negatives + static_cast<double>(tp) / positives;
        if (at - kept_at >= kStep || at == 2.0) {
            visit(tp, fp, threshold);
            kept_at = at;
        }
    });
}

ThresholdPoint threshold_point(std::uint64_t tp,
                               std::uint64_t fp,
                               std::uint64_t positives,
                               std::uint64_t negatives) {
    ThresholdPoint out{.tp = tp, .fp = fp, .fn = positives - tp, .tn = negatives - fp};
    const auto n = static_cast<double>(positives + negatives);
    const auto found = static_cast<double>(tp);
    const auto selected = static_cast<double>(tp + fp);
    out.selection_rate = selected / n;
    out.accuracy = static_cast<double>(tp + out.tn) / n;
    out.recall = found / static_cast<double>(positives);
    out.specificity = static_cast<double>(out.tn) / static_cast<double>(negatives);
    out.f1 = 2.0 * found / (selected + static_cast<double>(positives));
    if (selected > 0.0) {
        out.precision = found / selected;
        out.lift = *out.precision / (static_cast<double>(positives) / n);
    }
    return out;
}

/// Thins points of ascending recall; see PrPoint.
std::vector<PrPoint> thinned(const std::vector<PrPoint>& points) {
    constexpr std::size_t kSlices = 120;
    static_assert(4 * kSlices <= kCurvePointsMax);
    if (points.size() <= kCurvePointsMax) {
        return points;
    }
    std::vector<PrPoint> out;
    std::size_t begin = 0;
    for (std::size_t slice = 0; slice < kSlices; ++slice) {
        const double limit = static_cast<double>(slice + 1) / kSlices;
        std::size_t end = begin;
        while (end < points.size() && (points[end].recall <= limit || slice + 1 == kSlices)) {
            ++end;
        }
        if (begin == end) {
            continue;
        }
        const auto by_precision = [](const PrPoint& a, const PrPoint& b) {
            return a.precision < b.precision;
        };
        const auto first = points.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last = points.begin() + static_cast<std::ptrdiff_t>(end);
        const auto [low, high] = std::minmax_element(first, last, by_precision);
        std::array<std::size_t, 4> kept{begin,
                                        static_cast<std::size_t>(low - points.begin()),
                                        static_cast<std::size_t>(high - points.begin()),
                                        end - 1};
        std::sort(kept.begin(), kept.end());
        for (std::size_t i = 0; i < kept.size(); ++i) {
            if (i == 0 || kept[i] != kept[i - 1]) {
                out.push_back(points[kept[i]]);
            }
        }
        begin = end;
    }
    return out;
}

/// The classes with the most rows, by code.
std::vector<std::uint32_t> largest_classes(const std::vector<ConfusionCell>& cells) {
    std::map<std::uint32_t, std::uint64_t> rows;
    for (const ConfusionCell& cell : cells) {
        rows[cell.label] += cell.count;
        rows[cell.predicted] += cell.count;
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    order.reserve(rows.size());
    for (const auto& [code, count] : rows) {
        order.emplace_back(count, code);
    }
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::vector<std::uint32_t> out;
    for (const auto& [count, code] : order) {
        if (out.size() < kConfusionClassesMax) {
            out.push_back(code);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

std::span<const CurveSpec> curves() {
    return kCurves;
}

const CurveSpec* find_curve(std::string_view name) {
    for (const CurveSpec& spec : kCurves) {
        if (spec.name == name) {
            return &spec;
        }
    }
    return nullptr;
}

const Family& curve_family(CurveKind kind, TaskBit task, const FamilyOptions& options) {
    switch (kind) {
        case CurveKind::kReliability:
            if (task == TaskBit::kMulticlass) {
                return kMulticlassProbabilityFamily;
            }
            return options.binning == FamilyOptions::Binning::kMass ? kScoreRankFamily
                                                                    : kProbabilityFamily;
        case CurveKind::kConfusion:
            return options.threshold ? kThresholdFamily : kConfusionFamily;
        case CurveKind::kScoreDistribution:
            return kScoreDistributionFamily;
        case CurveKind::kRoc:
        case CurveKind::kPr:
        case CurveKind::kThresholds:
            return kScoreRankFamily;
        case CurveKind::kResiduals:
            return kResidualsFamily;
    }
    AIML_CHECK(false);
    return kProbabilityFamily;
}

ReliabilityCurve reliability_curve(const State& state, const FinishOptions& options) {
    const double confidence = options.confidence.value_or(kConfidence);
    if (const auto* rank = dynamic_cast<const ScoreRank*>(&state)) {
        return from_mass(*rank, options.family.bins, confidence);
    }
    if (const auto* classes = dynamic_cast<const MulticlassProbability*>(&state)) {
        return from_bins(classes->top_bins(), classes->reason(), confidence);
    }
    const auto& probability = as<Probability>(state);
    return from_bins(probability.bins(), probability.reason(), confidence);
}

ConfusionCurve confusion_curve(const State& state, const FinishOptions& options) {
    const auto& confusion = as<Confusion>(state);
    const std::vector<ConfusionCell> cells = confusion.cells();
    ConfusionCurve out;
    if (cells.empty()) {
        const bool by_score = options.family.threshold.has_value();
        out.reason = confusion.labelled() == 0 ? reasons::kNoLabels
                     : by_score                ? reasons::kNoScores
                                               : reasons::kNoPredictedClasses;
        return out;
    }
    out.classes = largest_classes(cells);
    out.matrix.assign(out.classes.size(), std::vector<std::uint64_t>(out.classes.size()));
    const auto index_of = [&out](std::uint32_t code) {
        const auto at = std::lower_bound(out.classes.begin(), out.classes.end(), code);
        const bool found = at != out.classes.end() && *at == code;
        return found ? static_cast<std::size_t>(at - out.classes.begin()) : out.classes.size();
    };
    for (const ConfusionCell& cell : cells) {
        out.n += cell.count;
        const std::size_t label = index_of(cell.label);
        const std::size_t predicted = index_of(cell.predicted);
        if (label < out.classes.size() && predicted < out.classes.size()) {
            out.matrix[label][predicted] += cell.count;
        } else {
            out.left_out += cell.count;
        }
    }
    return out;
}

ScoreDistributionCurve score_distribution_curve(const State& state,
                                                const FinishOptions& /*options*/) {
    const auto bins = as<ScoreDistribution>(state).bins();
    const auto count = static_cast<double>(bins.size());
    ScoreDistributionCurve out;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        out.n += bins[i].positives + bins[i].negatives + bins[i].unlabelled;
        out.points.push_back({.lo = static_cast<double>(i) / count,
                              .hi = static_cast<double>(i + 1) / count,
                              .n_positive = bins[i].positives,
                              .n_negative = bins[i].negatives,
                              .n_unlabelled = bins[i].unlabelled});
    }
    if (out.n == 0) {
        out.points.clear();
        out.reason = reasons::kNoEventScores;
    }
    return out;
}

RocCurve roc_curve(const State& state, const FinishOptions& /*options*/) {
    const auto& rank = as<ScoreRank>(state);
    RocCurve out{.n = rank.n(), .reason = rank.reason()};
    if (!out.reason.empty()) {
        return out;
    }
    const auto positives = static_cast<double>(rank.scores().positives());
    const auto negatives = static_cast<double>(rank.scores().negatives());
    out.points.push_back({});
    for_each_kept_threshold(rank.scores(),
                            [&](std::uint64_t tp, std::uint64_t fp, double threshold) {
                                out.points.push_back({static_cast<double>(fp) / negatives,
                                                      static_cast<double>(tp) / positives,
                                                      threshold});
                            });
    return out;
}

ThresholdCurve threshold_curve(const State& state, const FinishOptions& /*options*/) {
    const auto& rank = as<ScoreRank>(state);
    ThresholdCurve out{.n = rank.n(), .reason = rank.reason()};
    if (!out.reason.empty()) {
        return out;
    }
    const std::uint64_t positives = rank.scores().positives();
    const std::uint64_t negatives = rank.scores().negatives();
    out.points.push_back(threshold_point(0, 0, positives, negatives));
    for_each_kept_threshold(rank.scores(),
                            [&](std::uint64_t tp, std::uint64_t fp, double threshold) {
                                out.points.push_back(threshold_point(tp, fp, positives, negatives));
                                out.points.back().threshold = threshold;
                            });
    return out;
}

PrCurve pr_curve(const State& state, const FinishOptions& /*options*/) {
    const auto& rank = as<ScoreRank>(state);
    PrCurve out{.n = rank.n(), .reason = rank.reason()};
    if (!out.reason.empty()) {
        return out;
    }
    const auto positives = static_cast<double>(rank.scores().positives());
    std::uint64_t tp = 0;
    std::uint64_t seen = 0;
    std::vector<PrPoint> all;
    for_each_threshold(rank.scores(), [&](std::uint64_t p, std::uint64_t n, double threshold) {
        tp += p;
        seen += p + n;
        all.push_back({static_cast<double>(tp) / positives,
                       static_cast<double>(tp) / static_cast<double>(seen),
                       threshold});
    });
    out.points = thinned(all);
    return out;
}

ResidualCurve residual_curve(const State& state, const FinishOptions& options) {
    const auto& residuals = as<Residuals>(state);
    ResidualCurve out{.n = residuals.errors().count()};
    if (out.n == 0) {
        out.reason = residuals.reason();
        return out;
    }
    for (const Sample::Bar& bar : residuals.errors().bars(options.family.bins)) {
        out.points.push_back({bar.lo, bar.hi, bar.n});
    }
    if (out.points.empty()) {
        out.reason = reasons::kNotFinite;
    }
    return out;
}

}  // namespace aiml042::metrics
