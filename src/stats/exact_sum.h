// The exact sum of doubles: whatever the order, the cut or the merge tree, the same values give the
// same bits.
//
// State: a fixed-point number wide enough for every double, in 64-bit chunks that overlap by 32
// bits so that carries wait. Values between 5e-29 and 1.5e29 touch 8 chunks that lie in the object;
// others cost a second set on the heap. Cost: 80 bytes; about 3 ns per value alone, 1 to 2 ns in
// batches. Source: R. M. Neal (2015), "Fast exact summation using small and large
// superaccumulators", the small one; batches by error-free extraction: S. M. Rump, T. Ogita, S.
// Oishi (2008), "Accurate floating-point summation part I". Threads: one owner at a time; combine
// owners with merge().

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace aiml042::stats {

class ExactSum {
  public:
    ExactSum() = default;
    ~ExactSum() = default;
    ExactSum(ExactSum&&) noexcept = default;
    ExactSum& operator=(ExactSum&&) noexcept = default;
    ExactSum(const ExactSum& other);
    ExactSum& operator=(const ExactSum& other);

    /// Adds one value. Infinities and NaN are remembered and make value() what IEEE addition would
    /// give.
    void add(double x);

    /// Adds all of `values` (any length).
    void add(std::span<const double> values);

    /// Adds a * b without rounding the product first (|a * b| < 1e300).
    void add_product(double a, double b);

    /// Adds everything `other` has added.
    void merge(const ExactSum& other);

    /// The sum, correctly rounded (to nearest, ties to even). 0.0 when nothing was added.
    [[nodiscard]] double value() const;

    /// Doubles whose exact sum is the exact sum (at most 68, most significant last). Empty for
    /// zero; the state must be finite.
    [[nodiscard]] std::vector<double> parts() const;

    /// No infinity and no NaN was added.
    [[nodiscard]] bool is_finite() const { return special_ == 0; }

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    // Chunk i counts units of 2^(32 i - 1074). The window holds chunks 29 to 36 and takes values
    // whose lowest bit lies in chunks 29 to 34; two chunks above it take carries.
    static constexpr int kChunks = 68;
    static constexpr int kWindowFirst = 29;
    static constexpr int kWindowChunks = 8;
    static constexpr int kWindowLast = 34;
    static constexpr std::uint32_t kAddsMax =
        1'024;  // Each adds less than 2^53 to a chunk of 63 bits.
    using AllChunks = std::array<std::int64_t, kChunks>;

    void add_far(double x, int chunk, int shift);
    void add_batch(std::span<const double> values);
    void settle();
    [[nodiscard]] AllChunks settled(bool* negative) const;

    std::array<std::int64_t, kWindowChunks> window_{};
    std::unique_ptr<AllChunks> far_;  // Values outside the window; null while there are none.
    std::uint32_t adds_ = 0;          // Since the last settle().
    std::uint32_t special_ = 0;       // Bits: 1 = +infinity, 2 = -infinity, 4 = NaN.
};

/// What rounding took from x * x: x * x = (rounded square) + this, exactly, for sizes between
/// 1e-140 and 1e150; 0 for others. T. J. Dekker (1971).
[[nodiscard]] inline double square_rest(double x, double rounded_square) {
    constexpr double kSplit = 0x1p27 + 1.0;
    const double size = x < 0.0 ? -x : x;
    if (!(size < 1e150 && size > 1e-140)) {
        return 0.0;
    }
    const double big = kSplit * x;
    const double a = big - (big - x);
    const double b = x - a;
    return ((a * a - rounded_square) + 2.0 * a * b) + b * b;
}

/// n * sum(x^2) - sum(x)^2 for exact sums of x and of x * x (add_product), correctly rounded: n^2
/// times the population variance, without cancellation. All must be finite and small enough that
/// the result is.
[[nodiscard]] double scaled_variance(std::uint64_t n, const ExactSum& sum, const ExactSum& squares);

}  // namespace aiml042::stats
