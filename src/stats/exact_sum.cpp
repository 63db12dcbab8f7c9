#include "stats/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/check.h"
#include "base/scratch.h"

namespace aiml042::stats {

namespace {

constexpr std::uint64_t kMantissaMask = (1ULL << 52) - 1;
constexpr std::int64_t kLowMask = 0xFFFF'FFFF;
constexpr std::size_t kBatch = 1'024;

// Two numbers at a time, in whatever registers the machine has.
using Doubles = double __attribute__((vector_size(16)));
using Integers = std::uint64_t __attribute__((vector_size(16)));

Doubles load(const double* from) {
    Doubles out;
    std::memcpy(&out, from, sizeof(out));
    return out;
}

void store(double* to, Doubles value) {
    std::memcpy(to, &value, sizeof(value));
}

/// 2^exponent, for normal results.
double power_of_two(int exponent) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

Doubles larger_of(Doubles a, Doubles b) {
#ifdef __SSE2__
    return _mm_max_pd(a, b);
#else
    return Doubles{a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]};
#endif
}

Integers bits_of(Doubles x) {
    Integers out;
    std::memcpy(&out, &x, sizeof(out));
    return out;
}

/// The largest |x|; infinity when an infinity or NaN is among them. `n` is a multiple of four.
double largest_size(const double* values, std::size_t n) {
    const Integers size_mask{~(1ULL << 63), ~(1ULL << 63)};
    Doubles largest0{0.0, 0.0};
    Doubles largest1{0.0, 0.0};
    Integers special{0, 0};
    for (std::size_t i = 0; i < n; i += 4) {
        const Doubles x0 = load(values + i);
        const Doubles x1 = load(values + i + 2);
        const Integers masked0 = bits_of(x0) & size_mask;
        const Integers masked1 = bits_of(x1) & size_mask;
        Doubles size0;
        Doubles size1;
        std::memcpy(&size0, &masked0, sizeof(size0));
        std::memcpy(&size1, &masked1, sizeof(size1));
        largest0 = larger_of(largest0, size0);
        largest1 = larger_of(largest1, size1);
        // Zero for finite numbers, NaN for others.
        special |= bits_of(x0 - x0) | bits_of(x1 - x1);  // NOLINT(misc-redundant-expression)
    }
    if ((special[0] | special[1]) != 0) {
        return std::numeric_limits<double>::infinity();
    }
    const Doubles largest = larger_of(largest0, largest1);
    return std::max(largest[0], largest[1]);
}

/// Leaves in `rest` what is below the unit of `sigma`, puts four sums of the high parts into
/// `highs`. True when anything is left. `n` is a multiple of four.
bool take_high_parts(double* rest, std::size_t n, double sigma, double* highs) {
    const Doubles split{sigma, sigma};
    Doubles sum0{0.0, 0.0};
    Doubles sum1{0.0, 0.0};
    Integers left{0, 0};
    for (std::size_t i = 0; i < n; i += 4) {
        Doubles x0 = load(rest + i);
        Doubles x1 = load(rest + i + 2);
        const Doubles high0 = (x0 + split) - split;
        const Doubles high1 = (x1 + split) - split;
        x0 -= high0;
        x1 -= high1;
        sum0 += high0;
        sum1 += high1;
        left |= bits_of(x0) | bits_of(x1);
        store(rest + i, x0);
        store(rest + i + 2, x1);
    }
    store(highs, sum0);
    store(highs + 2, sum1);
    return ((left[0] | left[1]) << 1) != 0;
}

struct TwoParts {
    double high;
    double low;
};

/// a * b = high + low exactly (barring underflow). std::fma is exact by the standard on every
/// machine.
TwoParts two_product(double a, double b) {
    const double high = a * b;
    return {high, std::fma(a, b, -high)};
}

/// Moves what is above 32 bits of each chunk into the next; the last keeps the sign.
template <std::size_t N>
void carry(std::array<std::int64_t, N>& chunks) {
    for (std::size_t i = 0; i + 1 < N; ++i) {
        const std::int64_t up = chunks[i] >> 32;
        chunks[i] &= kLowMask;
        chunks[i + 1] += up;
    }
}

}  // namespace

ExactSum::ExactSum(const ExactSum& other)
    : window_(other.window_),
      far_(other.far_ ? std::make_unique<AllChunks>(*other.far_) : nullptr),
      adds_(other.adds_),
      special_(other.special_) {}

ExactSum& ExactSum::operator=(const ExactSum& other) {
    if (this != &other) {
        *this = ExactSum(other);
    }
    return *this;
}

