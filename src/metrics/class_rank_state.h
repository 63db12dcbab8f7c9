// One-vs-rest order of scores for many classes: a RankedScores per class.
//
// State: per class 8 bytes per labelled score, or a histogram. Cost: rows times classes, about 2 ns
// each. A row enters a class where it has a label class and a score for that class.

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/score_rank_state.h"
#include "metrics/typed_state.h"

namespace aiml042::metrics {

class ClassRank final : public TypedState<ClassRank> {
  public:
    explicit ClassRank(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const ClassRank& other);
    [[nodiscard]] std::size_t memory_bytes() const override;
    [[nodiscard]] std::vector<std::uint32_t> classes() const override;

    /// By class code.
    [[nodiscard]] const std::map<std::uint32_t, RankedScores>& scores() const { return scores_; }

    /// Labelled rows with a score for at least one class.
    [[nodiscard]] std::uint64_t n() const { return n_; }

    /// Why there are no rows.
    [[nodiscard]] std::string_view reason() const;

  private:
    bool exact_;
    std::map<std::uint32_t, RankedScores> scores_;
    std::uint64_t labelled_ = 0;
    std::uint64_t n_ = 0;
};

extern const Family kClassRankFamily;

/// ROC AUC of every class against the rest: the unweighted mean (kMacro), weighted by labels
/// (kWeighted), or of the class FinishOptions::family.positive_class (kBinary).
[[nodiscard]] Estimate one_vs_rest_auc(const State& state, const FinishOptions& options);

}  // namespace aiml042::metrics
