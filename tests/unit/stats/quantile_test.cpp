#include "stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <catch2/catch.hpp>

#include "stats/vector_log.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

TEST_CASE("quantile: linear between neighbours, as numpy's default") {
    std::vector<double> values{3.0, 1.0, 2.0, 4.0};
    CHECK(quantile(values, 0.0) == 1.0);
    CHECK(quantile(values, 0.5) == 2.5);
    CHECK(quantile(values, 0.95) == Approx(3.85).epsilon(1e-15));
    CHECK(quantile(values, 1.0) == 4.0);
    std::vector<double> one{7.0};
    CHECK(quantile(one, 0.3) == 7.0);
    std::vector<double> none;
    CHECK_FALSE(quantile(none, 0.5).has_value());
    CHECK_FALSE(quantile_sorted(none, 0.5).has_value());
}

TEST_CASE("quantile: selection and sorted values agree to the bit") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values;
        const std::uint64_t n = 1 + random() % 400;
        for (std::uint64_t i = 0; i < n; ++i) {
            values.push_back(static_cast<double>(random() % 100) / 7.0);
        }
        auto sorted = values;
        std::sort(sorted.begin(), sorted.end());
        const double q = static_cast<double>(random() % 1'001) / 1'000.0;
        CHECK(quantile(values, q) == quantile_sorted(sorted, q));
    }
}

TEST_CASE("vector log: within one unit in the last place of the true logarithm") {
    std::mt19937_64 random(2);
    std::vector<double> values{1.0,
                               0.5,
                               2.0,
                               1e-15,
                               1.0 - 1e-15,
                               0x1p-1022,
                               1e308,
                               std::sqrt(0.5),
                               std::sqrt(2.0),
                               1.0 + 0x1p-52,
                               1.0 - 0x1p-53};
    for (int i = 0; i < 100'001; ++i) {  // An odd number: the last one goes alone.
        values.push_back(std::ldexp(1.0 + static_cast<double>(random() >> 12) * 0x1p-52,
                                    static_cast<int>(random() % 100) - 80));
    }
    auto logs = values;
    log_in_place(logs);
    double worst = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const long double truth = std::log(static_cast<long double>(values[i]));
        const double unit = std::nextafter(std::fabs(static_cast<double>(truth)), 1e300) -
                            std::fabs(static_cast<double>(truth));
        worst = std::max(
            worst,
            static_cast<double>(std::fabs(static_cast<long double>(logs[i]) - truth)) / unit);
    }
    CAPTURE(worst);
    CHECK(worst < 1.0);
    CHECK(logs[0] == 0.0);
    std::vector<double> nothing;
    log_in_place(nothing);
    CHECK(nothing.empty());
}
