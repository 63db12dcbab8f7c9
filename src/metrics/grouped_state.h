// Binary decisions and scores by group: what fairness is told from. The group of a row is the text
// of the query's column (Rows::column_class).
//
// State: 32 bytes per group, and with scores 8 bytes per labelled event. Cost: about 4 ns per row.
// Rows without a group, a label class, or what the state counts are left out.

#pragma once

#include <cstdint>
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

/// The decision is the predicted class as sent, or score >= FamilyOptions::threshold.
class GroupedDecisions final : public TypedState<GroupedDecisions> {
  public:
    explicit GroupedDecisions(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const GroupedDecisions& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// One entry per group code up to the highest that came.
    [[nodiscard]] std::span<const Decisions> groups() const { return groups_; }

    /// Why there are no groups.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint32_t positive_class_;
    std::optional<double> threshold_;
    std::vector<Decisions> groups_;
    std::uint64_t labelled_ = 0;
    std::uint64_t grouped_ = 0;  // Labelled ones with a group.
};

/// Scores of labelled events, by group and label.
class GroupedScores final : public TypedState<GroupedScores> {
  public:
    explicit GroupedScores(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const GroupedScores& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    struct Group {
        std::vector<double> positives;
        std::vector<double> negatives;
    };

    /// One entry per group code up to the highest that came; scores ascending. Sorted at first use.
    [[nodiscard]] const std::vector<Group>& groups() const;

  private:
    std::uint32_t positive_class_;
    std::vector<Group> groups_;
    Lazy<std::vector<Group>> sorted_;
};

extern const Family kGroupedDecisionsFamily;
extern const Family kGroupedScoresFamily;

}  // namespace aiml042::metrics
