// Drift of what features weigh in predictions.

#include "metrics/attribution_state.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"

namespace aiml042::metrics {

namespace {

Estimate drift(const State& state, const FinishOptions& options) {
    const auto& current = as<AttributionSums>(state);
    const AttributionWeights* reference = options.family.attributions.get();
    if (reference == nullptr) {
        return {.reason = reasons::kNoReference};
    }
    Estimate out{.n = current.rows()};
    std::vector<WeightPair> both;
    for (const AttributionWeight& feature : reference->features) {
        if (const auto weight = current.weight(feature.feature)) {
            both.push_back({feature.weight, *weight});
        }
    }
    out.value = attribution_drift(both);
    if (!out.value) {
        out.reason = current.rows() == 0           ? reasons::kNoAttributions
                     : reference->features.empty() ? reasons::kNoReferenceValues
                                                   : reasons::kFewAttributions;
    }
    return out;
}

constexpr MetricSpec kMetrics[] = {
    {.name = "attribution_drift",
     .title = "Drift of what features weigh",
     .group = "drift",
     .min = 0.0,
     .max = 1.0,
     .direction = -1,
     .tasks = static_cast<std::uint32_t>(TaskBit::kAny),
     .family = &kAttributionsFamily,
     .formula = "1 - DCG / best DCG, DCG the sum over features of the reference's mean absolute "
                "attribution / log2(rank + 1), ranked by the current one; features that have both",
     .source = "Jarvelin and Kekalainen (2002)",
     .finish = drift},
};

}  // namespace

std::span<const MetricSpec> attribution_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
