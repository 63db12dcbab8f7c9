// How scores are spread, by class and for events without a label, in bins of equal width over [0,
// 1].
//
// State: 24 bytes per bin. Scores below 0 count as 0, above 1 as 1.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/typed_state.h"

namespace aiml042::metrics {

class ScoreDistribution final : public TypedState<ScoreDistribution> {
  public:
    struct Bin {
        std::uint64_t positives = 0;
        std::uint64_t negatives = 0;
        std::uint64_t unlabelled = 0;
    };

    explicit ScoreDistribution(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const ScoreDistribution& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    [[nodiscard]] std::span<const Bin> bins() const { return bins_; }

  private:
    std::uint32_t positive_class_;
    std::vector<Bin> bins_;
};

extern const Family kScoreDistributionFamily;

}  // namespace aiml042::metrics
