// Errors of a regression one by one, or in a log-linear histogram: their median size, their
// distribution.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "metrics/sample.h"
#include "metrics/typed_state.h"

namespace aiml042::metrics {

class Residuals final : public TypedState<Residuals> {
  public:
    explicit Residuals(const FamilyOptions& options);

    void update(const Rows& rows, std::span<const std::uint32_t> selection) override;
    void merge_from(const Residuals& other);
    [[nodiscard]] std::size_t memory_bytes() const override;

    /// prediction - label of every row with both.
    [[nodiscard]] const Sample& errors() const { return errors_; }

    /// Why there are no rows.
    [[nodiscard]] std::string_view reason() const;

  private:
    std::uint64_t labelled_ = 0;
    Sample errors_;
};

extern const Family kResidualsFamily;

}  // namespace aiml042::metrics
