#include "stats/kernel_two_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "stats/chi_squared.h"
#include "stats/random_stream.h"

namespace aiml042::stats {

namespace {

constexpr std::uint32_t kDrawsMax = 2'000;
constexpr std::uint32_t kReachedMax = 50;
constexpr std::uint32_t kDrawsFarOff = 200;  // Enough where the statistic is far beyond them:
constexpr double kFarOff = 1e-5;             // where the tail is below this.
constexpr double kTailMin = 1e-12;           // Nobody knows a tail farther out.
constexpr std::size_t kLanes = 8;
constexpr double kTie = 1e-6;  // Sums of floats in another order differ by less.
constexpr std::uint64_t kSeed = 0x6D6D'6432;

using Lanes = float __attribute__((vector_size(32)));

double sum_of(const Lanes& lanes) {
    double sum = 0.0;
    for (std::size_t i = 0; i < kLanes; ++i) {
        sum += static_cast<double>(lanes[i]);
    }
    return sum;
}

/// Sums of at most 64 squares are floats, so that the rounding stays below 1e-7 of the distance.
double squared_distance(const float* a, const float* b, std::size_t length) {
    constexpr std::size_t kRun = 64;
    double total = 0.0;
    std::size_t i = 0;
    while (i + kLanes <= length) {
        const std::size_t end = std::min(i + kRun, length);
        Lanes sums{};
        for (; i + kLanes <= end; i += kLanes) {
            Lanes x;
            Lanes y;
            std::memcpy(&x, a + i, sizeof(x));
            std::memcpy(&y, b + i, sizeof(y));
            sums += (x - y) * (x - y);
        }
        total += sum_of(sums);
    }
    for (; i < length; ++i) {
        const double gap = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        total += gap * gap;
    }
    return total;
}

double median_of(std::vector<float> values) {
    const std::size_t half = values.size() / 2;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
    std::nth_element(values.begin(), middle, values.end());
    const double upper = static_cast<double>(*middle);
    if (values.size() % 2 == 1) {
        return upper;
    }
    return 0.5 * (static_cast<double>(*std::max_element(values.begin(), middle)) + upper);
}

/// Kernel values of all pairs i < j, row after row, and what statistics of any split need.
class Kernel {
  public:
    Kernel(const VectorRowsView& a, const VectorRowsView& b) : size_(a.size() + b.size()) {
        values_.reserve(size_ * (size_ - 1) / 2);
        const auto row = [&](std::size_t i) {
            return (i < a.size() ? a.row(i) : b.row(i - a.size())).data();
        };
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t j = i + 1; j < size_; ++j) {
                values_.push_back(static_cast<float>(squared_distance(row(i), row(j), a.length)));
            }
        }
        median_ = median_of(values_);
        if (median_ == 0.0) {  // More than half of the pairs are equal: their mean then.
            median_ = std::accumulate(values_.begin(), values_.end(), 0.0) /
                      static_cast<double>(values_.size());
        }
        row_sums_.assign(size_, 0.0);
        if (median_ > 0.0) {
            fill();
        }
    }

    [[nodiscard]] double median() const { return median_; }

    [[nodiscard]] std::size_t size() const { return size_; }

