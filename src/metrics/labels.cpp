// Labels: which share of the events has one, and how long they took.

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/row_ratio.h"
#include "metrics/sample.h"
#include "metrics/typed_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

class LabelCoverage final : public TypedState<LabelCoverage> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        count_ += selection.size();
        for (const std::uint32_t i : selection) {
            labelled_ += rows.labelled[i];
        }
    }

    void merge_from(const LabelCoverage& other) {
        count_ += other.count_;
        labelled_ += other.labelled_;
    }

    [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

    [[nodiscard]] std::uint64_t count() const { return count_; }

    [[nodiscard]] std::uint64_t labelled() const { return labelled_; }

  private:
    std::uint64_t count_ = 0;
    std::uint64_t labelled_ = 0;
};

class LabelDelay final : public TypedState<LabelDelay> {
  public:
    explicit LabelDelay(const FamilyOptions& options) : delays_(options.exact) {}

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for_each_run(selection, [&](std::span<const std::uint32_t> run) {
            Scratch<double, kRun> values;
            std::size_t n = 0;
            for (const std::uint32_t i : run) {
                const double value = rows.label_delay_s[i];
                values[n] = value;
                n += std::isnan(value) ? 0U : 1U;
            }
            delays_.add(std::span<const double>(values).first(n));
        });
    }

    void merge_from(const LabelDelay& other) { delays_.merge(other.delays_); }

    [[nodiscard]] std::size_t memory_bytes() const override { return delays_.memory_bytes(); }

    [[nodiscard]] const Sample& delays() const { return delays_; }

  private:
    Sample delays_;
};

constexpr Family kLabelCoverage{
    .name = "label_coverage",
    .inputs = inputs_of({Input::kLabelled}),
    .make = [](const FamilyOptions& /*options*/) -> std::unique_ptr<State> {
        return std::make_unique<LabelCoverage>();
    }};

constexpr Family kLabelDelay{.name = "label_delay",
                             .inputs = inputs_of({Input::kLabelDelay}),
                             .sketches = true,
                             .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
                                 return std::make_unique<LabelDelay>(options);
                             }};

Estimate coverage(const State& state, const FinishOptions& options) {
    const auto& labels = as<LabelCoverage>(state);
    if (labels.count() == 0) {
        return {.reason = reasons::kNoEvents};
    }
    const auto n = static_cast<double>(labels.count());
    const auto labelled = static_cast<double>(labels.labelled());
    Estimate out{.value = labelled / n, .n = labels.count()};
    if (options.confidence) {
        out.interval = stats::wilson(labelled, n, *options.confidence);
    }
    return out;
}

Estimate median_delay(const State& state, const FinishOptions& options) {
    return as<LabelDelay>(state).delays().quantile(
        0.5, false, options.confidence, reasons::kNoLabels);
}

constexpr MetricSpec kMetrics[] = {
    {.name = "label_coverage",
     .title = "Label coverage",
     .group = "labels",
     .unit = "ratio",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kAny}),
     .family = &kLabelCoverage,
     .formula = "events with a label / events",
     .interval = "Wilson",
     .finish = coverage,
     .rows = &kLabelCoverageRows},
    {.name = "label_delay_p50",
     .title = "Median label delay",
     .group = "labels",
     .unit = "s",
     .direction = -1,
     .tasks = task_bits({TaskBit::kAny}),
     .family = &kLabelDelay,
     .formula = "median of label_ts - timestamp over labelled events",
     .interval = "order statistics (binomial)",
     .finish = median_delay},
};

}  // namespace

std::span<const MetricSpec> labels_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
