#include "metrics/score_rank_state.h"

#include <algorithm>
#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

RankedScores::RankedScores(bool exact) : may_sketch_(!exact) {}

void RankedScores::add(std::span<const double> scores, bool positive) {
    ranking_.reset();
    if (histogram_) {
        histogram_->add(scores, positive);
        return;
    }
    auto& kept = positive ? positive_scores_ : negative_scores_;
    kept.insert(kept.end(), scores.begin(), scores.end());
    (positive ? positive_sorted_ : negative_sorted_).reset();
    if (may_sketch_ && positive_scores_.size() + negative_scores_.size() > kKeptMax) {
        to_histogram();
    }
}

void RankedScores::to_histogram() {
    histogram_.emplace();
    histogram_->add(positive_scores_, true);
    histogram_->add(negative_scores_, false);
    positive_scores_ = {};
    negative_scores_ = {};
    positive_sorted_.reset();
    negative_sorted_.reset();
}

void RankedScores::merge(const RankedScores& other) {
    AIML_CHECK(may_sketch_ == other.may_sketch_);
    if (other.histogram_) {
        if (!histogram_) {
            to_histogram();
        }
        histogram_->merge(*other.histogram_);
        ranking_.reset();
    } else {
        add(other.positive_scores_, true);
        add(other.negative_scores_, false);
    }
}

std::uint64_t RankedScores::positives() const {
    return histogram_ ? histogram_->positives() : positive_scores_.size();
}

std::uint64_t RankedScores::negatives() const {
    return histogram_ ? histogram_->negatives() : negative_scores_.size();
}

const std::vector<double>& RankedScores::sorted(bool positive) const {
    AIML_CHECK(exact());
    return (positive ? positive_sorted_ : negative_sorted_).get([this, positive] {
        auto copy = positive ? positive_scores_ : negative_scores_;
        stats::sort_ascending(copy);
        return copy;
    });
}

const stats::BinaryRanking& RankedScores::ranking() const {
    return ranking_.get([this] {
        return histogram_ ? stats::rank_bins(histogram_->occupied())
                          : stats::rank_sorted(sorted(true), sorted(false));
    });
}

std::size_t RankedScores::memory_bytes() const {
    return sizeof(*this) +
           (positive_scores_.capacity() + negative_scores_.capacity()) * sizeof(double) +
           (histogram_ ? histogram_->memory_bytes() - sizeof(*histogram_) : 0);
}

ScoreRank::ScoreRank(const FamilyOptions& options)
    : positive_class_(options.positive_class), scores_(options.exact) {}

void ScoreRank::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        // Both arrays are written for every row; only the one the row belongs to moves on.
        Scratch<double, kRun + 1> negatives;
        Scratch<double, kRun + 1> positives;
        std::size_t negative_count = 0;
        std::size_t positive_count = 0;
        std::uint64_t labelled = 0;
        for (const std::uint32_t i : run) {
            const std::uint32_t label = rows.label_class[i];
            const double score = rows.score[i];
            const std::size_t present =
                static_cast<unsigned>(label != kNoClass) & static_cast<unsigned>(score == score);
            const std::size_t positive = label == positive_class_ ? 1U : 0U;
            negatives[negative_count] = score;
            positives[positive_count] = score;
            negative_count += present & (positive ^ 1U);
            positive_count += present & positive;
            labelled += rows.labelled[i];
        }
        labelled_ += labelled;
        if (positive_class_ != kNoClass) {
            scores_.add(std::span<const double>(negatives).first(negative_count), false);
            scores_.add(std::span<const double>(positives).first(positive_count), true);
        }
    });
}

void ScoreRank::merge_from(const ScoreRank& other) {
    AIML_CHECK(positive_class_ == other.positive_class_);
    scores_.merge(other.scores_);
    labelled_ += other.labelled_;
}

std::size_t ScoreRank::memory_bytes() const {
    return sizeof(*this) + scores_.memory_bytes() - sizeof(scores_);
}

std::string_view ScoreRank::reason() const {
    if (positive_class_ == kNoClass) {
        return reasons::kNoPositiveClass;
    }
    if (labelled_ == 0) {
        return reasons::kNoLabels;
    }
    if (n() == 0) {
        return reasons::kNoScores;
    }
    return scores_.positives() == 0 || scores_.negatives() == 0 ? reasons::kOneClass
                                                                : std::string_view();
}

constexpr Family kScoreRankFamily{
    .name = "score_rank",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kScore}),
    .sketches = true,
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<ScoreRank>(options);
    }};