    /// MMD^2 of the first n of `order` against the others.
    [[nodiscard]] double exact(std::span<const std::uint32_t> order, std::size_t n) const {
        std::vector<std::uint8_t> inside(size_, 0);
        double touching = 0.0;
        for (const std::uint32_t i : order.first(n)) {
            inside[i] = 1;
            touching += row_sums_[i];
        }
        double pairs = 0.0;
        const float* value = values_.data();
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t j = i + 1; j < size_; ++j, ++value) {
                pairs += inside[i] & inside[j] ? static_cast<double>(*value) : 0.0;
            }
        }
        return statistic(2.0 * pairs, touching, n);
    }

    /// The same for kLanes splits at once; inside[i][s] is 1 where row i is of the first part.
    [[nodiscard]] std::array<double, kLanes> of_splits(const std::vector<Lanes>& inside,
                                                       std::size_t n) const {
        std::array<double, kLanes> pairs{};
        std::array<double, kLanes> touching{};
        const float* value = values_.data();
        for (std::size_t i = 0; i < size_; ++i) {
            std::array<Lanes, 4> sums{};  // Additions that need not wait for each other.
            std::size_t j = i + 1;
            for (; j + sums.size() <= size_; j += sums.size(), value += sums.size()) {
                for (std::size_t k = 0; k < sums.size(); ++k) {
                    sums[k] += value[k] * inside[j + k];
                }
            }
            for (; j < size_; ++j, ++value) {
                sums[0] += *value * inside[j];
            }
            const Lanes own = (sums[0] + sums[1] + (sums[2] + sums[3])) * inside[i];
            for (std::size_t s = 0; s < kLanes; ++s) {
                pairs[s] += static_cast<double>(own[s]);
                touching[s] += inside[i][s] > 0.0F ? row_sums_[i] : 0.0;
            }
        }
        std::array<double, kLanes> out{};
        for (std::size_t s = 0; s < kLanes; ++s) {
            out[s] = statistic(2.0 * pairs[s], touching[s], n);
        }
        return out;
    }

  private:
    void fill() {
        std::size_t at = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t j = i + 1; j < size_; ++j, ++at) {
                const double value = std::exp(-static_cast<double>(values_[at]) / median_);
                values_[at] = static_cast<float>(value);
                row_sums_[i] += static_cast<double>(values_[at]);
                row_sums_[j] += static_cast<double>(values_[at]);
            }
        }
        total_ = std::accumulate(row_sums_.begin(), row_sums_.end(), 0.0);
    }

    /// `inner`: sum over ordered pairs in the first part; `touching`: over pairs that begin there.
    [[nodiscard]] double statistic(double inner, double touching, std::size_t first) const {
        const auto n = static_cast<double>(first);
        const auto m = static_cast<double>(size_ - first);
        const double cross = touching - inner;
        const double others = total_ - 2.0 * cross - inner;
        return inner / (n * (n - 1.0)) + others / (m * (m - 1.0)) - 2.0 * cross / (n * m);
    }

    std::size_t size_;
    std::vector<float> values_;
    std::vector<double> row_sums_;
    double total_ = 0.0;
    double median_ = 0.0;
};

/// Moments of the draws, and how many of them reached the statistic.
struct Draws {
    std::uint32_t count = 0;
    std::uint32_t reached = 0;
    double sum = 0.0;
    double squares = 0.0;
    double cubes = 0.0;

    void add(double x, double statistic) {
        ++count;
        reached += x >= statistic - kTie ? 1U : 0U;
        sum += x;
        squares += x * x;
        cubes += x * x * x;
    }

    [[nodiscard]] double p_value(double statistic) const {
        if (reached >= kReachedMax) {
            return static_cast<double>(reached) / static_cast<double>(count);
        }
        const double counted = (1.0 + reached) / (1.0 + count);
        return reached > 0 ? counted : std::min(counted, std::max(tail(statistic), kTailMin));
    }

    [[nodiscard]] bool enough(double statistic) const {
        return count >= kDrawsMax || reached >= kReachedMax ||
               (count >= kDrawsFarOff && reached == 0 && tail(statistic) < kFarOff);
    }

  private:
    /// P(X >= statistic) of a gamma distribution with the draws' moments.
    [[nodiscard]] double tail(double statistic) const {
        const double n = count;
        const double mean = sum / n;
        const double variance = squares / n - mean * mean;
        if (!(variance > 0.0)) {
            return 1.0;
        }
        const double third = cubes / n - 3.0 * mean * squares / n + 2.0 * mean * mean * mean;
        const double skew = std::max(0.02, third / (variance * std::sqrt(variance)));
        const double shape = 4.0 / (skew * skew);
        const double z = (statistic - mean) / std::sqrt(variance);
        return chi_squared_survival(2.0 * (shape + z * std::sqrt(shape)), 2.0 * shape);
    }
};

}  // namespace

KernelTest kernel_two_sample(const VectorRowsView& a, const VectorRowsView& b) {
    AIML_CHECK(a.length == b.length && a.size() >= 2 && b.size() >= 2);
    const Kernel kernel(a, b);
    KernelTest out{.median = kernel.median()};
    if (out.median == 0.0) {
        return out;
    }
    std::vector<std::uint32_t> order(kernel.size());
    std::iota(order.begin(), order.end(), 0U);
    out.mmd2 = kernel.exact(order, a.size());
    RandomStream random(kSeed);
    Draws draws;
    while (!draws.enough(out.mmd2)) {
        std::vector<Lanes> inside(kernel.size());
        for (std::size_t s = 0; s < kLanes; ++s) {
            random.choose(std::span(order), a.size());
            for (const std::uint32_t i : std::span(order).first(a.size())) {
                inside[i][s] = 1.0F;
            }
        }
        for (const double x : kernel.of_splits(inside, a.size())) {
            if (draws.reached < kReachedMax) {
                draws.add(x, out.mmd2);
            }
        }
    }
    out.draws = draws.count;
    out.p_value = draws.p_value(out.mmd2);
    return out;
}

}  // namespace aiml042::stats
