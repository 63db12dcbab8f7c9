// Histograms against exact answers: the stated bounds hold on every shape, merges equal the whole.

#include <algorithm>
#include <cmath>
#include <random>

#include <catch2/catch.hpp>

#include "stats/binary_ranking.h"
#include "stats/log_linear_histogram.h"
#include "stats/quantile.h"
#include "stats/radix_sort.h"
#include "stats/score_histogram.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::uint64_t kSeed = 42;

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

double normal(std::mt19937_64& random) {
    const double u = std::max(uniform(random), 1e-300);
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * uniform(random));
}

struct Shape {
    const char* name;
    double (*score)(std::mt19937_64& random, bool positive);
    double prevalence;
};

double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

const Shape kShapes[] = {
    {"uniform",
     [](std::mt19937_64& r, bool y) {
         return y ? std::sqrt(uniform(r)) : 1.0 - std::sqrt(uniform(r));
     },
     0.5},
    {"fraud",
     [](std::mt19937_64& r, bool y) { return std::pow(uniform(r), 3.3) * (y ? 0.4 : 0.05); },
     0.01},
    {"overconfident",
     [](std::mt19937_64& r, bool y) { return logistic(12.0 * (normal(r) + (y ? 0.5 : -0.5))); },
     0.5},
    {"two decimals",
     [](std::mt19937_64& r, bool y) {
         return std::round(100.0 * logistic(normal(r) + (y ? 1 : 0))) / 100.0;
     },
     0.3},
    {"constant", [](std::mt19937_64&, bool) { return 0.25; }, 0.5},
    {"separated",
     [](std::mt19937_64& r, bool y) { return (y ? 0.6 : 0.1) + 0.3 * uniform(r); },
     0.4},
    {"anti", [](std::mt19937_64& r, bool y) { return (y ? 0.0 : 0.3) + 0.5 * uniform(r); }, 0.4},
    {"ends",
     [](std::mt19937_64& r, bool y) { return uniform(r) < 0.7 ? (y ? 1.0 : 0.0) : uniform(r); },
     0.5},
    {"tiny", [](std::mt19937_64& r, bool y) { return std::ldexp(uniform(r), y ? -38 : -45); }, 0.5},
    {"near one",
     [](std::mt19937_64& r, bool y) { return 1.0 - std::ldexp(uniform(r), y ? -45 : -38); },
     0.5},
    // All scores of one bin, positives below negatives and the other way round: the worst order
    // inside a bin.
    {"one bin, worst",
     [](std::mt19937_64& r, bool y) { return 0.5 + (y ? 0.0 : 0.001) + 0.0005 * uniform(r); },
     0.5},
    {"one bin, best",
     [](std::mt19937_64& r, bool y) { return 0.3 + (y ? 0.001 : 0.0) + 0.0005 * uniform(r); },
     0.1},
    {"comb",
     [](std::mt19937_64& r, bool y) {
         return (std::floor(64.0 * uniform(r)) + (y ? 0.1 : 0.6)) / 64.0;
     },
     0.5},
    {"outside", [](std::mt19937_64& r, bool y) { return 3.0 * normal(r) + (y ? 1.0 : 0.0); }, 0.5},
};

}  // namespace

