// Scores by class in symmetric log-linear bins: the width of a bin is 1/64 of the power of two of
// min(p, 1 - p), so both ends are resolved over 40 powers of two. Answers ROC AUC, KS and average
// precision with a bound that always holds, because the order of scores inside one bin is all that
// is unknown.
//
// State: integers only, about 0.7 KiB plus 256 bytes per 32 bins in use and class. Cost: about 1 ns
// per score. Scores below 0 count as 0, above 1 as 1. Threads: one owner at a time; combine owners
// with merge().

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/paged_counts.h"

namespace aiml042::stats {

class ScoreHistogram {
  public:
    struct Bin {
        double lo = 0.0;
        double hi = 0.0;
        std::uint64_t positives = 0;
        std::uint64_t negatives = 0;
    };

    /// Counts scores of one class. NaN must not come.
    void add(std::span<const double> scores, bool positive);
    void merge(const ScoreHistogram& other);

    [[nodiscard]] std::uint64_t positives() const { return positives_; }

    [[nodiscard]] std::uint64_t negatives() const { return negatives_; }

    /// Non-empty bins, scores ascending; [lo, hi] holds the scores of the bin.
    [[nodiscard]] std::vector<Bin> occupied() const;

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    static constexpr int kMantissaBits = 6;
    static constexpr int kOctaves = 40;
    static constexpr std::size_t kSideBins = static_cast<std::size_t>(kOctaves) << kMantissaBits;

    static std::size_t bin_of(double score);
    static double lower_edge(std::size_t bin);

    PagedCounts<2 * kSideBins> positive_counts_;
    PagedCounts<2 * kSideBins> negative_counts_;
    std::uint64_t positives_ = 0;
    std::uint64_t negatives_ = 0;
};

}  // namespace aiml042::stats
