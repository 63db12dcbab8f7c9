// The shift test keeps its promise: false alarms at the level asked for whatever the sizes,
// intervals that cover, power where it says so. Fixed seeds; the tables are printed when a test
// fails.

#include "stats/shift_test.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kBins = 10;
using Counts = std::array<std::uint64_t, kBins>;

double normal_below(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

/// A reference of n values, cut at its own deciles, and the shares that the distribution behind it
/// has in those bins: spacings of uniform order statistics.
struct Reference {
    Counts counts{};
    std::array<double, kBins> shares{};
};

Reference draw_reference(std::mt19937_64& random, std::uint64_t n) {
    Reference out;
    std::uint64_t before = 0;
    double sum = 0.0;
    for (std::size_t i = 0; i < kBins; ++i) {
        const std::uint64_t now = i + 1 == kBins ? n : ((n - 1) * (i + 1)) / kBins + 1;
        out.counts[i] = now - before;
        before = now;
        const double spacings = static_cast<double>(out.counts[i]) + (i + 1 == kBins ? 0.5 : 0.0);
        out.shares[i] = std::gamma_distribution<double>(spacings)(random);
        sum += out.shares[i];
    }
    std::ranges::for_each(out.shares, [sum](double& share) { share /= sum; });
    return out;
}

Counts draw_counts(std::mt19937_64& random,
                   std::uint64_t m,
                   const std::array<double, kBins>& shares) {
    Counts out{};
    std::uint64_t left = m;
    double rest = 1.0;
    for (std::size_t i = 0; i + 1 < kBins; ++i) {
        const double share = std::clamp(shares[i] / rest, 0.0, 1.0);
        out[i] = std::binomial_distribution<std::uint64_t>(left, share)(random);
        left -= out[i];
        rest -= shares[i];
    }
    out[kBins - 1] = left;
    return out;
}

/// The shares after a shift by `shift` standard deviations of a normal distribution.
std::array<double, kBins> shifted(const std::array<double, kBins>& shares, double shift) {
    std::array<double, kBins> out{};
    double below = 0.0;
    double last = 0.0;
    for (std::size_t i = 0; i < kBins; ++i) {
        below += shares[i];
        double now = 1.0;
        if (i + 1 < kBins) {
            double low = -9.0;
            double high = 9.0;
            for (int step = 0; step < 50; ++step) {
                const double middle = 0.5 * (low + high);
                (normal_below(middle) < below ? low : high) = middle;
            }
            now = normal_below(low - shift);
        }
        out[i] = now - last;
        last = now;
    }
    return out;
}

double index_of(const std::array<double, kBins>& p, const std::array<double, kBins>& q) {
    double sum = 0.0;
    for (std::size_t i = 0; i < kBins; ++i) {
        sum += (q[i] - p[i]) * std::log(q[i] / p[i]);
    }
    return sum;
}

}  // namespace

