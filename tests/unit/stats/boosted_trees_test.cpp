// Boosted trees learn what is there, by ordered columns and by sets of codes, and nothing else.

#include "stats/boosted_trees.h"

#include <cmath>
#include <numeric>
#include <random>

#include <catch2/catch.hpp>

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

struct Data {
    std::vector<std::uint8_t> codes;  // Two columns: ordered 0 to 31, categories 0 to 9.
    std::vector<double> targets;
    std::vector<std::uint32_t> rows;

    [[nodiscard]] CodeTable table() const { return {codes, 2}; }
};

/// A step of the first column, and a set of categories of the second.
double truth(std::uint8_t ordered, std::uint8_t category) {
    return (ordered >= 20 ? 3.0 : 0.0) +
           (category == 1 || category == 4 || category == 8 ? 2.0 : 0.0);
}

Data make(std::size_t n, double noise, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0.0, noise);
    Data out;
    for (std::size_t i = 0; i < n; ++i) {
        const auto ordered = static_cast<std::uint8_t>(random() % 32);
        const auto category = static_cast<std::uint8_t>(random() % 10);
        out.codes.insert(out.codes.end(), {ordered, category});
        out.targets.push_back(truth(ordered, category) + normal(random));
        out.rows.push_back(static_cast<std::uint32_t>(i));
    }
    return out;
}

constexpr std::uint32_t kColumns[] = {0, 1};
constexpr std::uint8_t kOrdered[] = {1, 0};

}  // namespace

TEST_CASE("boosted trees: steps and sets of categories are found") {
    const Data data = make(5'000, 0.5, 20261128);
    const BoostedTrees trees = BoostedTrees::fit(
        data.table(), data.targets, data.rows, kColumns, kOrdered, {.trees = 100});
    for (std::uint8_t ordered = 0; ordered < 32; ++ordered) {
        for (std::uint8_t category = 0; category < 10; ++category) {
            const std::uint8_t codes[] = {ordered, category};
            CAPTURE(int{ordered}, int{category});
            CHECK(std::fabs(trees.predict(codes, 100) - truth(ordered, category)) < 0.35);
        }
    }
    const std::uint8_t unseen[] = {63, 40};
    CHECK(std::fabs(trees.predict(unseen, 100) - 3.0) < 1.0);
    CHECK(trees.memory_bytes() < 100 * 256);
}

TEST_CASE("boosted trees: log odds of a share that depends on the codes") {
    Data data = make(20'000, 0.0, 3);
    std::mt19937_64 random(4);
    for (double& target : data.targets) {
        const double p = target >= 3.0 ? 0.8 : 0.1;
        target = static_cast<double>(random() >> 11) * 0x1p-53 < p ? 1.0 : 0.0;
    }
    const BoostedTrees trees =
        BoostedTrees::fit(data.table(),
                          data.targets,
                          data.rows,
                          kColumns,
                          kOrdered,
                          {.loss = BoostOptions::Loss::kLogistic, .trees = 60});
    const std::uint8_t high[] = {25, 0};
    const std::uint8_t low[] = {5, 0};
    CHECK(1.0 / (1.0 + std::exp(-trees.predict(high, 60))) == Approx(0.8).margin(0.03));
    CHECK(1.0 / (1.0 + std::exp(-trees.predict(low, 60))) == Approx(0.1).margin(0.03));
}

TEST_CASE("boosted trees: what is not there is not split on, and equal rows give equal bits") {
    Data data = make(200, 0.0, 5);
    std::ranges::fill(data.targets, 7.0);
    const BoostedTrees flat =
        BoostedTrees::fit(data.table(), data.targets, data.rows, kColumns, kOrdered, {.trees = 10});
    CHECK(flat.trees() == 0);
    CHECK(flat.predict(data.table().row(0), 10) == 7.0);
    const Data noisy = make(500, 1.0, 6);
    const auto fit = [&] {
        return BoostedTrees::fit(
            noisy.table(), noisy.targets, noisy.rows, kColumns, kOrdered, {.trees = 20});
    };
    CHECK(fit().predict(noisy.table().row(9), 20) == fit().predict(noisy.table().row(9), 20));
    CHECK(BoostedTrees::fit(noisy.table(), noisy.targets, {}, kColumns, kOrdered, {})
              .predict(noisy.table().row(0), 5) == 0.0);
    const auto few = std::span(noisy.rows).first(30);
    CHECK(BoostedTrees::fit(noisy.table(), noisy.targets, few, kColumns, kOrdered, {}).trees() ==
          0);
}
