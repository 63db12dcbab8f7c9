// Latency: mean and percentiles of latency_ms, over the events that have one.

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/moments.h"
#include "metrics/reasons.h"
#include "metrics/row_ratio.h"
#include "metrics/sample.h"
#include "metrics/typed_state.h"

namespace aiml042::metrics {

namespace {

class Latency final : public TypedState<Latency> {
  public:
    explicit Latency(const FamilyOptions& options) : sample_(options.exact) {}

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for_each_run(selection, [&](std::span<const std::uint32_t> run) {
            Scratch<double, kRun> values;
            std::size_t n = 0;
            for (const std::uint32_t i : run) {
                const double value = rows.latency_ms[i];
                values[n] = value;
                n += std::isnan(value) ? 0U : 1U;
            }
            const std::span<const double> present = std::span<const double>(values).first(n);
            moments_.add(present);
            sample_.add(present);
        });
    }

    void merge_from(const Latency& other) {
        moments_.merge(other.moments_);
        sample_.merge(other.sample_);
    }

    [[nodiscard]] std::size_t memory_bytes() const override {
        return moments_.memory_bytes() + sample_.memory_bytes();
    }

    [[nodiscard]] const Moments& moments() const { return moments_; }

    [[nodiscard]] const Sample& sample() const { return sample_; }

  private:
    Moments moments_;
    Sample sample_;
};

constexpr Family kLatency{.name = "latency",
                          .inputs = inputs_of({Input::kLatency}),
                          .sketches = true,
                          .label_free = true,
                          .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
                              return std::make_unique<Latency>(options);
                          }};

Estimate mean(const State& state, const FinishOptions& options) {
    return as<Latency>(state).moments().mean(options.confidence, reasons::kNoLatencies);
}

template <int kPercent>
Estimate percentile(const State& state, const FinishOptions& options) {
    return as<Latency>(state).sample().quantile(
        kPercent / 100.0, false, options.confidence, reasons::kNoLatencies);
}

constexpr MetricSpec latency_spec(std::string_view name,
                                  std::string_view title,
                                  std::string_view formula,
                                  Finish finish) {
    return {.name = name,
            .title = title,
            .group = "latency",
            .unit = "ms",
            .min = 0.0,
            .direction = -1,
            .tasks = task_bits({TaskBit::kAny}),
            .family = &kLatency,
            .formula = formula,
            .interval = "order statistics (binomial)",
            .finish = finish};
}

constexpr MetricSpec mean_spec() {
    MetricSpec spec = latency_spec("latency_mean", "Mean latency", "mean(latency_ms)", mean);
    spec.interval = "Student (central limit theorem)";
    spec.rows = &kLatencyMeanRows;
    return spec;
}

constexpr MetricSpec kMetrics[] = {
    mean_spec(),
    latency_spec("latency_p50",
                 "Median latency",
                 "0.50 quantile of latency_ms, linear between neighbours",
                 percentile<50>),
    latency_spec("latency_p95",
                 "P95 latency",
                 "0.95 quantile of latency_ms, linear between neighbours",
                 percentile<95>),
    latency_spec("latency_p99",
                 "P99 latency",
                 "0.99 quantile of latency_ms, linear between neighbours",
                 percentile<99>),
};

}  // namespace

std::span<const MetricSpec> latency_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
