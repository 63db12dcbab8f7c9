// States by group: what fairness is told from. The group of a row is the text of the query's column
// (Rows::column_class).
//
// State: one entry per group that came, not per group there is. Cost: about 20 ns per row and that
// of the ordinary state. Rows without a group are left out.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/typed_state.h"

namespace aiml042::metrics {

/// One group's labelled events by decision and label.
struct Decisions {
    std::uint64_t tp = 0;
    std::uint64_t fp = 0;
    std::uint64_t fn = 0;
    std::uint64_t tn = 0;

    [[nodiscard]] std::uint64_t n() const { return tp + fp + fn + tn; }
};

/// The decision is the predicted class as sent, or score >= FamilyOptions::threshold. Rows without
/// a label class or a decision are left out.
class GroupedDecisions final : public TypedState<GroupedDecisions> {
  public:
    explicit GroupedDecisions(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const GroupedDecisions& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// One entry per group code up to the highest that came.
    [[nodiscard]] std::vector<Decisions> groups() const;

    /// Why there are no groups.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint32_t positive_class_;
    std::optional<double> threshold_;
    std::map<std::uint32_t, Decisions> groups_;
    std::uint64_t labelled_ = 0;
    std::uint64_t grouped_ = 0;  // Labelled ones with a group.
};

/// A state of an ordinary family per group.
class GroupedStates final : public TypedState<GroupedStates> {
  public:
    using Groups = std::map<std::uint32_t, std::unique_ptr<State>>;

    /// `each` must outlive it.
    GroupedStates(const Family& each, const FamilyOptions& options);
    GroupedStates(const GroupedStates& other);
    GroupedStates& operator=(const GroupedStates&) = delete;
    GroupedStates(GroupedStates&&) = delete;
    GroupedStates& operator=(GroupedStates&&) = delete;
    ~GroupedStates() override = default;

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const GroupedStates& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// By group code.
    [[nodiscard]] const Groups& groups() const { return groups_; }

    [[nodiscard]] const FamilyOptions& options() const { return options_; }

  private:
    State& group(std::uint32_t code);

    const Family& each_;
    FamilyOptions options_;
    Groups groups_;
};

extern const Family kGroupedDecisionsFamily;
extern const Family kGroupedScoresFamily;         // GroupedStates of kScoreRankFamily.
extern const Family kGroupedProbabilitiesFamily;  // GroupedStates of kProbabilityFamily.

}  // namespace aiml042::metrics
