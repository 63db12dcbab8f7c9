#include "metrics/calibration_bins.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "metrics/family.h"

namespace aiml042::metrics {

namespace {

double gap(const CalibrationBins::Bin& bin) {
    const auto n = static_cast<double>(bin.n);
    return std::fabs(static_cast<double>(bin.positives) / n - bin.scores.value() / n);
}

}  // namespace

CalibrationBins::CalibrationBins(std::uint32_t bins) : bins_(bins) { AIML_CHECK(bins >= 1 && bins <= kBinsMax); }

void CalibrationBins::add(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    const auto count = static_cast<double>(bins_.size());
    const std::size_t last = bins_.size() - 1;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        AIML_DCHECK(scores[i] >= 0.0 && scores[i] <= 1.0);
        Bin& bin = bins_[std::min(last, static_cast<std::size_t>(scores[i] * count))];
        ++bin.n;
        bin.positives += outcomes[i];
        bin.scores.add(scores[i]);
    }
}

void CalibrationBins::merge(const CalibrationBins& other) {
    AIML_CHECK(bins_.size() == other.bins_.size());
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        bins_[i].n += other.bins_[i].n;
        bins_[i].positives += other.bins_[i].positives;
        bins_[i].scores.merge(other.bins_[i].scores);
    }
}

std::uint64_t CalibrationBins::n() const {
    std::uint64_t sum = 0;
    for (const Bin& bin : bins_) {
        sum += bin.n;
    }
    return sum;
}

std::uint64_t CalibrationBins::positives() const {
    std::uint64_t sum = 0;
    for (const Bin& bin : bins_) {
        sum += bin.positives;
    }
    return sum;
}

std::optional<double> CalibrationBins::expected_error() const {
    const auto all = static_cast<double>(n());
    if (all == 0.0) {
        return std::nullopt;
    }
    double sum = 0.0;
    for (const Bin& bin : bins_) {
        sum += std::fabs(static_cast<double>(bin.positives) - bin.scores.value());
    }
    return sum / all;
}

std::optional<double> CalibrationBins::debiased_error() const {
    const auto all = static_cast<double>(n());
    if (all == 0.0) {
        return std::nullopt;
    }
    double sum = 0.0;
    for (const Bin& bin : bins_) {
        if (bin.n >= 2) {
            const auto rows = static_cast<double>(bin.n);
            const double rate = static_cast<double>(bin.positives) / rows;
            sum += rows / all * (gap(bin) * gap(bin) - rate * (1.0 - rate) / (rows - 1.0));
        }
    }
    return std::sqrt(std::max(0.0, sum));
}

std::optional<double> CalibrationBins::largest_error() const {
    std::optional<double> largest;
    for (const Bin& bin : bins_) {
        if (bin.n > 0) {
            largest = std::max(largest.value_or(0.0), gap(bin));
        }
    }
    return largest;
}

}  // namespace aiml042::metrics