TEST_CASE("score histogram: its bounds hold on every shape") {
    for (const Shape& shape : kShapes) {
        std::mt19937_64 random(kSeed);
        std::vector<double> scores[2];
        ScoreHistogram whole;
        ScoreHistogram left;
        ScoreHistogram right;
        for (int i = 0; i < 20'000; ++i) {
            const bool positive = uniform(random) < shape.prevalence;
            const double score = shape.score(random, positive);
            scores[positive ? 1 : 0].push_back(score);
            whole.add(std::span(&score, 1), positive);
            (i % 3 == 0 ? left : right).add(std::span(&score, 1), positive);
        }
        left.merge(right);
        for (auto& one : scores) {
            sort_ascending(one);
        }
        const BinaryRanking exact = rank_sorted(scores[1], scores[0]);
        const BinaryRanking binned = rank_bins(whole.occupied());
        const BinaryRanking merged = rank_bins(left.occupied());
        CAPTURE(shape.name,
                exact.roc_auc,
                binned.roc_auc,
                binned.roc_auc_bound,
                exact.average_precision,
                binned.average_precision,
                binned.average_precision_bound,
                exact.ks,
                binned.ks,
                binned.ks_bound);
        constexpr double kRounding = 1e-12;
        CHECK(std::fabs(exact.roc_auc - binned.roc_auc) <= binned.roc_auc_bound + kRounding);
        CHECK(std::fabs(exact.average_precision - binned.average_precision) <=
              binned.average_precision_bound + kRounding);
        CHECK(exact.ks >= binned.ks - kRounding);
        CHECK(exact.ks <= binned.ks + binned.ks_bound + kRounding);
        CHECK(merged.roc_auc == binned.roc_auc);
        CHECK(merged.average_precision == binned.average_precision);
        CHECK(merged.roc_auc_se == binned.roc_auc_se);
        CHECK(whole.positives() + whole.negatives() == 20'000);
    }
}

TEST_CASE("score histogram: smooth scores are answered within 1e-5") {
    for (const Shape& shape : std::span(kShapes).first(4)) {
        std::mt19937_64 random(kSeed + 1);
        std::vector<double> scores[2];
        ScoreHistogram histogram;
        for (int i = 0; i < 200'000; ++i) {
            const bool positive = uniform(random) < shape.prevalence;
            scores[positive ? 1 : 0].push_back(shape.score(random, positive));
        }
        histogram.add(scores[1], true);
        histogram.add(scores[0], false);
        for (auto& one : scores) {
            sort_ascending(one);
        }
        CAPTURE(shape.name);
        CHECK(std::fabs(rank_sorted(scores[1], scores[0]).roc_auc -
                        rank_bins(histogram.occupied()).roc_auc) < 1e-5);
    }
}

TEST_CASE("score histogram: every bin holds the scores it counts") {
    std::mt19937_64 random(kSeed);
    for (int i = 0; i < 20'000; ++i) {
        const double size = std::ldexp(uniform(random), -static_cast<int>(random() % 60));
        const double score = (random() & 1) != 0 ? size : 1.0 - size;
        ScoreHistogram histogram;
        histogram.add(std::span(&score, 1), (random() & 1) != 0);
        const auto bins = histogram.occupied();
        REQUIRE(bins.size() == 1);
        CAPTURE(score, bins[0].lo, bins[0].hi);
        CHECK((bins[0].lo <= score && score <= bins[0].hi));
    }
    for (const double score :
         {0.0, -0.0, 0.5, 1.0, 0x1p-40, 1.0 - 0x1p-40, std::nextafter(0.5, 0.0)}) {
        ScoreHistogram histogram;
        histogram.add(std::span(&score, 1), true);
        CHECK((histogram.occupied()[0].lo <= score && score <= histogram.occupied()[0].hi));
    }
}

TEST_CASE("log-linear histogram: quantiles stay within their bound and 0.4 %") {
    std::mt19937_64 random(kSeed);
    using Source = double (*)(std::mt19937_64&);
    const Source sources[] = {
        [](std::mt19937_64& r) { return std::exp(4.0 + 1.5 * normal(r)); },
        [](std::mt19937_64& r) { return 100.0 * normal(r); },
        [](std::mt19937_64& r) { return std::floor(20.0 * uniform(r)) - 10.0; },
        [](std::mt19937_64&) { return 0.0; },
        [](std::mt19937_64& r) { return std::ldexp(normal(r), static_cast<int>(r() % 70) - 28); },
    };
    for (const Source source : sources) {
        std::vector<double> values;
        LogLinearHistogram whole;
        LogLinearHistogram merged;
        for (int i = 0; i < 5'000; ++i) {
            values.push_back(source(random));
        }
        whole.add(values);
        for (std::size_t begin = 0; begin < values.size(); begin += 1'000) {
            LogLinearHistogram piece;
            piece.add(std::span<const double>(values).subspan(begin, 1'000));
            merged.merge(piece);
        }
        for (const double q : {0.0, 0.01, 0.25, 0.5, 0.95, 0.99, 1.0}) {
            auto copy = values;
            const double exact = *quantile(copy, q);
            const auto answer = whole.quantile(q);
            REQUIRE(answer.has_value());
            CAPTURE(q, exact, answer->value, answer->error_bound);
            CHECK(std::fabs(answer->value - exact) <= answer->error_bound * (1.0 + 1e-12));
            CHECK(answer->error_bound <= 0.004 * std::max(std::fabs(exact), 0x1p-20) + 0.02);
            CHECK(merged.quantile(q)->value == answer->value);
            for (double& x : copy) {
                x = std::fabs(x);
            }
            const double size = *quantile(copy, q);
            const auto of_sizes = whole.quantile(q, true);
            CHECK(std::fabs(of_sizes->value - size) <= of_sizes->error_bound * (1.0 + 1e-12));
        }
    }
    CHECK_FALSE(LogLinearHistogram().quantile(0.5).has_value());
}

TEST_CASE("radix sort: sorts as std::sort, with negatives, zeros and infinities") {
    std::mt19937_64 random(kSeed);
    for (const std::size_t n : {0UL, 1UL, 2UL, 599UL, 600UL, 5'000UL, 70'000UL}) {
        std::vector<double> values;
        for (std::size_t i = 0; i < n; ++i) {
            values.push_back(
                i % 7 == 0   ? -0.0
                : i % 3 == 0 ? uniform(random)
                             : std::ldexp(normal(random), static_cast<int>(random() % 200) - 100));
        }
        if (n > 10) {
            values[3] = std::numeric_limits<double>::infinity();
            values[5] = -std::numeric_limits<double>::infinity();
            values[7] = 5e-324;
        }
        auto expected = values;
        std::sort(expected.begin(), expected.end());
        sort_ascending(values);
        CHECK(values == expected);
        CHECK(std::none_of(
            values.begin(), values.end(), [](double x) { return x == 0.0 && std::signbit(x); }));
    }
}
