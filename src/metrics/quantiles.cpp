// Forecasts of quantiles against what came: pinball loss and coverage.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/moments.h"
#include "metrics/reasons.h"
#include "metrics/typed_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

/// Pinball losses by quantile and over all of a row, labels inside the outermost quantiles.
///
/// State: about 0.5 KiB and as much per quantile. Cost: about 15 ns per row and quantile. Rows
/// without a label value are left out, and for each quantile those that did not send it.
class Quantiles final : public TypedState<Quantiles> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for_each_run(selection, [&](std::span<const std::uint32_t> run) { update_run(rows, run); });
    }

    void merge_from(const Quantiles& other) {
        labelled_ += other.labelled_;
        covered_ += other.covered_;
        intervals_ += other.intervals_;
        all_.merge(other.all_);
        for (const Level& level : other.levels_) {
            of_level(level.quantile).merge(level.losses);
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const override {
        std::size_t bytes = sizeof(*this) + all_.memory_bytes() - sizeof(all_) +
                            (levels_.capacity() - levels_.size()) * sizeof(Level);
        for (const Level& level : levels_) {
            bytes += sizeof(Level) + level.losses.memory_bytes() - sizeof(level.losses);
        }
        return bytes;
    }

    [[nodiscard]] Estimate pinball(std::optional<double> quantile,
                                   std::optional<double> confidence) const {
        if (!quantile) {
            return all_.mean(confidence, reason());
        }
        const auto found = std::ranges::find(levels_, *quantile, &Level::quantile);
        if (found != levels_.end() && found->losses.count() > 0) {
            return found->losses.mean(confidence, reason());
        }
        return {.reason = all_.count() > 0 ? reasons::kNoSuchQuantile : reason()};
    }

    [[nodiscard]] Estimate coverage(std::optional<double> confidence) const {
        if (intervals_ == 0) {
            return {.reason = all_.count() > 0 ? reasons::kNoIntervals : reason()};
        }
        const auto covered = static_cast<double>(covered_);
        const auto n = static_cast<double>(intervals_);
        Estimate out{.value = covered / n, .n = intervals_};
        if (confidence) {
            out.interval = stats::wilson(covered, n, *confidence);
        }
        return out;
    }

  private:
    struct Level {
        double quantile = 0.0;
        Moments losses{Moments::Squares::kRounded};
    };

    /// The quantiles of a row so far, from the lowest up.
    struct Sent {
        double lowest = 0.0;
        double highest = 0.0;
        double losses = 0.0;
        std::uint32_t count = 0;
    };

    [[nodiscard]] std::string_view reason() const {
        return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoQuantiles;
    }

    Moments& of_level(double quantile) {
        auto at = std::ranges::lower_bound(levels_, quantile, {}, &Level::quantile);
        if (at == levels_.end() || at->quantile != quantile) {
            at = levels_.insert(at, Level{.quantile = quantile});
        }
        return at->losses;
    }

    void update_run(const Rows& rows, std::span<const std::uint32_t> run) {
        std::array<Sent, kRun> sent;
        Scratch<double, kRun + 1> losses;
        for (std::size_t i = 0; i < run.size(); ++i) {
            labelled_ += std::isnan(rows.label_value[run[i]]) ? 0U : 1U;
            sent[i] = {};
        }
        for (const Rows::QuantileForecasts& forecast : rows.quantiles) {
            std::size_t n = 0;
            for (std::size_t i = 0; i < run.size(); ++i) {
                const double label = rows.label_value[run[i]];
                const double value = forecast.values[run[i]];
                if (std::isnan(label) || std::isnan(value)) {
                    continue;
                }
                const double error = label - value;
                const double loss =
                    std::max(forecast.quantile * error, (forecast.quantile - 1.0) * error);
                losses[n++] = loss;
                Sent& row = sent[i];
                row.lowest = row.count == 0 ? value : row.lowest;
                row.highest = value;
                row.losses += loss;
                ++row.count;
            }
            if (n > 0) {
                of_level(forecast.quantile).add(std::span<const double>(losses).first(n));
            }
        }
        std::size_t n = 0;
        for (std::size_t i = 0; i < run.size(); ++i) {
            const Sent& row = sent[i];
            if (row.count == 0) {
                continue;
            }
            losses[n++] = row.losses / row.count;
            if (row.count >= 2) {
                const double label = rows.label_value[run[i]];
                covered_ += row.lowest <= label && label <= row.highest ? 1U : 0U;
                ++intervals_;
            }
        }
        all_.add(std::span<const double>(losses).first(n));
    }

    std::uint64_t labelled_ = 0;
    std::uint64_t covered_ = 0;
    std::uint64_t intervals_ = 0;              // Rows with two quantiles or more.
    Moments all_{Moments::Squares::kRounded};  // Mean loss of each row.
    std::vector<Level> levels_;                // Ascending.
};

constexpr Family kQuantilesFamily{
    .name = "quantiles",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelValue, Input::kQuantiles}),
    .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
        return std::make_unique<Quantiles>();
    }};

Estimate pinball(const State& state, const FinishOptions& options) {
    return as<Quantiles>(state).pinball(options.quantile, options.confidence);
}

Estimate coverage(const State& state, const FinishOptions& options) {
    return as<Quantiles>(state).coverage(options.confidence);
}

constexpr MetricSpec kMetrics[] = {
    {.name = "pinball@q",
     .parameter = MetricSpec::Parameter::kQuantile,
     .parameter_optional = true,
     .title = "Pinball loss",
     .group = "regression",
     .unit = "label unit",
     .min = 0.0,
     .direction = -1,
     .tasks = task_bits({TaskBit::kRegression}),
     .family = &kQuantilesFamily,
     .formula =
         "mean of max(q (y - f), (q - 1) (y - f)) for the forecast f of quantile q; without a "
         "q the mean over the quantiles that each event sent",
     .source = "Koenker and Bassett (1978)",
     .interval = "Student (central limit theorem)",
     .finish = pinball},
    {.name = "coverage",
     .title = "Coverage of the forecast interval",
     .group = "regression",
     .min = 0.0,
     .max = 1.0,
     .tasks = task_bits({TaskBit::kRegression}),
     .family = &kQuantilesFamily,
     .formula = "share of labels from the lowest to the highest quantile that the event sent, both "
                "included; events with fewer than two quantiles are left out; right is the nominal "
                "level, highest - lowest q",
     .interval = "Wilson",
     .finish = coverage},
};

}  // namespace

std::span<const MetricSpec> quantiles_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
