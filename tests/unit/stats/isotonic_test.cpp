// Isotonic regression against scikit-learn 1.2.1 (IsotonicRegression, out_of_bounds="clip").

#include "stats/isotonic.h"

#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

TEST_CASE("isotonic: fits and interpolates as scikit-learn does") {
    const double x[] = {0.03125,
                        0.265625,
                        0.34375,
                        0.359375,
                        0.390625,
                        0.5,
                        0.546875,
                        0.5625,
                        0.578125,
                        0.59375,
                        0.703125,
                        0.796875,
                        0.8125,
                        0.828125,
                        0.859375,
                        0.953125};
    const double y[] = {0.11,
                        0.0,
                        0.0,
                        0.198,
                        0.0,
                        0.492,
                        0.084,
                        0.65,
                        0.015,
                        0.773,
                        0.499,
                        0.603,
                        0.789,
                        0.791,
                        0.499,
                        1.0};
    const double w[] = {8, 4, 4, 4, 8, 2, 4, 5, 6, 1, 2, 7, 8, 3, 1, 2};
    std::vector<IsotonicPoint> points;
    for (std::size_t i = 0; i < std::size(x); ++i) {
        points.push_back({x[i], y[i], w[i], w[i]});
    }
    const std::vector<IsotonicBlock> blocks = fit_isotonic(points);
    const std::pair<double, double> expected[] = {{0.0, 0.055},
                                                  {0.03, 0.055},
                                                  {0.1, 0.055},
                                                  {0.33, 0.055},
                                                  {0.359375, 0.066},
                                                  {0.41, 0.09327999999999997},
                                                  {0.5, 0.22},
                                                  {0.5625, 0.30363636363636365},
                                                  {0.58, 0.3380399999999993},
                                                  {0.59375, 0.5903333333333333},
                                                  {0.7, 0.5903333333333333},
                                                  {0.77, 0.5993688888888888},
                                                  {0.8125, 0.7653333333333334},
                                                  {0.9, 0.8670222222222224},
                                                  {1.0, 1.0}};
    for (const auto& [at, value] : expected) {
        CAPTURE(at);
        CHECK(isotonic_at(blocks, at) == Approx(value).epsilon(1e-12));
    }
}

TEST_CASE("isotonic: blocks ascend, keep the weights, and are the means of their points") {
    std::mt19937_64 random(1);
    std::vector<IsotonicPoint> points;
    double weight = 0.0;
    double sum = 0.0;
    for (int i = 0; i < 500; ++i) {
        const auto w = static_cast<double>(1 + random() % 7);
        const double y = static_cast<double>(random() % 1000) / 1000 + i / 500.0;
        points.push_back({i / 500.0, y, w, w});
        weight += w;
        sum += w * y;
    }
    const std::vector<IsotonicBlock> blocks = fit_isotonic(points);
    double fitted_weight = 0.0;
    double fitted_sum = 0.0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        fitted_weight += blocks[i].weight;
        fitted_sum += blocks[i].weight * blocks[i].value;
        if (i > 0) {
            CHECK(blocks[i].value > blocks[i - 1].value);
            CHECK(blocks[i].x_first > blocks[i - 1].x_last);
        }
    }
    CHECK(fitted_weight == weight);
    CHECK(fitted_sum == Approx(sum).epsilon(1e-12));
    CHECK(fit_isotonic({}).empty());
}

TEST_CASE("isotonic: the block of an x is the one that holds it, or the nearest") {
    const std::vector<IsotonicPoint> points{{0.2, 0.1, 1, 1}, {0.4, 0.1, 1, 1}, {0.8, 0.9, 1, 1}};
    const std::vector<IsotonicBlock> blocks = fit_isotonic(points);
    REQUIRE(blocks.size() == 2);
    for (const auto& [x, block] :
         {std::pair{0.0, 0U}, {0.3, 0U}, {0.59, 0U}, {0.61, 1U}, {0.8, 1U}, {1.0, 1U}}) {
        CHECK(isotonic_block_at(blocks, x) == block);
    }
    CHECK(blocks[0].rows() == 2.0);
}
