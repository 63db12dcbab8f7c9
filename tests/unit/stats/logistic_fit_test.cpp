#include "stats/logistic_fit.h"

#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

LogisticFault fault(const std::vector<LogisticGroup>& groups) {
    return fit_logistic(groups).fault;
}

}  // namespace

TEST_CASE("logistic fit: two groups have a closed form") {
    // Log-odds ln(1/3) at 0 and ln(3) at 2; variances of log-odds are 1/a + 1/b.
    const LogisticAnswer out = fit_logistic(std::vector<LogisticGroup>{{0, 10, 40}, {2, 60, 80}});
    REQUIRE(out.fault == LogisticFault::kNone);
    CHECK(out.fit.intercept == Approx(-std::log(3.0)).epsilon(1e-12));
    CHECK(out.fit.slope == Approx(std::log(3.0)).epsilon(1e-12));
    const double at_0 = 1.0 / 10 + 1.0 / 30;
    const double at_2 = 1.0 / 60 + 1.0 / 20;
    CHECK(out.fit.intercept_se == Approx(std::sqrt(at_0)).epsilon(1e-9));
    CHECK(out.fit.slope_se == Approx(std::sqrt(at_0 + at_2) / 2.0).epsilon(1e-9));
}

TEST_CASE("logistic fit: where no finite maximum exists it is said why") {
    CHECK(fault({}) == LogisticFault::kOneClass);
    CHECK(fault({{1, 1, 1}}) == LogisticFault::kOneClass);
    CHECK(fault({{1, 0, 1}, {2, 0, 5}}) == LogisticFault::kOneClass);
    CHECK(fault({{1, 1, 2}}) == LogisticFault::kNoVariance);
    CHECK(fault({{1, 0, 1}, {2, 1, 1}}) == LogisticFault::kSeparated);
    CHECK(fault({{1, 1, 1}, {2, 0, 1}}) == LogisticFault::kSeparated);  // The other way round.
    CHECK(fault({{1, 0, 1}, {2, 1, 2}, {3, 1, 1}}) == LogisticFault::kSeparated);  // But for one x.
    CHECK(fault({{1, 0, 9}, {2, 1, 2}}) == LogisticFault::kSeparated);
    CHECK(fault({{1, 0, 1}, {2, 1, 1}, {3, 0, 1}}) == LogisticFault::kNone);
}

TEST_CASE("logistic fit: nearly separated and far off data still find the maximum") {
    // One of a million rows on the wrong side; x far from 0 with a narrow spread.
    const std::vector<std::vector<LogisticGroup>> cases = {
        {{-13.8, 1, 1e6}, {13.8, 1e6, 1e6}, {13.81, 0, 1}},
        {{13.0, 500'000, 1e6}, {13.0 + 1e-6, 500'001, 1e6}},
        {{-13.8, 1, 2}, {13.8, 1, 2}},
        {{-13.8, 1, 1e9}, {-13.7, 0, 1}, {13.8, 1, 1}},
    };
    for (const auto& groups : cases) {
        const LogisticAnswer out = fit_logistic(groups);
        REQUIRE(out.fault == LogisticFault::kNone);
        // At the maximum the residuals and their moment are 0.
        double residual = 0.0;
        double total = 0.0;
        for (const LogisticGroup& group : groups) {
            const double p = 1.0 / (1.0 + std::exp(-(out.fit.intercept + out.fit.slope * group.x)));
            residual += group.positives - group.n * p;
            total += group.n;
        }
        CHECK(std::fabs(residual) <= 1e-7 * total);
        CHECK(out.fit.slope_se > 0.0);
        CHECK(std::isfinite(out.fit.intercept_se));
    }
}

TEST_CASE("logistic fit: finds the line that data were made from") {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform;
    std::vector<LogisticGroup> groups;
    for (int i = 0; i < 20'000; ++i) {
        const double x = -4.0 + 8.0 * i / 20'000;
        groups.push_back(
            {x, uniform(random) < 1.0 / (1.0 + std::exp(0.5 - 1.5 * x)) ? 1.0 : 0.0, 1});
    }
    const LogisticAnswer out = fit_logistic(groups);
    REQUIRE(out.fault == LogisticFault::kNone);
    CHECK(std::fabs(out.fit.intercept + 0.5) < 4.0 * out.fit.intercept_se);
    CHECK(std::fabs(out.fit.slope - 1.5) < 4.0 * out.fit.slope_se);
    CHECK(out.fit.slope_se < 0.05);
}
