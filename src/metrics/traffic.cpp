// Traffic: how many events, how many of them failed.

#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/row_ratio.h"
#include "metrics/typed_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

class Traffic final : public TypedState<Traffic> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        count_ += selection.size();
        for (const std::uint32_t i : selection) {
            failed_ += rows.failed[i];
        }
    }

    void merge_from(const Traffic& other) {
        count_ += other.count_;
        failed_ += other.failed_;
    }

    [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

    [[nodiscard]] std::uint64_t count() const { return count_; }

    [[nodiscard]] std::uint64_t failed() const { return failed_; }

  private:
    std::uint64_t count_ = 0;
    std::uint64_t failed_ = 0;
};

constexpr Family kTraffic{.name = "traffic",
                          .inputs = inputs_of({Input::kFailed}),
                          .label_free = true,
                          .make = [](const FamilyOptions& /*options*/) -> std::unique_ptr<State> {
                              return std::make_unique<Traffic>();
                          }};

Estimate count(const State& state, const FinishOptions& /*options*/) {
    const std::uint64_t n = as<Traffic>(state).count();
    return {.value = static_cast<double>(n), .n = n};
}

Estimate error_rate(const State& state, const FinishOptions& options) {
    const auto& traffic = as<Traffic>(state);
    if (traffic.count() == 0) {
        return {.reason = reasons::kNoEvents};
    }
    const auto n = static_cast<double>(traffic.count());
    const auto failed = static_cast<double>(traffic.failed());
    Estimate out{.value = failed / n, .n = traffic.count()};
    if (options.confidence) {
        out.interval = stats::wilson(failed, n, *options.confidence);
    }
    return out;
}

Estimate throughput(const State& state, const FinishOptions& options) {
    const std::uint64_t n = as<Traffic>(state).count();
    if (!(options.window_seconds > 0.0)) {
        return {.n = n, .reason = reasons::kNoWindow};
    }
    Estimate out{.value = static_cast<double>(n) / options.window_seconds, .n = n};
    if (options.confidence) {
        const auto [lo, hi] = stats::poisson(n, *options.confidence);
        out.interval = {lo / options.window_seconds, hi / options.window_seconds};
    }
    return out;
}

constexpr MetricSpec kMetrics[] = {
    {.name = "count",
     .title = "Events",
     .group = "traffic",
     .unit = "events",
     .min = 0.0,
     .tasks = task_bits({TaskBit::kAny}),
     .family = &kTraffic,
     .formula = "number of events in the window, failed ones included",
     .finish = count},
    {.name = "error_rate",
     .title = "Error rate",
     .group = "traffic",
     .unit = "ratio",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = task_bits({TaskBit::kAny}),
     .family = &kTraffic,
     .formula = "events with an error_code / events",
     .interval = "Wilson",
     .finish = error_rate,
     .rows = &kErrorRateRows},
    {.name = "throughput",
     .title = "Throughput",
     .group = "traffic",
     .unit = "1/s",
     .min = 0.0,
     .tasks = task_bits({TaskBit::kAny}),
     .family = &kTraffic,
     .formula = "events / seconds of the window",
     .interval = "Garwood (Poisson)",
     .finish = throughput},
};

}  // namespace

std::span<const MetricSpec> traffic_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
