// Intervals against numbers of other programs and against their promise: coverage, counted with
// fixed seeds.

#include "stats/interval.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "stats/binary_ranking.h"
#include "stats/quantile.h"
#include "stats/radix_sort.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

double normal(std::mt19937_64& random) {
    const double u = std::max(uniform(random), 1e-300);
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * uniform(random));
}

double phi(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

}  // namespace

TEST_CASE("interval: quantiles of the normal and of Student's t") {
    CHECK(normal_quantile(0.95) == Approx(1.959963984540054).epsilon(1e-13));
    CHECK(normal_quantile(0.99) == Approx(2.5758293035489004).epsilon(1e-13));
    CHECK(student_quantile(0.95, 1.0) ==
          Approx(12.706204736174696).epsilon(1e-11));  // tan(0.475 pi)
    CHECK(student_quantile(0.95, 10.0) == Approx(2.2281388519649385).epsilon(1e-11));
}

TEST_CASE("interval: Wilson's at the ends and in the middle") {
    const auto [lo, hi] = wilson(3.0, 20.0, 0.95);  // From the formula, in Python.
    CHECK(lo == Approx(0.052368745896216595).epsilon(1e-12));
    CHECK(hi == Approx(0.36041886474075696).epsilon(1e-12));
    CHECK(wilson(0.0, 5.0, 0.95).first == 0.0);
    CHECK(wilson(5.0, 5.0, 0.95).second == 1.0);
    CHECK(wilson(5.0, 5.0, 0.95).first == Approx(0.5655175352168251).epsilon(1e-12));
}

TEST_CASE("interval: Garwood's for counts") {
    const auto [lo, hi] = poisson(10, 0.95);  // Garwood's table: 4.795, 18.390.
    CHECK(lo == Approx(4.795).margin(5e-4));
    CHECK(hi == Approx(18.390).margin(5e-4));
    CHECK(poisson(0, 0.95).first == 0.0);
    CHECK(poisson(0, 0.95).second == Approx(-std::log(0.025)).epsilon(1e-12));
}

