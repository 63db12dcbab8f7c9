#include "metrics/probability_state.h"

#include <algorithm>
#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "stats/vector_log.h"

namespace aiml042::metrics {

Probability::Probability(const FamilyOptions& options)
    : positive_class_(options.positive_class), bins_(options.bins) {}

void Probability::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    constexpr double kClip = 1e-15;
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        Scratch<double, kRun + 1> scores;
        Scratch<std::uint8_t, kRun + 1> outcomes;
        Scratch<double, kRun> terms;
        std::size_t n = 0;
        std::uint64_t labelled = 0;
        for (const std::uint32_t i : run) {
            const std::uint32_t label = rows.label_class[i];
            const double score = rows.score[i];
            scores[n] = score;
            outcomes[n] = label == positive_class_ ? 1U : 0U;
            n += static_cast<unsigned>(label != kNoClass) & static_cast<unsigned>(score >= 0.0) &
                 static_cast<unsigned>(score <= 1.0);
            labelled += rows.labelled[i];
        }
        labelled_ += labelled;
        if (positive_class_ == kNoClass) {
            return;
        }
        const std::span<double> values = std::span<double>(terms).first(n);
        for (std::size_t i = 0; i < n; ++i) {
            const double error = scores[i] - outcomes[i];
            values[i] = error * error;
        }
        brier_.add(values);
        for (std::size_t i = 0; i < n; ++i) {
            const double clipped = std::min(std::max(scores[i], kClip), 1.0 - kClip);
            const double outcome =
                outcomes[i];  // 1: clipped; 0: 1 - clipped. Without a branch: outcomes are random.
            values[i] = (1.0 - outcome) + (2.0 * outcome - 1.0) * clipped;
        }
        stats::log_in_place(values);
        for (double& value : values) {
            value = -value;
        }
        log_loss_.add(values);
        bins_.add(std::span<const double>(scores).first(n),
                  std::span<const std::uint8_t>(outcomes).first(n));
    });
}

void Probability::merge_from(const Probability& other) {
    AIML_CHECK(positive_class_ == other.positive_class_);
    labelled_ += other.labelled_;
    brier_.merge(other.brier_);
    log_loss_.merge(other.log_loss_);
    bins_.merge(other.bins_);
}

std::size_t Probability::memory_bytes() const {
    return sizeof(*this) + bins_.memory_bytes() - sizeof(bins_);
}

std::string_view Probability::reason() const {
    if (positive_class_ == kNoClass) {
        return reasons::kNoPositiveClass;
    }
    return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoScores;
}

constexpr Family kProbabilityFamily{
    .name = "probability",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kScore}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        return std::make_unique<Probability>(options);
    }};

}  // namespace aiml042::metrics
