// Gaps between groups: by hand, at the edges, and how often their intervals hold the gap behind the
// samples. Fixed seeds.

#include "metrics/fairness.h"

#include <array>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/reasons.h"

using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

Decisions decisions(std::uint64_t tp, std::uint64_t fp, std::uint64_t fn, std::uint64_t tn) {
    return {.tp = tp, .fp = fp, .fn = fn, .tn = tn};
}

/// A group whose decisions are positive with probability `rate`.
Decisions drawn(std::mt19937_64& random, std::uint64_t n, double rate) {
    const auto yes = std::binomial_distribution<std::uint64_t>(n, rate)(random);
    return decisions(yes, 0, 0, n - yes);
}

}  // namespace

TEST_CASE("fairness: gaps are of the highest and the lowest group that is large enough") {
    const std::vector<Decisions> groups{
        decisions(40, 10, 10, 40), decisions(10, 5, 40, 45), {}, decisions(9, 0, 0, 0)};
    const Estimate selection = rate_gap(groups, Rate::kSelection, 30, 0.95);
    CHECK(*selection.value == Approx(0.5 - 0.15));
    CHECK(selection.groups == std::array<std::uint32_t, 2>{0, 1});
    CHECK(selection.n == 200);
    CHECK((selection.interval->first > 0.2 && selection.interval->second < 0.5));
    CHECK(*rate_ratio(groups, Rate::kSelection, 30, 0.95).value == Approx(0.3));
    CHECK(*rate_gap(groups, Rate::kTruePositive, 30, {}).value == Approx(0.8 - 0.2));
    CHECK(*rate_gap(groups, Rate::kSelection, 1, {}).value == Approx(1.0 - 0.15));
    CHECK(lowest_rate(groups, Rate::kAccuracy, 30, 0.95).groups[0] == 1);
    CHECK((selection.groups_counted == 2 &&
           rate_gap(groups, Rate::kSelection, 1, {}).groups_counted == 3));
}

TEST_CASE("fairness: of groups with equal rates the larger one is named") {
    const std::vector<Decisions> groups{decisions(0, 0, 20, 20),
                                        decisions(40, 0, 0, 40),
                                        decisions(0, 0, 40, 40),
                                        decisions(20, 0, 0, 20)};
    for (const Rate rate : {Rate::kTruePositive, Rate::kSelection}) {
        CHECK(rate_gap(groups, rate, 30, {}).groups == std::array<std::uint32_t, 2>{1, 2});
    }
    CHECK(lowest_rate(groups, Rate::kTruePositive, 30, {}).groups[0] == 2);
}

TEST_CASE("fairness: a group without positives takes part where its rate exists") {
    const std::vector<Decisions> groups{
        decisions(40, 10, 10, 40), decisions(0, 5, 0, 95), decisions(20, 10, 30, 40)};
    const Estimate tpr = rate_gap(groups, Rate::kTruePositive, 30, 0.95);
    CHECK((tpr.groups_counted == 2 && *tpr.value == Approx(0.8 - 0.4)));
    CHECK(rate_gap(groups, Rate::kFalsePositive, 30, 0.95).groups_counted == 3);
    CHECK(rate_of(groups[1], Rate::kTruePositive, 0.95).reason == reasons::kEmptyDenominator);
}

TEST_CASE("fairness: without two groups, or with too many, there is a reason") {
    const std::vector<Decisions> one{decisions(40, 10, 10, 40), decisions(1, 0, 0, 0)};
    CHECK(rate_gap(one, Rate::kSelection, 30, 0.95).reason == reasons::kTooFewGroups);
    CHECK(lowest_rate(one, Rate::kAccuracy, 30, 0.95).value == 0.8);
    const std::vector<Decisions> many(kFairGroupsMax + 1, decisions(40, 10, 10, 40));
    CHECK(rate_gap(many, Rate::kSelection, 30, 0.95).reason == reasons::kTooManyGroups);
    const std::vector<Decisions> none{decisions(0, 0, 50, 50), decisions(0, 0, 50, 50)};
    CHECK(rate_ratio(none, Rate::kSelection, 30, 0.95).reason == reasons::kEmptyDenominator);
    CHECK(rate_gap(none, Rate::kPrecision, 30, 0.95).reason == reasons::kTooFewGroups);
    CHECK(rate_gap(none, Rate::kSelection, 30, 0.95).value == 0.0);
}

