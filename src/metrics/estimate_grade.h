// How estimates did where labels have come since, and the bands that would have been right.
//
// Recalibrated band: split conformal over windows; the error of a window is counted in half widths
// of its band, and the band is widened or narrowed to the quantile of these errors. Pure. Source:
// V. Vovk, A. Gammerman, G. Shafer (2005); J. Lei et al. (2018).

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "metrics/metric.h"
#include "stats/interval.h"

namespace aiml042::metrics {

/// A window whose labels have come.
struct GradedWindow {
    Estimate estimate;
    double realised = 0.0;
};

struct Grade {
    std::uint64_t windows = 0;  // With a value and a band.
    double covered = 0.0;       // Share of windows whose band holds the realised value.
    double error = 0.0;         // Mean absolute.
    double bias = 0.0;          // Mean of estimate - realised.
};

[[nodiscard]] Grade grade(std::span<const GradedWindow> windows);

/// Fewer windows do not recalibrate a band.
inline constexpr std::size_t kRecalibrationWindowsMin = 5;

struct RecalibratedBand {
    stats::Interval interval = {};
    double factor = 1.0;  // Of the band's width.
    double level = 0.0;   // At least confidence, or what so few windows can promise: k / (k + 1).
    std::uint64_t windows = 0;
};

/// The band of a new window after those of `past`, within `range`. Empty: no band, or too few
/// windows.
[[nodiscard]] std::optional<RecalibratedBand> recalibrate(const Estimate& estimate,
                                                          std::span<const GradedWindow> past,
                                                          double confidence,
                                                          const stats::Interval& range);

}  // namespace aiml042::metrics
