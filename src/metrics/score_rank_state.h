// Scores by class: all of them (exact) or a histogram with bounds. Answers what depends on their
// order: ROC AUC, average precision, KS, ROC and precision-recall points, equal-mass calibration
// bins.
//
// State: 8 bytes per labelled score, or about 10 to 100 KiB. Cost: about 5 ns per row,
// 37 ns per score once at the end. Rows without a label class or a score are left out.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/metric.h"
#include "metrics/typed_state.h"
#include "stats/binary_ranking.h"
#include "stats/score_histogram.h"

namespace aiml042::metrics {

/// Scores of two classes. With `exact` false they become a histogram once there are more than
/// kKeptMax of them; which of the two it is depends on the number of scores alone, so cuts and
/// merges do not matter.
class RankedScores {
  public:
    static constexpr std::size_t kKeptMax = 512;

    explicit RankedScores(bool exact);

    /// NaN must not come.
    void add(std::span<const double> scores, bool positive);
    void merge(const RankedScores& other);

    [[nodiscard]] std::uint64_t positives() const;
    [[nodiscard]] std::uint64_t negatives() const;

    [[nodiscard]] bool exact() const { return !histogram_.has_value(); }

    /// Ascending scores of a class; only when exact(). Sorted at first use.
    [[nodiscard]] const std::vector<double>& sorted(bool positive) const;

    /// Only when not exact().
    [[nodiscard]] const stats::ScoreHistogram& histogram() const { return *histogram_; }

    /// Both classes must occur. Computed at first use.
    [[nodiscard]] const stats::BinaryRanking& ranking() const;

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    void to_histogram();

    bool may_sketch_;
    std::vector<double> positive_scores_;
    std::vector<double> negative_scores_;
    std::optional<stats::ScoreHistogram> histogram_;
    Lazy<std::vector<double>> positive_sorted_;
    Lazy<std::vector<double>> negative_sorted_;
    Lazy<stats::BinaryRanking> ranking_;
};

class ScoreRank final : public TypedState<ScoreRank> {
  public:
    explicit ScoreRank(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const ScoreRank& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    [[nodiscard]] const RankedScores& scores() const { return scores_; }

    [[nodiscard]] std::uint64_t n() const { return scores_.positives() + scores_.negatives(); }

    /// Why there is no answer for two classes; empty when there is one.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint32_t positive_class_;
    RankedScores scores_;
    std::uint64_t labelled_ = 0;
};

extern const Family kScoreRankFamily;

/// ece and mce with FamilyOptions::Binning::kMass, on a ScoreRank state.
[[nodiscard]] Estimate ece_by_mass(const State& state, const FinishOptions& options);
[[nodiscard]] Estimate mce_by_mass(const State& state, const FinishOptions& options);

/// Positives among the highest scores.
struct TopPositives {
    double count = 0.0;  // Not whole where the scores at the cut are equal.
    double error_bound = 0.0;
};

/// Among the `rows` (at most as many as there are) highest scores. Equal scores on both sides of
/// the cut count with their common share of positives; in a histogram the scores of the cut bin do,
/// and the bound holds whichever of them are above the cut.
[[nodiscard]] TopPositives top_positives(const RankedScores& scores, std::uint64_t rows);

/// One calibration bin of (nearly) equal numbers of scores.
struct MassBin {
    double n = 0.0;
    double lo = 0.0;  // Lowest and highest score.
    double hi = 0.0;
    double mean_score = 0.0;
    double positives =
        0.0;  // Not whole where equal scores straddle two bins: they are shared out evenly.
    double error_bound = 0.0;  // Of |mean label - mean score|; 0 from exact scores.
};

/// `bins` runs of the scores in ascending order, as numpy.array_split cuts them (the first n mod
/// bins are one longer); at most n of them. Equal scores on both sides of a cut count with their
/// common share of positives, so the answer does not depend on an order that the scores do not
/// have.
[[nodiscard]] std::vector<MassBin> mass_bins(const RankedScores& scores, std::uint32_t bins);

}  // namespace aiml042::metrics
