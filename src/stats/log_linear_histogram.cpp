#include "stats/log_linear_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace aiml042::stats {

namespace {

using Quantile = LogLinearHistogram::Quantile;
using Bin = LogLinearHistogram::Bin;

/// Middle of the bin that holds the k-th smallest; bins ascending.
Quantile middle_of(const std::vector<Bin>& bins, std::uint64_t k) {
    for (const Bin& bin : bins) {
        if (k < bin.count) {
            return {bin.lo + (bin.hi - bin.lo) / 2, (bin.hi - bin.lo) / 2};
        }
        k -= bin.count;
    }
    AIML_CHECK(false);
    return {};
}

Quantile interpolate(const std::vector<Bin>& bins, std::uint64_t count, double q) {
    const double position = q * static_cast<double>(count - 1);
    const auto below = std::min(count - 1, static_cast<std::uint64_t>(position));
    const Quantile a = middle_of(bins, below);
    const double part = position - static_cast<double>(below);
    if (part <= 0.0 || below + 1 == count) {
        return a;
    }
    const Quantile b = middle_of(bins, below + 1);
    return {a.value + part * (b.value - a.value), std::max(a.error_bound, b.error_bound)};
}

}  // namespace

std::size_t LogLinearHistogram::bin_of(double value) {
    constexpr auto kBase = static_cast<std::uint64_t>(1023 + kExponentMin) << kMantissaBits;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t size = (bits & ~(1ULL << 63)) >> (52 - kMantissaBits);
    if (size < kBase) {
        return kZeroBin;
    }
    const std::size_t bin = std::min<std::size_t>(size - kBase, kSideBins - 1);
    return (bits >> 63) != 0 ? kSideBins - 1 - bin : kFirstPositive + bin;
}

LogLinearHistogram::Bin LogLinearHistogram::bounds(std::size_t bin) {
    const auto edge = [](std::size_t i) {
        const auto exponent = static_cast<int>(i >> kMantissaBits) + kExponentMin;
        const auto step = static_cast<double>(i & ((1U << kMantissaBits) - 1));
        return std::ldexp(1.0 + step / (1 << kMantissaBits), exponent);
    };
    if (bin < kSideBins) {
        const std::size_t i = kSideBins - 1 - bin;
        return {-edge(i + 1), -edge(i), 0};
    }
    if (bin < kFirstPositive) {
        return {-std::ldexp(1.0, kExponentMin), std::ldexp(1.0, kExponentMin), 0};
    }
    return {edge(bin - kFirstPositive), edge(bin - kFirstPositive + 1), 0};
}

void LogLinearHistogram::add(double value) {
    AIML_DCHECK(!std::isnan(value));
    counts_.add(bin_of(value));
    ++count_;
}

void LogLinearHistogram::add(std::span<const double> values) {
    for (const double value : values) {
        AIML_DCHECK(!std::isnan(value));
        counts_.add(bin_of(value));
    }
    count_ += values.size();
}

void LogLinearHistogram::merge(const LogLinearHistogram& other) {
    counts_.merge(other.counts_);
    count_ += other.count_;
}

std::vector<Bin> LogLinearHistogram::occupied() const {
    std::vector<Bin> out;
    counts_.for_each([&out](std::size_t bin, std::uint64_t count) {
        out.push_back(bounds(bin));
        out.back().count = count;
    });
    return out;
}

std::vector<Bin> LogLinearHistogram::ordered(bool of_sizes) const {
    std::vector<Bin> bins = occupied();
    if (of_sizes) {
        for (Bin& bin : bins) {
            if (bin.lo < 0.0) {
                bin = {-bin.hi, -bin.lo, bin.count};
            }
        }
        std::sort(bins.begin(), bins.end(), [](const Bin& a, const Bin& b) { return a.lo < b.lo; });
    }
    return bins;
}

std::optional<Quantile> LogLinearHistogram::quantile(double q, bool of_sizes) const {
    if (count_ == 0) {
        return std::nullopt;
    }
    return interpolate(ordered(of_sizes), count_, q);
}

Quantile LogLinearHistogram::order_statistic(std::uint64_t k, bool of_sizes) const {
    AIML_CHECK(k < count_);
    return middle_of(ordered(of_sizes), k);
}

}  // namespace aiml042::stats
