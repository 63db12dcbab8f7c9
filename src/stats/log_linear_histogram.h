// Quantiles of numbers from counts in bins whose width is 1/128 of their power of two: every answer
// is within 0.4 % of the exact one, and states merge by adding integers.
//
// Range: sizes from 2^-30 to 2^50 of either sign; smaller ones count as zero, larger ones as 2^50.
// State: about 1.3 KiB plus 256 bytes per 32 bins in use. Cost: about 1 ns per value.
// Threads: one owner at a time; combine owners with merge().

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/paged_counts.h"

namespace aiml042::stats {

class LogLinearHistogram {
  public:
    /// A quantile with the half width of the bins it lies in.
    struct Quantile {
        double value = 0.0;
        double error_bound = 0.0;
    };

    struct Bin {
        double lo = 0.0;
        double hi = 0.0;
        std::uint64_t count = 0;
    };

    /// Counts every value. NaN must not come.
    void add(std::span<const double> values);
    void add(double value);
    void merge(const LogLinearHistogram& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// The value at position q (n - 1) of the sorted values, linear between neighbours (numpy's
    /// default), q in [0, 1]. Empty when nothing was counted. `of_sizes`: of |value| instead.
    [[nodiscard]] std::optional<Quantile> quantile(double q, bool of_sizes = false) const;

    /// The k-th smallest value or size (0-based, below count()).
    [[nodiscard]] Quantile order_statistic(std::uint64_t k, bool of_sizes = false) const;

    /// Non-empty bins, ascending.
    [[nodiscard]] std::vector<Bin> occupied() const;

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + counts_.memory_bytes() - sizeof(counts_);
    }

  private:
    static constexpr int kMantissaBits = 7;
    static constexpr int kExponentMin = -30;
    static constexpr int kExponentMax = 50;
    static constexpr std::size_t kSideBins = static_cast<std::size_t>(kExponentMax - kExponentMin)
                                             << kMantissaBits;
    // Negative sizes descending, then a page whose first bin is zero, then positive sizes
    // ascending.
    static constexpr std::size_t kZeroBin = kSideBins;
    static constexpr std::size_t kFirstPositive = kSideBins + 32;

    static std::size_t bin_of(double value);
    static Bin bounds(std::size_t bin);
    [[nodiscard]] std::vector<Bin> ordered(bool of_sizes) const;

    PagedCounts<kFirstPositive + kSideBins> counts_;
    std::uint64_t count_ = 0;
};

}  // namespace aiml042::stats
