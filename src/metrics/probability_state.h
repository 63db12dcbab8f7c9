// Probabilities against outcomes: Brier score, log-loss, calibration bins of equal width.
//
// State: about 130 bytes and 32 per bin; all sums are independent of order. Cost: about 14 ns
// per row. Rows without a label class or with a score outside [0, 1] are left out.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "metrics/bounded_mean.h"
#include "metrics/calibration_bins.h"
#include "metrics/typed_state.h"

namespace aiml042::metrics {

class Probability final : public TypedState<Probability> {
  public:
    explicit Probability(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const Probability& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    [[nodiscard]] const BoundedMean& brier() const { return brier_; }

    [[nodiscard]] const BoundedMean& log_loss() const { return log_loss_; }

    [[nodiscard]] const CalibrationBins& bins() const { return bins_; }

    /// Why there are no rows.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint32_t positive_class_;
    std::uint64_t labelled_ = 0;
    BoundedMean brier_;
    BoundedMean log_loss_;
    CalibrationBins bins_;
};

extern const Family kProbabilityFamily;

}  // namespace aiml042::metrics
