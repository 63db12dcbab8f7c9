#include "metrics/grouped_state.h"

#include <algorithm>

#include "metrics/reasons.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

GroupedDecisions::GroupedDecisions(const FamilyOptions& options)
    : positive_class_(options.positive_class), threshold_(options.threshold) {}

void GroupedDecisions::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for (const std::uint32_t i : selection) {
        if (rows.label_class[i] == kNoClass) {
            continue;
        }
        ++labelled_;
        const std::uint32_t group = rows.column_class.empty() ? kNoClass : rows.column_class[i];
        if (group == kNoClass) {
            continue;
        }
        ++grouped_;
        const bool decided =
            threshold_ ? rows.score[i] == rows.score[i] : rows.predicted_class[i] != kNoClass;
        if (!decided || positive_class_ == kNoClass) {
            continue;
        }
        if (group >= groups_.size()) {
            groups_.resize(group + 1);
        }
        const bool yes =
            threshold_ ? rows.score[i] >= *threshold_ : rows.predicted_class[i] == positive_class_;
        Decisions& into = groups_[group];
        if (rows.label_class[i] == positive_class_) {
            ++(yes ? into.tp : into.fn);
        } else {
            ++(yes ? into.fp : into.tn);
        }
    }
}

void GroupedDecisions::merge_from(const GroupedDecisions& other) {
    groups_.resize(std::max(groups_.size(), other.groups_.size()));
    for (std::size_t i = 0; i < other.groups_.size(); ++i) {
        groups_[i].tp += other.groups_[i].tp;
        groups_[i].fp += other.groups_[i].fp;
        groups_[i].fn += other.groups_[i].fn;
        groups_[i].tn += other.groups_[i].tn;
    }
    labelled_ += other.labelled_;
    grouped_ += other.grouped_;
}

std::size_t GroupedDecisions::memory_bytes() const {
    return sizeof(*this) + groups_.capacity() * sizeof(Decisions);
}

std::string_view GroupedDecisions::reason() const {
    if (labelled_ == 0) {
        return reasons::kNoLabels;
    }
    if (grouped_ == 0) {
        return reasons::kNoGroups;
    }
    return positive_class_ == kNoClass ? reasons::kNoPositiveClass : reasons::kNoPredictedClasses;
}

GroupedScores::GroupedScores(const FamilyOptions& options)
    : positive_class_(options.positive_class) {}

void GroupedScores::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    sorted_.reset();
    for (const std::uint32_t i : selection) {
        const std::uint32_t group = rows.column_class.empty() ? kNoClass : rows.column_class[i];
        const double score = rows.score[i];
        if (rows.label_class[i] == kNoClass || group == kNoClass || score != score ||
            positive_class_ == kNoClass) {
            continue;
        }
        if (group >= groups_.size()) {
            groups_.resize(group + 1);
        }
        Group& into = groups_[group];
        (rows.label_class[i] == positive_class_ ? into.positives : into.negatives).push_back(score);
    }
}

void GroupedScores::merge_from(const GroupedScores& other) {
    sorted_.reset();
    groups_.resize(std::max(groups_.size(), other.groups_.size()));
    const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    for (std::size_t i = 0; i < other.groups_.size(); ++i) {
        append(groups_[i].positives, other.groups_[i].positives);
        append(groups_[i].negatives, other.groups_[i].negatives);
    }
}

std::size_t GroupedScores::memory_bytes() const {
    std::size_t bytes = sizeof(*this) + groups_.capacity() * sizeof(Group);
    for (const Group& group : groups_) {
        bytes += (group.positives.capacity() + group.negatives.capacity()) * sizeof(double);
    }
    return bytes;
}

const std::vector<GroupedScores::Group>& GroupedScores::groups() const {
    return sorted_.get([this] {
        std::vector<Group> sorted = groups_;
        for (Group& group : sorted) {
            stats::sort_ascending(group.positives);
            stats::sort_ascending(group.negatives);
        }
        return sorted;
    });
}

constexpr Family kGroupedDecisionsFamily{
    .name = "grouped_decisions",
    .inputs =
        inputs_of({Input::kColumn, Input::kLabelClass, Input::kPredictedClass, Input::kScore}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<GroupedDecisions>(options);
    }};

constexpr Family kGroupedScoresFamily{
    .name = "grouped_scores",
    .inputs = inputs_of({Input::kColumn, Input::kLabelClass, Input::kScore}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<GroupedScores>(options);
    }};

}  // namespace aiml042::metrics
