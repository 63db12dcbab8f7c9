#include "stats/score_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace aiml042::stats {

// The lower half has bins 0 (everything below 2^-40) to kSideBins - 1 (just below 1/2); the upper half mirrors it. A
// score of exactly 1/2 opens the upper half: its distance to 1 is 1/2, which is capped into the mirror of the last bin.
std::size_t ScoreHistogram::bin_of(double score) {
    constexpr auto kBase = static_cast<std::uint64_t>(1023 - 1 - kOctaves) << kMantissaBits;
    // No branch: which half a score is in is as good as random. ~bin + 2 * kSideBins is 2 * kSideBins - 1 - bin.
    const double distance = std::max(0.0, std::min(score, 1.0 - score));
    const std::uint64_t key = std::bit_cast<std::uint64_t>(distance) >> (52 - kMantissaBits);
    const std::uint64_t bin = std::min<std::uint64_t>(std::max(key, kBase) - kBase, kSideBins - 1);
    const std::uint64_t mirror = 0 - static_cast<std::uint64_t>(score >= 0.5);
    return (bin ^ mirror) + (mirror & (2 * kSideBins));
}

double ScoreHistogram::lower_edge(std::size_t bin) {
    const auto edge = [](std::size_t i) {
        const auto exponent = static_cast<int>(i >> kMantissaBits) - 1 - kOctaves;
        const auto step = static_cast<double>(i & ((1U << kMantissaBits) - 1));
        return i == 0 ? 0.0 : std::ldexp(1.0 + step / (1 << kMantissaBits), exponent);
    };
    return bin <= kSideBins ? edge(bin) : 1.0 - edge(2 * kSideBins - bin);
}

void ScoreHistogram::add(std::span<const double> scores, bool positive) {
    auto& counts = positive ? positive_counts_ : negative_counts_;
    for (const double score : scores) {
        counts.add(bin_of(score));
    }
    (positive ? positives_ : negatives_) += scores.size();
}

void ScoreHistogram::merge(const ScoreHistogram& other) {
    positive_counts_.merge(other.positive_counts_);
    negative_counts_.merge(other.negative_counts_);
    positives_ += other.positives_;
    negatives_ += other.negatives_;
}

std::vector<ScoreHistogram::Bin> ScoreHistogram::occupied() const {
    std::vector<Bin> negatives;
    negative_counts_.for_each([&negatives](std::size_t bin, std::uint64_t count) {
        negatives.push_back({lower_edge(bin), lower_edge(bin + 1), 0, count});
    });
    std::vector<Bin> out;
    std::size_t next = 0;
    positive_counts_.for_each([&](std::size_t bin, std::uint64_t count) {
        const double lo = lower_edge(bin);
        for (; next < negatives.size() && negatives[next].lo < lo; ++next) {
            out.push_back(negatives[next]);
        }
        Bin both{lo, lower_edge(bin + 1), count, 0};
        if (next < negatives.size() && negatives[next].lo == lo) {
            both.negatives = negatives[next++].negatives;
        }
        out.push_back(both);
    });
    out.insert(out.end(), negatives.begin() + static_cast<std::ptrdiff_t>(next), negatives.end());
    return out;
}

std::size_t ScoreHistogram::memory_bytes() const {
    return sizeof(*this) + positive_counts_.memory_bytes() + negative_counts_.memory_bytes() -
           sizeof(positive_counts_) - sizeof(negative_counts_);
}

}  // namespace aiml042::stats
