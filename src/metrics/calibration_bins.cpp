#include "metrics/calibration_bins.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "metrics/family.h"
#include "stats/chi_squared.h"

namespace aiml042::metrics {

namespace {

double gap(const CalibrationBins::Bin& bin) {
    const auto n = static_cast<double>(bin.n);
    return std::fabs(static_cast<double>(bin.positives) / n - bin.scores.value() / n);
}

}  // namespace

std::optional<double> calibration_p_value(std::span<const BinTally> bins) {
    constexpr double kVarianceMin = 5.0;

    struct Pool {
        double miss = 0.0;
        double variance = 0.0;
    };

    std::vector<Pool> pools;
    Pool open;
    for (const BinTally& bin : bins) {
        open.miss += bin.positives - bin.scores;
        open.variance += bin.n > 0.0 ? bin.scores * (1.0 - bin.scores / bin.n) : 0.0;
        if (open.variance >= kVarianceMin) {
            pools.push_back(open);
            open = {};
        }
    }
    if (pools.empty()) {
        return std::nullopt;
    }
    pools.back().miss += open.miss;
    pools.back().variance += open.variance;
    double statistic = 0.0;
    for (const Pool& pool : pools) {
        statistic += pool.miss * pool.miss / pool.variance;
    }
    return stats::chi_squared_survival(statistic, static_cast<double>(pools.size()));
}

CalibrationBins::CalibrationBins(std::uint32_t bins) : bins_(bins) {
    AIML_CHECK(bins >= 1 && bins <= kBinsMax);
}

// Neighbouring rows go to different halves of the scratch, so that two rows of one bin need not
// wait for each other.
void CalibrationBins::add(std::span<const double> scores, std::span<const std::uint8_t> outcomes) {
    constexpr std::size_t kScratchBins = 32;
    constexpr std::size_t kRows = 2'048;  // Sums of digits stay in 63 bits.

    struct Scratch {
        std::uint64_t counts = 0;  // n in the low half, positives in the high half.
        std::int64_t high = 0;
        std::int64_t low = 0;
    };

    const auto count = static_cast<double>(bins_.size());
    const std::size_t last = bins_.size() - 1;
    if (bins_.size() > kScratchBins || scores.size() < 4 * kScratchBins) {
        for (std::size_t i = 0; i < scores.size(); ++i) {
            Bin& bin = bins_[std::min(last, static_cast<std::size_t>(scores[i] * count))];
            ++bin.n;
            bin.positives += outcomes[i];
            bin.scores.add(scores[i]);
        }
        return;
    }
    while (!scores.empty()) {
        const std::size_t n = std::min(kRows, scores.size());
        std::array<Scratch, 2 * kScratchBins> scratch;
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t bin = std::min(
                last, static_cast<std::size_t>(static_cast<std::int64_t>(scores[i] * count)));
            Scratch& to = scratch[2 * bin + (i & 1)];
            const auto digits = stats::FixedSum::split(scores[i]);
            to.counts += 1 + (static_cast<std::uint64_t>(outcomes[i]) << 32);
            to.high += digits.high;
            to.low += digits.low;
        }
        for (std::size_t i = 0; i < 2 * bins_.size(); ++i) {
            Bin& bin = bins_[i / 2];
            bin.n += scratch[i].counts & 0xFFFF'FFFF;
            bin.positives += scratch[i].counts >> 32;
            bin.scores.add({scratch[i].high, scratch[i].low});
        }
        scores = scores.subspan(n);
        outcomes = outcomes.subspan(n);
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

std::optional<double> CalibrationBins::p_value() const {
    std::vector<BinTally> tallies;
    tallies.reserve(bins_.size());
    for (const Bin& bin : bins_) {
        tallies.push_back(
            {static_cast<double>(bin.n), static_cast<double>(bin.positives), bin.scores.value()});
    }
    return calibration_p_value(tallies);
}

std::optional<BrierParts> CalibrationBins::brier_parts() const {
    const auto all = static_cast<double>(n());
    if (all == 0.0) {
        return std::nullopt;
    }
    const double base = static_cast<double>(positives()) / all;
    BrierParts out{.uncertainty = base * (1.0 - base)};
    for (const Bin& bin : bins_) {
        if (bin.n > 0) {
            const auto rows = static_cast<double>(bin.n);
            const double away = static_cast<double>(bin.positives) / rows - base;
            out.reliability += rows / all * gap(bin) * gap(bin);
            out.resolution += rows / all * away * away;
        }
    }
    return out;
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
