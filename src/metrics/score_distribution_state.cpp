#include "metrics/score_distribution_state.h"

#include <algorithm>
#include <cmath>

namespace aiml042::metrics {

ScoreDistribution::ScoreDistribution(const FamilyOptions& options)
    : positive_class_(options.positive_class), bins_(options.bins) {
    AIML_CHECK(options.bins >= 1 && options.bins <= kBinsMax);
}

void ScoreDistribution::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    const auto count = static_cast<double>(bins_.size());
    const std::size_t last = bins_.size() - 1;
    for (const std::uint32_t i : selection) {
        const double score = rows.score[i];
        if (std::isnan(score)) {
            continue;
        }
        Bin& bin =
            bins_[std::min(last, static_cast<std::size_t>(std::clamp(score, 0.0, 1.0) * count))];
        const std::uint32_t label = rows.label_class[i];
        if (label == kNoClass) {
            ++bin.unlabelled;
        } else if (label == positive_class_) {
            ++bin.positives;
        } else {
            ++bin.negatives;
        }
    }
}

void ScoreDistribution::merge_from(const ScoreDistribution& other) {
    AIML_CHECK(bins_.size() == other.bins_.size() && positive_class_ == other.positive_class_);
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        bins_[i].positives += other.bins_[i].positives;
        bins_[i].negatives += other.bins_[i].negatives;
        bins_[i].unlabelled += other.bins_[i].unlabelled;
    }
}

std::size_t ScoreDistribution::memory_bytes() const {
    return sizeof(*this) + bins_.capacity() * sizeof(Bin);
}

constexpr Family kScoreDistributionFamily{
    .name = "score_distribution",
    .inputs = inputs_of({Input::kScore, Input::kLabelClass}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<ScoreDistribution>(options);
    }};

}  // namespace aiml042::metrics
