#include "metrics/multiclass_state.h"

#include <algorithm>
#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "stats/vector_log.h"

namespace aiml042::metrics {

MulticlassProbability::MulticlassProbability(const FamilyOptions& options)
    : top_bins_(options.bins) {}

void MulticlassProbability::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    constexpr double kClip = 1e-15;
    constexpr double kSquareMax = 63.0;  // Scores that are probabilities reach 2.
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        Scratch<double, kRun + 1> likelihoods;
        Scratch<double, kRun + 1> squares;
        Scratch<double, kRun + 1> tops;
        Scratch<std::uint8_t, kRun + 1> hits;
        std::size_t likelihood_count = 0;
        std::size_t square_count = 0;
        std::size_t top_count = 0;
        for (const std::uint32_t i : run) {
            labelled_ += rows.labelled[i];
            const std::uint32_t label = rows.label_class[i];
            if (label == kNoClass) {
                continue;
            }
            const double likelihood = rows.label_class_score[i];
            likelihoods[likelihood_count] = std::min(std::max(likelihood, kClip), 1.0);
            likelihood_count += std::isnan(likelihood) ? 0U : 1U;
            const double square = rows.class_square_error[i];
            squares[square_count] = square;
            square_count += square <= kSquareMax ? 1U : 0U;
            const double top = rows.top_score[i];
            tops[top_count] = top;
            hits[top_count] = rows.top_class[i] == label ? 1U : 0U;
            top_count += top >= 0.0 && top <= 1.0 && rows.top_class[i] != kNoClass ? 1U : 0U;
        }
        const std::span<double> logs = std::span<double>(likelihoods).first(likelihood_count);
        stats::log_in_place(logs);
        for (double& value : logs) {
            value = 0.0 - value;
        }
        log_loss_.add(logs);
        brier_.add(std::span<const double>(squares).first(square_count));
        top_bins_.add(std::span<const double>(tops).first(top_count),
                      std::span<const std::uint8_t>(hits).first(top_count));
    });
}

void MulticlassProbability::merge_from(const MulticlassProbability& other) {
    labelled_ += other.labelled_;
    brier_.merge(other.brier_);
    log_loss_.merge(other.log_loss_);
    top_bins_.merge(other.top_bins_);
}

std::size_t MulticlassProbability::memory_bytes() const {
    return sizeof(*this) + top_bins_.memory_bytes() - sizeof(top_bins_);
}

std::string_view MulticlassProbability::reason() const {
    return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoScores;
}

constexpr Family kMulticlassProbabilityFamily{
    .name = "multiclass_probability",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kClassScores}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<MulticlassProbability>(options);
    }};

}  // namespace aiml042::metrics