void ExactSum::add(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const int exponent = static_cast<int>((bits >> 52) & 0x7FF);
    std::uint64_t mantissa = bits & kMantissaMask;
    if (exponent == 0x7FF) [[unlikely]] {
        special_ |= mantissa != 0 ? 4U : (std::signbit(x) ? 2U : 1U);
        return;
    }
    const int position = exponent == 0 ? 0 : exponent - 1;  // Of the lowest bit, from 2^-1074.
    mantissa |= exponent == 0 ? 0 : 1ULL << 52;
    const int chunk = position >> 5;
    const int shift = position & 31;
    if (chunk < kWindowFirst || chunk > kWindowLast) [[unlikely]] {
        if (mantissa != 0) {
            add_far(x, chunk, shift);
        }
        return;
    }
    if (adds_ == kAddsMax) [[unlikely]] {
        settle();
    }
    ++adds_;
    const auto sign = static_cast<std::int64_t>(bits) >> 63;  // 0 or -1.
    const auto low =
        static_cast<std::int64_t>((mantissa << shift) & static_cast<std::uint64_t>(kLowMask));
    const auto high = static_cast<std::int64_t>(mantissa >> (32 - shift));
    const auto at = static_cast<std::size_t>(chunk - kWindowFirst);
    window_[at] += (low ^ sign) - sign;
    window_[at + 1] += (high ^ sign) - sign;
}

void ExactSum::add_far(double x, int chunk, int shift) {
    if (!far_) {
        far_ = std::make_unique<AllChunks>();
    }
    if (adds_ == kAddsMax) {
        settle();
    }
    ++adds_;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const bool normal = ((bits >> 52) & 0x7FF) != 0;
    const std::uint64_t mantissa = (bits & kMantissaMask) | (normal ? 1ULL << 52 : 0);
    const auto sign = static_cast<std::int64_t>(bits) >> 63;
    const auto low =
        static_cast<std::int64_t>((mantissa << shift) & static_cast<std::uint64_t>(kLowMask));
    const auto high = static_cast<std::int64_t>(mantissa >> (32 - shift));
    const auto at = static_cast<std::size_t>(chunk);
    (*far_)[at] += (low ^ sign) - sign;
    (*far_)[at + 1] += (high ^ sign) - sign;
}

void ExactSum::settle() {
    carry(window_);
    if (far_) {
        carry(*far_);
    }
    adds_ = 0;
}

void ExactSum::add(std::span<const double> values) {
    while (!values.empty()) {
        const std::size_t n = std::min(kBatch, values.size());
        if (n < 16) {
            for (const double x : values) {
                add(x);
            }
            return;
        }
        add_batch(values.first(n));
        values = values.subspan(n);
    }
}

// Splits every value at one power of two: the high parts are multiples of one unit and so few that
// plain additions of them are exact; what is left over is smaller by 2^-40 and is split again. Two
// rounds take all values within a factor of 2^25 of the largest; what is left of others goes
// through add().
void ExactSum::add_batch(std::span<const double> values) {
    constexpr double kHuge = 0x1p900;
    constexpr double kTiny = 0x1p-800;
    const std::size_t n = values.size();
    const std::size_t padded = (n + 3) & ~std::size_t{3};
    Scratch<double, kBatch> rest;
    std::copy(values.begin(), values.end(), rest.begin());
    std::fill(rest.begin() + static_cast<std::ptrdiff_t>(n),
              rest.begin() + static_cast<std::ptrdiff_t>(padded),
              0.0);
    const double largest = largest_size(rest.data(), padded);
    if (largest == 0.0) {
        return;
    }
    if (!(largest < kHuge) || largest < kTiny) {
        for (const double x : values) {
            add(x);
        }
        return;
    }
    // sigma >= 2 n * largest, so each high part is a multiple of ulp(sigma) and 1024 of them stay
    // below sigma. After a round what is left is at most half a unit of sigma's last place.
    const int exponent =
        static_cast<int>((std::bit_cast<std::uint64_t>(largest) >> 52) & 0x7FF) - 1023 + 13;
    Scratch<double, 4> highs;
    take_high_parts(rest.data(), padded, 1.5 * power_of_two(exponent), highs.data());
    for (const double high : highs) {
        add(high);
    }
    const bool more =
        take_high_parts(rest.data(), padded, 1.5 * power_of_two(exponent - 53 + 13), highs.data());
    for (const double high : highs) {
        add(high);
    }
    if (more) [[unlikely]] {
        for (std::size_t i = 0; i < n; ++i) {
            if (rest[i] != 0.0) [[unlikely]] {
                add(rest[i]);
            }
        }
    }
}

