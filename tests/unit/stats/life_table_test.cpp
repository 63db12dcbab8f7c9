// The delay model: published survival curves, truth by simulation, ends.

#include "stats/life_table.h"

#include <cmath>
#include <random>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

// Remission times of 21 patients on 6-MP (E. J. Freireich et al. 1963), the textbook example:
// D. G. Kleinbaum, M. Klein, "Survival Analysis", table 2.2.
TEST_CASE("life table: the product-limit estimate of Freireich's data") {
    LogLinearHistogram came;
    for (const double t : {6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0}) {
        came.add(t);
    }
    std::vector<LifeTable::Waiting> waiting;
    for (const double t : {6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0}) {
        waiting.push_back({t, 1});
    }
    const LifeTable table = LifeTable::fit(came, waiting);
    const std::pair<double, double> left[] = {{5.0, 1.0},
                                              {6.5, 0.857142857},
                                              {7.5, 0.806722689},
                                              {10.5, 0.752941176},
                                              {13.5, 0.690196078},
                                              {16.5, 0.627450980},
                                              {22.5, 0.537815126},
                                              {23.5, 0.448179272}};
    for (const auto& [age, share] : left) {
        CAPTURE(age);
        CHECK(1.0 - table.share_at(age) == Approx(share).epsilon(1e-8));
    }
    CHECK(table.age_max() == 35.0);
    CHECK(table.to_come({{8.0, 2}, {35.0, 5}}) ==
          Approx(2.0 * (1.0 - 0.448179272 / 0.806722689)).epsilon(1e-8));
    CHECK(table.share_finally() == Approx(1.0 - 0.448179272).epsilon(1e-8));
    // Greenwood's standard error at 23: 0.1346; of the finished share that is a ratio of itself.
    const auto whole = table.completeness({{35.0, 1}}, 0.95);
    REQUIRE(whole);
    CHECK(whole->value == 1.0);
    CHECK(whole->interval.first == Approx(1.0).epsilon(1e-6));
    CHECK(*table.age_of(0.5) == Approx(13.0).epsilon(0.01));
}

TEST_CASE("life table: labels still to come are foreseen, those that never come are not") {
    std::mt19937_64 random(20261129);
    std::exponential_distribution<double> delay(1.0 / 86'400.0);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    constexpr int kRuns = 300;
    int covered = 0;
    double finally = 0.0;
    for (int run = 0; run < kRuns; ++run) {
        LogLinearHistogram came;
        std::vector<LifeTable::Waiting> waiting;
        for (int i = 0; i < 2'000; ++i) {
            const double age = 10.0 * 86'400.0 * unit(random);
            const double takes = unit(random) < 0.7 ? delay(random) : 1e12;  // 30 % never come.
            if (takes <= age) {
                came.add(takes);
            } else {
                waiting.push_back({age, 1});
            }
        }
        const LifeTable table = LifeTable::fit(came, waiting);
        finally += table.share_finally() / kRuns;
        const auto now = table.completeness({{86'400.0, 500}, {43'200.0, 500}}, 0.95);
        REQUIRE(now);
        const double truth = 1.0 - (std::exp(-1.0) + std::exp(-0.5)) / 2;
        covered += now->interval.first <= truth && truth <= now->interval.second ? 1 : 0;
    }
    CAPTURE(covered, finally);
    CHECK(std::fabs(finally - 0.7) < 0.005);
    CHECK(covered >= 0.92 * kRuns);
    CHECK(covered < kRuns);
}

// One late label among few events of that age would otherwise be half of all that are to come.
TEST_CASE("life table: the curve ends where too few events are left to tell") {
    LogLinearHistogram came;
    std::vector<LifeTable::Waiting> waiting{{10.0, 500}};
    for (int i = 0; i < 500; ++i) {
        came.add(1.0);
    }
    came.add(100.0);
    waiting.push_back({200.0, 1});
    CHECK(LifeTable::fit(came, waiting).share_finally() == Approx(0.75).epsilon(0.01));
    const LifeTable cut = LifeTable::fit(came, waiting, 20);
    CHECK(cut.share_finally() == Approx(0.5).epsilon(0.01));
    CHECK(cut.age_max() == Approx(1.0).epsilon(0.01));
    CHECK(LifeTable::fit(came, {}, 1'000).share_finally() == 1.0);  // Nobody waits.
}

TEST_CASE("life table: nothing has come") {
    const LifeTable none = LifeTable::fit({}, {{5.0, 3}});
    CHECK(none.empty());
    CHECK(none.share_at(100.0) == 0.0);
    CHECK(!none.completeness({{1.0, 1}}, 0.95));
    CHECK(!none.age_of(0.5));
    LogLinearHistogram all;
    all.add(3.0);
    const LifeTable whole = LifeTable::fit(all, {});
    CHECK(whole.share_finally() == 1.0);
    CHECK(!whole.completeness({}, 0.95));
    CHECK(whole.completeness({{1.0, 2}}, 0.95)->value == 0.0);
}
