#include "stats/binary_ranking.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

/// Straight from the definitions, quadratic.
struct Plain {
    double auc = 0.0;
    double se = 0.0;
    double precision = 0.0;
    double ks = 0.0;

    Plain(const std::vector<double>& positives, const std::vector<double>& negatives) {
        const auto p = static_cast<double>(positives.size());
        const auto n = static_cast<double>(negatives.size());
        const auto kernel = [](double a, double b) { return a > b ? 1.0 : a == b ? 0.5 : 0.0; };
        std::vector<double> of_positive(positives.size());
        std::vector<double> of_negative(negatives.size());
        for (std::size_t i = 0; i < positives.size(); ++i) {
            for (std::size_t k = 0; k < negatives.size(); ++k) {
                of_positive[i] += kernel(positives[i], negatives[k]) / n;
                of_negative[k] += kernel(positives[i], negatives[k]) / p;
            }
            auc += of_positive[i] / p;
        }
        double s10 = 0.0;
        double s01 = 0.0;
        for (const double v : of_positive) {
            s10 += (v - auc) * (v - auc) / (p - 1.0);
        }
        for (const double v : of_negative) {
            s01 += (v - auc) * (v - auc) / (n - 1.0);
        }
        se = std::sqrt(s10 / p + s01 / n);
        std::vector<double> thresholds = positives;
        thresholds.insert(thresholds.end(), negatives.begin(), negatives.end());
        std::sort(thresholds.rbegin(), thresholds.rend());
        double recall = 0.0;
        for (const double t : thresholds) {
            const auto above = [t](double x) { return x >= t; };
            const auto tp =
                static_cast<double>(std::count_if(positives.begin(), positives.end(), above));
            const auto fp =
                static_cast<double>(std::count_if(negatives.begin(), negatives.end(), above));
            precision += (tp / p - recall) * tp / (tp + fp);
            recall = tp / p;
            ks = std::max(ks, std::fabs(tp / p - fp / n));
        }
    }
};

}  // namespace

TEST_CASE("binary ranking: equals the definitions, with and without ties") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        const std::uint64_t distinct = round % 2 == 0 ? 5 : 1'000'000;
        std::vector<double> scores[2];
        for (std::uint64_t i = 0; i < 60; ++i) {
            const std::size_t y = i < 2 ? 0 : i < 4 ? 1 : random() % 2;
            scores[y].push_back(static_cast<double>(random() % distinct + y * (distinct / 5)) /
                                static_cast<double>(distinct));
        }
        std::sort(scores[0].begin(), scores[0].end());
        std::sort(scores[1].begin(), scores[1].end());
        const Plain plain(scores[1], scores[0]);
        const BinaryRanking ranking = rank_sorted(scores[1], scores[0]);
        CHECK(ranking.roc_auc == Approx(plain.auc).epsilon(1e-12));
        CHECK(*ranking.roc_auc_se == Approx(plain.se).epsilon(1e-9).margin(1e-12));
        CHECK(ranking.average_precision == Approx(plain.precision).epsilon(1e-12));
        CHECK(ranking.ks == Approx(plain.ks).epsilon(1e-12).margin(1e-15));
    }
}

TEST_CASE("binary ranking: extremes") {
    const std::vector<double> low{0.1, 0.2};
    const std::vector<double> high{0.8, 0.9};
    const BinaryRanking perfect = rank_sorted(high, low);
    CHECK(perfect.roc_auc == 1.0);
    CHECK(perfect.average_precision == 1.0);
    CHECK(perfect.ks == 1.0);
    CHECK(*perfect.roc_auc_se == 0.0);
    const BinaryRanking worst = rank_sorted(low, high);
    CHECK(worst.roc_auc == 0.0);
    CHECK(worst.ks == 1.0);
    CHECK(worst.average_precision == Approx((1.0 / 3.0 + 0.5) / 2.0));
    const std::vector<double> one{0.5};
    const BinaryRanking tie = rank_sorted(one, one);
    CHECK(tie.roc_auc == 0.5);
    CHECK(tie.average_precision == 0.5);
    CHECK_FALSE(tie.roc_auc_se.has_value());
}
