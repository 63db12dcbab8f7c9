// How much each feature weighs in predictions (mean absolute attribution, such as SHAP values), and
// how far the order of features has moved.
//
// State: a sum and a count per feature, about 100 bytes each. Cost: 2 ns per attribution. Source of
// the order's measure: K. Järvelin, J. Kekäläinen (2002), normalised discounted cumulative gain.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "metrics/typed_state.h"
#include "stats/exact_sum.h"

namespace aiml042::metrics {

/// The mean absolute attribution of one feature; codes are the query's.
struct AttributionWeight {
    std::uint32_t feature = 0;
    double weight = 0.0;
};

/// Of a reference, in the order of the features' names. Immutable.
struct AttributionWeights {
    std::vector<AttributionWeight> features;

    /// Equal for equal contents.
    [[nodiscard]] Hash128 name() const;
};

/// One feature's weight on both sides.
struct WeightPair {
    double reference = 0.0;
    double current = 0.0;
};

/// 1 - nDCG of the reference's weights in the order of the current ones: 0 where the two orders are
/// equal, below 1. Equal weights stand in the order given. Empty with fewer than two features, and
/// where all weights of the reference are 0.
[[nodiscard]] std::optional<double> attribution_drift(std::span<const WeightPair> features);

class AttributionSums final : public TypedState<AttributionSums> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const AttributionSums& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// Rows with at least one attribution.
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

    /// Mean absolute attribution; empty where none was sent.
    [[nodiscard]] std::optional<double> weight(std::uint32_t feature) const;

  private:
    struct Sum {
        stats::ExactSum absolute;
        std::uint64_t n = 0;
    };

    std::vector<Sum> sums_;  // By feature.
    std::uint64_t rows_ = 0;
};

extern const Family kAttributionsFamily;

}  // namespace aiml042::metrics