void ExactSum::add_product(double a, double b) {
    const auto [high, low] = two_product(a, b);
    add(high);
    add(low);
}

void ExactSum::merge(const ExactSum& other) {
    ExactSum theirs(other);
    theirs.settle();
    settle();
    for (std::size_t i = 0; i < window_.size(); ++i) {
        window_[i] += theirs.window_[i];
    }
    if (theirs.far_) {
        if (!far_) {
            far_ = std::make_unique<AllChunks>();
        }
        for (std::size_t i = 0; i < far_->size(); ++i) {
            (*far_)[i] += (*theirs.far_)[i];
        }
    }
    special_ |= theirs.special_;
    settle();
}

ExactSum::AllChunks ExactSum::settled(bool* negative) const {
    AllChunks all{};
    if (far_) {
        all = *far_;
        carry(all);
    }
    auto window = window_;
    carry(window);
    for (std::size_t i = 0; i < window.size(); ++i) {
        all[i + kWindowFirst] += window[i];
    }
    carry(all);
    *negative = all.back() < 0;
    if (*negative) {
        for (auto& chunk : all) {
            chunk = -chunk;
        }
        carry(all);
    }
    return all;
}

double ExactSum::value() const {
    if (special_ != 0) {
        if ((special_ & 4U) != 0 || special_ == 3U) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        return special_ == 1U ? std::numeric_limits<double>::infinity()
                              : -std::numeric_limits<double>::infinity();
    }
    bool negative = false;
    const AllChunks all = settled(&negative);
    int top = kChunks - 1;
    while (top >= 0 && all[static_cast<std::size_t>(top)] == 0) {
        --top;
    }
    if (top < 0) {
        return 0.0;
    }
    // The highest 64 bits, left-aligned on the top chunk, and whether anything is below them.
    const auto chunk = [&all](int i) {
        return i < 0 ? std::uint64_t{0}
                     : static_cast<std::uint64_t>(all[static_cast<std::size_t>(i)]);
    };
    const int width = static_cast<int>(
        std::bit_width(chunk(top)));  // 1 to 32 (more only beyond the range of double).
    if (width > 32) {
        return negative ? -std::numeric_limits<double>::infinity()
                        : std::numeric_limits<double>::infinity();
    }
    const std::uint64_t upper = (chunk(top) << 32) | chunk(top - 1);
    const int up = 32 - width;
    std::uint64_t head = (upper << up) | (up == 0 ? 0 : chunk(top - 2) >> (32 - up));
    bool below = up == 0 ? chunk(top - 2) != 0 : (chunk(top - 2) << (32 + up)) != 0;
    for (int i = top - 3; i >= 0 && !below; --i) {
        below = chunk(i) != 0;
    }
    // `head` has its top bit set and counts units of 2^(exponent).
    int exponent = 32 * (top - 1) - 1074 - up;
    const std::uint64_t rest = head & 0x7FF;
    head >>= 11;
    exponent += 11;
    if (rest > 0x400 || (rest == 0x400 && (below || (head & 1) != 0))) {
        ++head;
    }
    const double size = std::ldexp(static_cast<double>(head), exponent);
    return negative ? -size : size;
}

std::vector<double> ExactSum::parts() const {
    AIML_CHECK(is_finite());
    bool negative = false;
    const AllChunks all = settled(&negative);
    std::vector<double> out;
    for (int i = 0; i < kChunks; ++i) {
        if (const std::int64_t chunk = all[static_cast<std::size_t>(i)]; chunk != 0) {
            const double part = std::ldexp(static_cast<double>(chunk), 32 * i - 1074);
            out.push_back(negative ? -part : part);
        }
    }
    return out;
}

std::size_t ExactSum::memory_bytes() const {
    return sizeof(*this) + (far_ ? sizeof(AllChunks) : 0);
}

double scaled_variance(std::uint64_t n, const ExactSum& sum, const ExactSum& squares) {
    ExactSum total;
    const auto count = static_cast<double>(n);
    for (const double part : squares.parts()) {
        total.add_product(count, part);
    }
    const std::vector<double> parts = sum.parts();
    for (const double a : parts) {
        for (const double b : parts) {
            total.add_product(-a, b);
        }
    }
    return total.value();
}

}  // namespace aiml042::stats
