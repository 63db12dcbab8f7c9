// Scores of many classes against the labelled one: log-loss, Brier score, calibration of the
// highest score.
//
// State: about 130 bytes and 32 per bin. Rows are used per sum where what it needs is there: the
// labelled class's score for the log-loss, the squared error for Brier, highest score and its class
// for calibration.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "metrics/bounded_mean.h"
#include "metrics/calibration_bins.h"
#include "metrics/typed_state.h"

namespace aiml042::metrics {

class MulticlassProbability final : public TypedState<MulticlassProbability> {
  public:
    explicit MulticlassProbability(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const MulticlassProbability& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    [[nodiscard]] const BoundedMean& brier() const { return brier_; }

    [[nodiscard]] const BoundedMean& log_loss() const { return log_loss_; }

    [[nodiscard]] const CalibrationBins& top_bins() const { return top_bins_; }

    /// Why there are no rows.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint64_t labelled_ = 0;
    BoundedMean brier_;
    BoundedMean log_loss_;
    CalibrationBins top_bins_;
};

extern const Family kMulticlassProbabilityFamily;

}  // namespace aiml042::metrics
