#include "metrics/estimate_grade.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aiml042::metrics {

namespace {

bool counts(const Estimate& estimate) {
    return estimate.value.has_value() && estimate.interval.has_value();
}

double half_width(const Estimate& estimate) {
    return (estimate.interval->second - estimate.interval->first) / 2;
}

}  // namespace

Grade grade(std::span<const GradedWindow> windows) {
    Grade out;
    for (const GradedWindow& window : windows) {
        if (!counts(window.estimate)) {
            continue;
        }
        const auto& [lo, hi] = *window.estimate.interval;
        const double error = *window.estimate.value - window.realised;
        ++out.windows;
        out.covered += lo <= window.realised && window.realised <= hi ? 1.0 : 0.0;
        out.error += std::fabs(error);
        out.bias += error;
    }
    if (out.windows > 0) {
        const auto n = static_cast<double>(out.windows);
        out = {out.windows, out.covered / n, out.error / n, out.bias / n};
    }
    return out;
}

std::optional<RecalibratedBand> recalibrate(const Estimate& estimate,
                                            std::span<const GradedWindow> past,
                                            double confidence,
                                            const stats::Interval& range) {
    std::vector<double> errors;
    for (const GradedWindow& window : past) {
        if (counts(window.estimate) && half_width(window.estimate) > 0.0) {
            errors.push_back(std::fabs(*window.estimate.value - window.realised) /
                             half_width(window.estimate));
        }
    }
    if (!counts(estimate) || errors.size() < kRecalibrationWindowsMin) {
        return std::nullopt;
    }
    std::ranges::sort(errors);
    const auto k = static_cast<double>(errors.size());
    const double rank = std::min(k, std::ceil(confidence * (k + 1.0)));
    const double factor = errors[static_cast<std::size_t>(rank) - 1];
    const double half = factor * half_width(estimate);
    return RecalibratedBand{.interval = {std::max(range.first, *estimate.value - half),
                                         std::min(range.second, *estimate.value + half)},
                            .factor = factor,
                            .level = rank / (k + 1.0),
                            .windows = errors.size()};
}

}  // namespace aiml042::metrics