namespace {

/// Equal scores together (or those of one histogram bin), ascending.
struct Group {
    double lo;
    double hi;
    double positives;
    double n;
};

std::vector<Group> groups_of(const RankedScores& scores) {
    std::vector<Group> out;
    if (!scores.exact()) {
        for (const auto& bin : scores.histogram().occupied()) {
            out.push_back({bin.lo,
                           bin.hi,
                           static_cast<double>(bin.positives),
                           static_cast<double>(bin.positives + bin.negatives)});
        }
        return out;
    }
    const auto& positives = scores.sorted(true);
    const auto& negatives = scores.sorted(false);
    std::size_t i = 0;
    std::size_t k = 0;
    while (i < positives.size() || k < negatives.size()) {
        const bool from_positives =
            k == negatives.size() || (i < positives.size() && positives[i] <= negatives[k]);
        const double score = from_positives ? positives[i] : negatives[k];
        const std::size_t begin = i + k;
        const std::size_t first_positive = i;
        while (i < positives.size() && positives[i] == score) {
            ++i;
        }
        while (k < negatives.size() && negatives[k] == score) {
            ++k;
        }
        out.push_back({score,
                       score,
                       static_cast<double>(i - first_positive),
                       static_cast<double>(i + k - begin)});
    }
    return out;
}

}  // namespace

TopPositives top_positives(const RankedScores& scores, std::uint64_t rows) {
    TopPositives out;
    double room = static_cast<double>(rows);
    const auto take = [&](double positives, double n) {
        const double taken = std::min(room, n);
        const double share = taken < n ? positives * (taken / n) : positives;
        out.count += share;
        if (!scores.exact()) {
            const double most = std::min(positives, taken);
            const double least = std::max(0.0, positives - (n - taken));
            out.error_bound =
                std::max(most - share, share - least);  // Only the cut bin's is not 0.
        }
        room -= taken;
    };
    if (!scores.exact()) {
        const auto bins = scores.histogram().occupied();
        for (auto bin = bins.rbegin(); bin != bins.rend() && room > 0.0; ++bin) {
            take(static_cast<double>(bin->positives),
                 static_cast<double>(bin->positives + bin->negatives));
        }
        return out;
    }
    auto positive = scores.sorted(true).rbegin();
    auto negative = scores.sorted(false).rbegin();
    const auto positive_end = scores.sorted(true).rend();
    const auto negative_end = scores.sorted(false).rend();
    while (room > 0.0 && (positive != positive_end || negative != negative_end)) {
        const bool from_positives =
            negative == negative_end || (positive != positive_end && *positive >= *negative);
        const double score = from_positives ? *positive : *negative;
        double positives = 0.0;
        double n = 0.0;
        for (; positive != positive_end && *positive == score; ++positive) {
            positives += 1.0;
        }
        for (; negative != negative_end && *negative == score; ++negative) {
            n += 1.0;
        }
        take(positives, n + positives);
    }
    return out;
}

std::vector<MassBin> mass_bins(const RankedScores& scores, std::uint32_t bins) {
    const std::uint64_t n = scores.positives() + scores.negatives();
    const std::vector<Group> groups = groups_of(scores);
    std::vector<MassBin> out;
    std::size_t at = 0;
    double used = 0.0;  // Rows of groups[at] that earlier bins took.
    for (std::uint64_t b = 0; b < std::min<std::uint64_t>(bins, n); ++b) {
        const std::uint64_t rows = n / bins + (b < n % bins ? 1 : 0);
        MassBin bin{.n = static_cast<double>(rows), .lo = groups[at].lo};
        double room = bin.n;
        long double score_sum = 0.0L;
        long double width_sum = 0.0L;
        double shared = 0.0;
        while (room > 0.0) {
            const Group& group = groups[at];
            const double take = std::min(room, group.n - used);
            score_sum += static_cast<long double>(take) *
                         (static_cast<long double>(group.lo) + static_cast<long double>(group.hi)) /
                         2.0L;
            width_sum += static_cast<long double>(take) *
                         static_cast<long double>(group.hi - group.lo) / 2.0L;
            bin.positives += group.positives * (take / group.n);
            bin.hi = group.hi;
            shared += take < group.n ? take : 0.0;
            room -= take;
            used += take;
            if (used == group.n) {
                ++at;
                used = 0.0;
            }
        }
        bin.mean_score = static_cast<double>(score_sum / static_cast<long double>(bin.n));
        if (!scores.exact()) {  // Mean score within the bins' half widths; labels of cut bins may
                                // lie either way.
            bin.error_bound =
                static_cast<double>((2.0L * width_sum + static_cast<long double>(shared)) /
                                    static_cast<long double>(bin.n));
        }
        out.push_back(bin);
    }
    return out;
}

}  // namespace aiml042::metrics
