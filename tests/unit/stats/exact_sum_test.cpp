#include "stats/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "stats/fixed_sum.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::uint64_t kSeed = 20251125;

/// Doubles of any size: random bits, without infinities and NaN, the exponent within [low, high].
std::vector<double> wild(std::mt19937_64& random, std::size_t n, int low, int high) {
    std::vector<double> out;
    while (out.size() < n) {
        const double mantissa = std::bit_cast<double>((random() >> 12) | 0x3FF0'0000'0000'0000ULL);
        const int exponent =
            low + static_cast<int>(random() % static_cast<std::uint64_t>(high - low + 1));
        const double x = std::ldexp(mantissa, exponent);
        out.push_back((random() & 1) != 0 ? -x : x);
    }
    return out;
}

double sum_in(const std::vector<double>& values) {
    ExactSum sum;
    for (const double x : values) {
        sum.add(x);
    }
    return sum.value();
}

}  // namespace

TEST_CASE("exact sum: what naive addition loses is kept") {
    CHECK(sum_in({1e100, 1.0, -1e100}) == 1.0);
    CHECK(sum_in({0.1, 0.2, 0.3, -0.6}) ==
          2.7755575615628914e-17);                       // Python: math.fsum of the same.
    CHECK(sum_in(std::vector<double>(10, 0.1)) == 1.0);  // math.fsum([0.1] * 10)
    CHECK(sum_in({1e308, 1e308, -1e308}) == 1e308);
    CHECK(sum_in({5e-324, 5e-324}) == 1e-323);
    CHECK(sum_in({1.0, 0x1p-53}) == 1.0);                       // A tie, to even.
    CHECK(sum_in({1.0, 0x1p-53, 0x1p-1074}) == 1.0 + 0x1p-52);  // Just above the tie.
    CHECK(sum_in({1.0 + 0x1p-52, 0x1p-53}) == 1.0 + 0x1p-51);   // A tie, to even, upwards.
    CHECK(sum_in({-1.0, -0x1p-53, -0x1p-1074}) == -1.0 - 0x1p-52);
    CHECK(sum_in({0x1p53, -1.0, 0x1p-60}) == 0x1p53 - 1.0);
}

TEST_CASE("exact sum: nothing and zeros are zero") {
    CHECK(ExactSum().value() == 0.0);
    CHECK(sum_in({0.0, -0.0, 0.0}) == 0.0);
    CHECK(ExactSum().parts().empty());
    CHECK(sum_in({3.5, -3.5}) == 0.0);
}

TEST_CASE("exact sum: infinities and NaN answer as IEEE addition does") {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    CHECK(sum_in({1.0, kInfinity}) == kInfinity);
    CHECK(sum_in({1.0, -kInfinity}) == -kInfinity);
    CHECK(std::isnan(sum_in({kInfinity, -kInfinity})));
    CHECK(std::isnan(sum_in({1.0, std::numeric_limits<double>::quiet_NaN()})));
    CHECK(sum_in({1.7e308, 1.7e308}) == kInfinity);
    std::vector<double> batch(100, 1.0);
    batch[50] = kInfinity;
    ExactSum sum;
    sum.add(batch);
    CHECK(sum.value() == kInfinity);
    CHECK_FALSE(sum.is_finite());
}

TEST_CASE("exact sum: order and batches do not change a bit") {
    std::mt19937_64 random(kSeed);
    const std::pair<int, int> ranges[] = {
        {-1074, 1000}, {-60, 0}, {-20, 20}, {-300, -250}, {100, 160}, {-1074, -1022}};
    for (const auto& [low, high] : ranges) {
        for (int round = 0; round < 40; ++round) {
            CAPTURE(kSeed, low, high, round);
            std::vector<double> values = wild(random, 1 + random() % 3'000, low, high);
            if (round % 4 == 0) {  // Sums near zero: every value meets its opposite but one.
                const std::size_t n = values.size();
                for (std::size_t i = 0; i < n; ++i) {
                    values.push_back(-values[i]);
                }
                values.push_back(std::ldexp(1.0, low));
            }
            const double one_by_one = sum_in(values);
            if (round % 4 == 0) {
                CHECK(one_by_one == std::ldexp(1.0, low));
            }
            ExactSum batch;
            batch.add(values);
            CHECK(batch.value() == one_by_one);
            std::shuffle(values.begin(), values.end(), random);
            CHECK(sum_in(values) == one_by_one);
            const auto parts = batch.parts();
            CHECK(sum_in(parts) == one_by_one);
        }
    }
}

TEST_CASE("exact sum: merging a tree of pieces equals adding all") {
    std::mt19937_64 random(kSeed + 1);
    for (int round = 0; round < 50; ++round) {
        const std::vector<double> values = wild(random, 2'000, -200, 200);
        std::vector<ExactSum> pieces(1 + random() % 40);
        for (const double x : values) {
            pieces[random() % pieces.size()].add(x);
        }
        while (pieces.size() > 1) {
            const std::size_t at = random() % (pieces.size() - 1);
            pieces[at].merge(pieces.back());
            pieces.pop_back();
        }
        CHECK(pieces[0].value() == sum_in(values));
    }
}

TEST_CASE("exact sum: many more values than carries can wait for") {
    ExactSum sum;
    for (int i = 0; i < 100'000; ++i) {
        sum.add(1.9999999999999998);
    }
    CHECK(sum.value() == 199999.99999999997);  // math.fsum
    ExactSum down;
    for (int i = 0; i < 100'000; ++i) {
        down.add(-0.1);
    }
    CHECK(down.value() == -10000.0);  // math.fsum
}

TEST_CASE("exact sum: scaled variance does not cancel") {
    ExactSum sum;
    ExactSum squares;
    for (int i = 0; i < 1'000; ++i) {
        const double x = 1e12 + 0.5 * (i % 2);
        sum.add(x);
        squares.add_product(x, x);
    }
    // n * sum (x - mean)^2 = 1000 * 1000 * 0.25^2.
    CHECK(scaled_variance(1'000, sum, squares) == 62'500.0);
}

TEST_CASE("fixed sum: exact for probabilities, in any order and cut") {
    std::mt19937_64 random(kSeed + 2);
    std::vector<double> values;
    ExactSum exact;
    for (int i = 0; i < 10'000; ++i) {
        const double p = std::ldexp(static_cast<double>(random() >> 11), -53) *
                         std::ldexp(1.0, -static_cast<int>(random() % 30));
        values.push_back(p);
        exact.add(p);
    }
    FixedSum all;
    all.add(values);
    CHECK(all.value() == Approx(exact.value()).epsilon(1e-15));
    FixedSum merged;
    for (std::size_t begin = 0; begin < values.size(); begin += 777) {
        FixedSum piece;
        for (std::size_t i = begin; i < std::min(values.size(), begin + 777); ++i) {
            piece.add(values[i]);
        }
        merged.merge(piece);
    }
    CHECK(merged == all);
    FixedSum extremes;
    extremes.add(std::vector<double>(5'000, 63.999999));
    CHECK(extremes.value() == Approx(5'000 * 63.999999).epsilon(1e-14));
    CHECK(FixedSum().value() == 0.0);
}