TEST_CASE("fairness: intervals of gaps and ratios hold what is behind the samples") {
    struct Truth {
        std::size_t groups;
        std::uint64_t n;  // Of the smallest group; others have up to four times as many.
        double lowest;    // Rate of the first group …
        double spread;    // … and how much higher the last one's is.
    };

    constexpr int kRuns = 2'000;
    constexpr double kLeast = 0.945;
    std::mt19937_64 random(17);
    for (const Truth& truth : {Truth{2, 50, 0.4, 0.0},
                               Truth{2, 50, 0.05, 0.0},
                               Truth{2, 200, 0.4, 0.2},
                               Truth{2, 100, 0.02, 0.1},
                               Truth{3, 40, 0.1, 0.3},
                               Truth{4, 100, 0.4, 0.1},
                               Truth{4, 300, 0.05, 0.05},
                               Truth{8, 60, 0.4, 0.3},
                               Truth{8, 500, 0.4, 0.0},
                               Truth{20, 50, 0.2, 0.2}}) {
        int gaps = 0;
        int odds = 0;
        int ratios = 0;
        int lowest = 0;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<Decisions> groups;
            for (std::size_t i = 0; i < truth.groups; ++i) {
                const double share = static_cast<double>(i) / static_cast<double>(truth.groups - 1);
                const std::uint64_t n = truth.n * (1 + i % 4);
                Decisions group = drawn(random, n, truth.lowest + truth.spread * share);
                const Decisions negatives =
                    drawn(random, n, truth.lowest + truth.spread * share / 2);
                group.fn = group.tn;  // `group` holds the positives, of which some were found.
                group.fp = negatives.tp;
                group.tn = negatives.tn;
                groups.push_back(group);
            }
            const auto holds = [](const Estimate& estimate, double value) {
                return estimate.interval && estimate.interval->first <= value + 1e-12 &&
                               value <= estimate.interval->second + 1e-12
                           ? 1
                           : 0;
            };
            const Rate rate = Rate::kTruePositive;
            gaps += holds(rate_gap(groups, rate, 30, 0.95), truth.spread);
            odds += holds(odds_gap(groups, 30, 0.95), truth.spread);
            ratios += holds(rate_ratio(groups, rate, 30, 0.95),
                            truth.lowest / (truth.lowest + truth.spread));
            lowest += holds(lowest_rate(groups, rate, 30, 0.95), truth.lowest);
        }
        CAPTURE(truth.groups, truth.n, truth.lowest, truth.spread, gaps, odds, ratios, lowest);
        CHECK(gaps >= kLeast * kRuns);
        CHECK(odds >= kLeast * kRuns);
        CHECK(ratios >= kLeast * kRuns);
        CHECK(lowest >= kLeast * kRuns);
    }
}

TEST_CASE("fairness: nothing said where nothing differs, at the rate that was asked for") {
    // The four-fifths rule must not be called broken, nor a gap real, by chance among many groups.
    std::mt19937_64 random(18);
    constexpr int kRuns = 2'000;
    int broken = 0;
    int real = 0;
    for (int run = 0; run < kRuns; ++run) {
        std::vector<Decisions> groups;
        for (int i = 0; i < 8; ++i) {
            groups.push_back(drawn(random, 100, 0.3));
        }
        broken += rate_ratio(groups, Rate::kSelection, 30, 0.95).interval->second < 0.8 ? 1 : 0;
        real += rate_gap(groups, Rate::kSelection, 30, 0.95).interval->first > 0.0 ? 1 : 0;
    }
    CAPTURE(broken, real);
    CHECK(broken <= 0.05 * kRuns);
    CHECK(real <= 0.05 * kRuns);
}
