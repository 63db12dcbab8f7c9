// Drift of an embedding's vectors.

#include "metrics/embedding_drift.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"

namespace aiml042::metrics {

namespace {

/// An Estimate from both sides' vectors.
template <typename Fill>
Estimate of_vectors(const State& state, const FinishOptions& options, const Fill& fill) {
    const EmbeddingColumn* reference = options.family.embedding.get();
    if (reference == nullptr) {
        return {.reason = reasons::kNoReference};
    }
    if (reference->n == 0) {
        return {.reason = reasons::kNoReferenceValues};
    }
    const EmbeddingColumn current =
        EmbeddingColumn::of(as<EmbeddingSample>(state), reference->length);
    Estimate out{.n = current.n};
    if (current.n == 0) {
        out.reason = current.other > 0 ? reasons::kOtherLength : reasons::kNoValues;
        return out;
    }
    fill(*reference, current, out);
    return out;
}

Estimate cosine_shift(const State& state, const FinishOptions& options) {
    return of_vectors(
        state,
        options,
        [](const EmbeddingColumn& reference, const EmbeddingColumn& current, Estimate& out) {
            out.value = cosine_distance(reference.mean, current.mean);
            out.reason = out.value ? std::string_view() : reasons::kNoDirection;
        });
}

Estimate mmd(const State& state, const FinishOptions& options) {
    return of_vectors(
        state,
        options,
        [](const EmbeddingColumn& reference, const EmbeddingColumn& current, Estimate& out) {
            if (std::min(reference.sampled(), current.sampled()) < 2) {
                out.reason = reasons::kFewVectors;
                return;
            }
            const stats::KernelTest test =
                stats::kernel_two_sample(reference.rows(), current.rows());
            out.value = test.mmd2;
            out.p_value = test.p_value;
        });
}

constexpr MetricSpec kMetrics[] = {
    {.name = "cosine_shift",
     .title = "Shift of an embedding's centre",
     .group = "drift",
     .min = 0.0,
     .max = 2.0,
     .direction = -1,
     .tasks = static_cast<std::uint32_t>(TaskBit::kAny),
     .family = &kEmbeddingFamily,
     .formula = "1 - cosine of the mean vectors of reference and current events",
     .finish = cosine_shift},
    {.name = "mmd",
     .title = "Maximum mean discrepancy of an embedding",
     .group = "drift",
     .max = 2.0,
     .direction = -1,
     .tasks = static_cast<std::uint32_t>(TaskBit::kAny),
     .family = &kEmbeddingFamily,
     .formula = "unbiased estimate of MMD squared with the kernel exp(-|x - y|^2 / median of |x - "
                "y|^2), about 0 under no change; of at most 1,000 vectors a side, those with the "
                "smallest hashes of their request ids (fewer where longer than 1,024); p-value by "
                "permutation, below 1 in 2,001 from a gamma distribution of the draws' moments",
     .source = "Gretton et al. (2012)",
     .finish = mmd},
};

}  // namespace

std::span<const MetricSpec> embeddings_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