TEST_CASE("interval: order statistics hold the quantile often enough and not much too often") {
    CHECK_FALSE(
        quantile_ranks(5, 0.5, 0.95).has_value());  // Even the whole range covers only 93.75 %.
    CHECK(quantile_ranks(6, 0.5, 0.95) == std::pair<std::uint64_t, std::uint64_t>{0, 5});
    // Classical table for the median: n = 20 gives ranks 6 and 15 (1-based).
    CHECK(quantile_ranks(20, 0.5, 0.95) == std::pair<std::uint64_t, std::uint64_t>{5, 14});
    CHECK_FALSE(quantile_ranks(0, 0.5, 0.95).has_value());
    std::mt19937_64 random(11);
    for (const double q : {0.5, 0.95}) {
        int covered = 0;
        constexpr int kRuns = 2'000;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<double> values(300);
            for (double& x : values) {
                x = uniform(random);
            }
            std::sort(values.begin(), values.end());
            const auto ranks = quantile_ranks(values.size(), q, 0.95);
            REQUIRE(ranks.has_value());
            covered += values[ranks->first] <= q && q <= values[ranks->second] ? 1 : 0;
        }
        CAPTURE(q, covered);
        CHECK(covered >= 0.945 * kRuns);
        CHECK(covered <= 0.985 * kRuns);
    }
    const auto many = quantile_ranks(1'000'000, 0.5, 0.95);
    REQUIRE(many.has_value());
    CHECK(static_cast<double>(many->first) == Approx(500'000 - 980).margin(3));
    CHECK(static_cast<double>(many->second) == Approx(500'000 + 980).margin(3));
}

TEST_CASE("interval: DeLong's for AUC covers 94 to 96 % where it is used alone") {
    std::mt19937_64 random(20251125);
    for (const auto& [positives, shift] :
         {std::pair{150, 1.0}, std::pair{500, 1.0}, std::pair{200, 1.6}}) {
        const double truth = phi(shift / std::sqrt(2.0));
        constexpr int kRuns = 3'000;
        int covered = 0;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<double> p(static_cast<std::size_t>(positives));
            std::vector<double> n(static_cast<std::size_t>(positives) * 2);
            for (double& x : p) {
                x = normal(random) + shift;
            }
            for (double& x : n) {
                x = normal(random);
            }
            std::sort(p.begin(), p.end());
            std::sort(n.begin(), n.end());
            const BinaryRanking ranking = rank_sorted(p, n);
            const auto [lo, hi] =
                auc_interval(ranking.roc_auc, ranking.roc_auc_se, p.size(), n.size(), 0.95);
            covered += lo <= truth && truth <= hi ? 1 : 0;
        }
        CAPTURE(positives, shift, covered);
        CHECK(covered >= 0.94 * kRuns);
        CHECK(covered <= 0.96 * kRuns);
    }
}

TEST_CASE("interval: AUC with few positives or near one does not under-cover") {
    std::mt19937_64 random(3);
    for (const auto& [positives, shift] : {std::pair{9, 1.0}, std::pair{30, 2.5}}) {
        const double truth = phi(shift / std::sqrt(2.0));
        constexpr int kRuns = 1'500;
        int covered = 0;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<double> p(static_cast<std::size_t>(positives));
            std::vector<double> n(270);
            for (double& x : p) {
                x = normal(random) + shift;
            }
            for (double& x : n) {
                x = normal(random);
            }
            std::sort(p.begin(), p.end());
            std::sort(n.begin(), n.end());
            const BinaryRanking ranking = rank_sorted(p, n);
            const auto [lo, hi] =
                auc_interval(ranking.roc_auc, ranking.roc_auc_se, p.size(), n.size(), 0.95);
            REQUIRE((lo <= ranking.roc_auc && ranking.roc_auc <= hi));
            covered += lo <= truth && truth <= hi ? 1 : 0;
        }
        CAPTURE(positives, shift, covered);
        CHECK(covered >= 0.94 * kRuns);
    }
    const auto perfect = auc_interval(1.0, 0.0, 20, 50, 0.95);
    CHECK(perfect.second == 1.0);
    CHECK((perfect.first > 0.8 && perfect.first < 0.99));
    const auto single = auc_interval(0.5, std::nullopt, 1, 1, 0.95);
    CHECK((single.first >= 0.0 && single.first < 0.1 && single.second > 0.9));
}

TEST_CASE("interval: means cover 95 %") {
    std::mt19937_64 random(5);
    int covered = 0;
    constexpr int kRuns = 4'000;
    for (int run = 0; run < kRuns; ++run) {
        double sum = 0.0;
        double squares = 0.0;
        constexpr int kN = 12;
        for (int i = 0; i < kN; ++i) {
            const double x = normal(random);
            sum += x;
            squares += x * x;
        }
        const double mean = sum / kN;
        const auto interval =
            mean_interval(mean, (squares - kN * mean * mean) / (kN - 1), kN, 0.95);
        covered += interval->first <= 0.0 && 0.0 <= interval->second ? 1 : 0;
    }
    CAPTURE(covered);
    CHECK(covered >= 0.94 * kRuns);
    CHECK(covered <= 0.96 * kRuns);
    CHECK_FALSE(mean_interval(1.0, 0.0, 1, 0.95).has_value());
    CHECK_FALSE(mean_interval(1.0, 0.0, 9, 0.95).has_value());
}

TEST_CASE("interval: scales keep values inside their range, and refuse the ends") {
    const auto logit = logit_interval(0.99, 0.05, 1.96);
    CHECK((logit->first > 0.0 && logit->second < 1.0));
    CHECK_FALSE(logit_interval(1.0, 0.05, 1.96).has_value());
    CHECK_FALSE(logit_interval(0.0, 0.05, 1.96).has_value());
    const auto fisher = fisher_interval(-0.95, 0.02, 1.96);
    CHECK((fisher->first > -1.0 && fisher->second < 0.0));
    CHECK_FALSE(fisher_interval(1.0, 0.1, 1.96).has_value());
    CHECK_FALSE(logit_interval(0.5, 0.0, 1.96).has_value());
    CHECK_FALSE(fisher_interval(0.5, 0.0, 1.96).has_value());
    const auto precision = average_precision_interval(1.0, 5, 0.95);
    CHECK((precision.first > 0.1 && precision.first < 1.0 && precision.second == 1.0));
}

TEST_CASE("interval: average precision covers 95 % with few positives among many negatives") {
    std::mt19937_64 random(11);

    struct Case {
        std::size_t positives;
        std::size_t negatives;
        double shift;
    };

    for (const Case& one : {Case{1, 500, 1.0},
                            Case{2, 1'998, 0.36},
                            Case{3, 27, 1.0},
                            Case{5, 4'995, 0.36},
                            Case{10, 9'990, 0.36},
                            Case{10, 90, 1.8},
                            Case{50, 450, 1.0}}) {
        // The value behind the sample: the mean over positives of the share of positives above.
        const double odds = static_cast<double>(one.negatives) / static_cast<double>(one.positives);
        double truth = 0.0;
        constexpr double kStep = 1e-3;
        for (double x = -9.0; x < 9.0; x += kStep) {
            const double above = phi(-x);
            const double precision = above / (above + odds * phi(-(x + one.shift)));
            truth += precision * std::exp(-0.5 * x * x) / std::sqrt(6.283185307179586) * kStep;
        }
        constexpr int kRuns = 400;
        int covered = 0;
        std::vector<double> p(one.positives);
        std::vector<double> n(one.negatives);
        for (int run = 0; run < kRuns; ++run) {
            std::ranges::generate(p, [&] { return normal(random) + one.shift; });
            std::ranges::generate(n, [&] { return normal(random); });
            std::ranges::sort(p);
            std::ranges::sort(n);
            const double value = rank_sorted(p, n).average_precision;
            const auto [lo, hi] = average_precision_interval(value, p.size(), 0.95);
            REQUIRE((lo <= value && value <= hi && lo >= 0.0 && hi <= 1.0));
            covered += lo <= truth && truth <= hi ? 1 : 0;
        }
        CAPTURE(one.positives, one.negatives, one.shift, covered);
        CHECK(covered >= 0.93 * kRuns);
    }
}
