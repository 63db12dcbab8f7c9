// DDM: warns, and then calls a change, when an error rate rises above the lowest it was, in its own
// standard errors.
//
// State: 40 bytes. Cost: about 5 ns per value. After a change it begins anew. With no error among
// the first 31 values the lowest standard error is 0, so the first error is a change: that is the
// method. Source: J. Gama, P. Medas, G. Castillo, P. Rodrigues (2004), "Learning with drift
// detection"; constants 2, 3 and 30 of that paper.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "stats/change.h"

namespace aiml042::stats {

class Ddm {
  public:
    static constexpr double kWarning = 2.0;
    static constexpr double kDrift = 3.0;
    static constexpr std::uint64_t kRowsMin = 30;

    /// A change: the lowest rate, and that since the warning zone was entered (of this value, where
    /// there was none).
    std::optional<Change> update(bool error);

    /// Whether the last value left it in the warning zone.
    [[nodiscard]] bool warning() const { return warning_; }

  private:
    std::uint64_t n_ = 0;
    std::uint64_t errors_ = 0;
    double rate_min_ = 0.0;
    double deviation_min_ = 0.0;
    double least_ = std::numeric_limits<double>::infinity();  // Of rate + deviation.
    bool warning_ = false;
    std::uint64_t n_before_warning_ = 0;
    std::uint64_t errors_before_warning_ = 0;
};

}  // namespace aiml042::stats
