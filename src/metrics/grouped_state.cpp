#include "metrics/grouped_state.h"

#include <algorithm>

#include "metrics/probability_state.h"
#include "metrics/reasons.h"
#include "metrics/score_rank_state.h"

namespace aiml042::metrics {

namespace {

/// What an entry of a map of groups takes beside its value.
constexpr std::size_t kNodeBytes = 48;

std::uint32_t group_of(const Rows& rows, std::uint32_t row) {
    return rows.column_class.empty() ? kNoClass : rows.column_class[row];
}

}  // namespace

GroupedDecisions::GroupedDecisions(const FamilyOptions& options)
    : positive_class_(options.positive_class), threshold_(options.threshold) {}

void GroupedDecisions::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for (const std::uint32_t i : selection) {
        if (rows.label_class[i] == kNoClass) {
            continue;
        }
        ++labelled_;
        const std::uint32_t group = group_of(rows, i);
        if (group == kNoClass) {
            continue;
        }
        ++grouped_;
        const bool decided =
            threshold_ ? rows.score[i] == rows.score[i] : rows.predicted_class[i] != kNoClass;
        if (!decided || positive_class_ == kNoClass) {
            continue;
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
    for (const auto& [code, theirs] : other.groups_) {
        Decisions& into = groups_[code];
        into.tp += theirs.tp;
        into.fp += theirs.fp;
        into.fn += theirs.fn;
        into.tn += theirs.tn;
    }
    labelled_ += other.labelled_;
    grouped_ += other.grouped_;
}

std::size_t GroupedDecisions::memory_bytes() const {
    return sizeof(*this) + groups_.size() * (sizeof(Decisions) + kNodeBytes);
}

std::vector<Decisions> GroupedDecisions::groups() const {
    std::vector<Decisions> out(groups_.empty() ? 0 : groups_.rbegin()->first + 1);
    for (const auto& [code, decisions] : groups_) {
        out[code] = decisions;
    }
    return out;
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

GroupedStates::GroupedStates(const Family& each, const FamilyOptions& options)
    : each_(each), options_(options) {}

GroupedStates::GroupedStates(const GroupedStates& other)
    : TypedState(other), each_(other.each_), options_(other.options_) {
    for (const auto& [code, state] : other.groups_) {
        groups_.emplace(code, state->clone());
    }
}

void GroupedStates::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> rows_of;
    for (const std::uint32_t i : selection) {
        if (const std::uint32_t code = group_of(rows, i); code != kNoClass) {
            rows_of[code].push_back(i);
        }
    }
    for (const auto& [code, own] : rows_of) {
        group(code).update(rows, own);
    }
}

void GroupedStates::merge_from(const GroupedStates& other) {
    for (const auto& [code, state] : other.groups_) {
        group(code).merge(*state);
    }
}

std::size_t GroupedStates::memory_bytes() const {
    std::size_t bytes = sizeof(*this);
    for (const auto& [code, state] : groups_) {
        bytes += state->memory_bytes() + kNodeBytes;
    }
    return bytes;
}

State& GroupedStates::group(std::uint32_t code) {
    std::unique_ptr<State>& state = groups_[code];
    if (state == nullptr) {
        state = each_.create(options_);
    }
    return *state;
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
    .inputs = inputs_of({Input::kColumn, Input::kLabelled, Input::kLabelClass, Input::kScore}),
    .sketches = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<GroupedStates>(kScoreRankFamily, options);
    }};

constexpr Family kGroupedProbabilitiesFamily{
    .name = "grouped_probabilities",
    .inputs = inputs_of({Input::kColumn, Input::kLabelled, Input::kLabelClass, Input::kScore}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<GroupedStates>(kProbabilityFamily, options);
    }};

}  // namespace aiml042::metrics