TEST_CASE("shift: false alarms stay within a point of the level for every pair of sizes") {
    std::mt19937_64 random(42);
    constexpr std::uint64_t kSizes[] = {100, 200, 500, 1'000, 10'000, 100'000, 1'000'000};
    constexpr int kRuns = 4'000;
    for (const std::uint64_t n : kSizes) {
        for (const std::uint64_t m : kSizes) {
            int at_5 = 0;
            int at_1 = 0;
            for (int run = 0; run < kRuns; ++run) {
                const Reference reference = draw_reference(random, n);
                const Counts current = draw_counts(random, m, reference.shares);
                const double p = shift_of_counts(reference.counts, current, 0.95).p_value;
                at_5 += p < 0.05 ? 1 : 0;
                at_1 += p < 0.01 ? 1 : 0;
            }
            const double share_5 = 100.0 * at_5 / kRuns;
            const double share_1 = 100.0 * at_1 / kRuns;
            UNSCOPED_INFO(n << " rows against " << m << ": " << share_5 << " % and " << share_1
                            << " %");
            CHECK(std::fabs(share_5 - 5.0) <= 1.0 + 0.6);  // A point, and the runs' own noise.
            CHECK(std::fabs(share_1 - 1.0) <= 1.0);
        }
    }
}

TEST_CASE("shift: drawn p-values keep the level where rows are few, ties or not") {
    std::mt19937_64 random(7);
    constexpr int kRuns = 800;
    for (const auto& [n, m, steps] :
         {std::tuple{50, 50, 0}, std::tuple{50, 2'000, 0}, std::tuple{60, 60, 4}}) {
        int alarms = 0;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<double> a(static_cast<std::size_t>(n));
            std::vector<double> b(static_cast<std::size_t>(m));
            for (std::vector<double>* values : {&a, &b}) {
                for (double& value : *values) {
                    value = std::generate_canonical<double, 53>(random);
                    value = steps > 0 ? std::floor(value * value * steps) : value;
                }
                std::ranges::sort(*values);
            }
            alarms += permuted_p_value(a, b, 10) < 0.05 ? 1 : 0;
        }
        CAPTURE(n, m, steps, alarms);
        CHECK(alarms >= 0.032 * kRuns);
        CHECK(alarms <= 0.068 * kRuns);
    }
}

TEST_CASE("shift: drawn p-values see a shift, and no order of values matters") {
    std::vector<double> a(60);
    std::vector<double> b(60);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = static_cast<double>(i);
        b[i] = static_cast<double>(i) + 40.0;
    }
    CHECK(permuted_p_value(a, b, 10) < 1e-3);
    CHECK(permuted_p_value(a, a, 10) > 0.5);
    const std::vector<double> one{1.0};
    CHECK(permuted_p_value(one, one, 10) == 1.0);
}

TEST_CASE("shift: intervals cover the shift behind the samples") {
    std::mt19937_64 random(11);
    constexpr int kRuns = 400;
    for (const auto& [n, m] :
         {std::pair{100, 100}, {1'000, 200}, {1'000, 10'000}, {100'000, 100'000}}) {
        for (const double shift : {0.0, 0.2, 0.5, 1.0}) {
            int covered = 0;
            for (int run = 0; run < kRuns; ++run) {
                const Reference reference = draw_reference(random, static_cast<std::uint64_t>(n));
                const auto shares = shifted(reference.shares, shift);
                const Counts current = draw_counts(random, static_cast<std::uint64_t>(m), shares);
                const Shift got = shift_of_counts(reference.counts, current, 0.95);
                const double truth = index_of(reference.shares, shares);
                covered += got.interval.first <= truth && truth <= got.interval.second ? 1 : 0;
            }
            CAPTURE(n, m, shift, covered);
            CHECK(covered >= 0.9 * kRuns);
        }
    }
}

TEST_CASE("shift: the rows that are said to be enough are") {
    std::mt19937_64 random(13);
    const auto rows = rows_needed(0.1, kBins - 1, 0.05, 2'000);
    REQUIRE(rows.has_value());
    CHECK((*rows > 100 && *rows < 300));
    CHECK_FALSE(rows_needed(0.1, kBins - 1, 0.05, 100).has_value());
    const double shift = 0.3235;  // An index of 0.1 over deciles.
    int found = 0;
    constexpr int kRuns = 1'000;
    for (int run = 0; run < kRuns; ++run) {
        const Reference reference = draw_reference(random, 2'000);
        const auto shares = shifted(reference.shares, shift);
        const Counts current = draw_counts(random, *rows, shares);
        found += shift_of_counts(reference.counts, current, 0.95).p_value < 0.05 ? 1 : 0;
    }
    CAPTURE(*rows, found);
    CHECK(found >= 0.75 * kRuns);
    CHECK(found <= 0.87 * kRuns);
}

TEST_CASE("shift: bins are put together until each holds enough") {
    const std::uint64_t reference[] = {1, 2, 300, 0, 4, 90, 1};
    const std::uint64_t current[] = {0, 1, 290, 6, 5, 80, 2};
    const PooledCounts near = pool_neighbours(reference, current, 5.0);
    CHECK(near.reference == std::vector<std::uint64_t>{303, 4, 91});
    CHECK(near.current == std::vector<std::uint64_t>{291, 11, 82});
    const PooledCounts rare = pool_rare(reference, current, 5.0);
    CHECK(rare.reference == std::vector<std::uint64_t>{300, 90, 8});
    CHECK(rare.current == std::vector<std::uint64_t>{290, 80, 14});
    const std::uint64_t few[] = {100, 1};
    CHECK(pool_rare(few, few, 5.0).reference.empty());
}

TEST_CASE("shift: extremes have an answer") {
    const std::uint64_t left[] = {1'000'000'000, 0};
    const std::uint64_t right[] = {0, 1'000'000'000};
    const Shift far = shift_of_counts(left, right, 0.95);
    CHECK((std::isfinite(far.effect) && far.interval.first > 10.0 && far.p_value == 0.0));
    CHECK((far.interval.first <= far.effect && far.effect <= far.interval.second));
    const std::uint64_t one[] = {3};
    CHECK(shift_of_counts(one, one, 0.95).degrees == 0);
    const std::uint64_t tiny[] = {1, 0};
    const Shift least = shift_of_counts(tiny, tiny, 0.95);
    CHECK((least.effect == 0.0 && least.p_value > 0.5 && least.interval.first == 0.0));
}
