// Gaps between groups: by hand, at the edges, and how often their intervals hold the gap behind the
// samples. Fixed seeds.

#include "metrics/fairness.h"

#include <algorithm>
#include <cmath>
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
    std::mt19937_64 random(17);
    constexpr int kRuns = 1'000;
    for (const auto& [k, n, spread] : {std::tuple{2, 50, 0.0},
                                       std::tuple{2, 200, 0.2},
                                       std::tuple{4, 100, 0.1},
                                       std::tuple{8, 500, 0.0},
                                       std::tuple{8, 60, 0.3}}) {
        int gaps = 0;
        int ratios = 0;
        int lowest = 0;
        for (int run = 0; run < kRuns; ++run) {
            std::vector<Decisions> groups;
            for (int i = 0; i < k; ++i) {
                groups.push_back(drawn(
                    random, static_cast<std::uint64_t>(n), 0.4 + spread * i / std::max(1, k - 1)));
            }
            const auto holds = [](const Estimate& estimate, double truth) {
                return estimate.interval && estimate.interval->first <= truth + 1e-12 &&
                               truth <= estimate.interval->second + 1e-12
                           ? 1
                           : 0;
            };
            gaps += holds(rate_gap(groups, Rate::kSelection, 30, 0.95), spread);
            ratios += holds(rate_ratio(groups, Rate::kSelection, 30, 0.95), 0.4 / (0.4 + spread));
            lowest += holds(lowest_rate(groups, Rate::kSelection, 30, 0.95), 0.4);
        }
        CAPTURE(k, n, spread, gaps, ratios, lowest);
        CHECK(gaps >= 0.94 * kRuns);
        CHECK(ratios >= 0.94 * kRuns);
        CHECK(lowest >= 0.94 * kRuns);
    }
}

TEST_CASE("fairness: AUCs of a group and of the others against it") {
    FamilyOptions options;
    options.positive_class = 1;
    GroupedScores scores(options);
    const std::vector<double> score{0.9, 0.4, 0.6, 0.8, 0.3, 0.5, 0.5};
    const std::vector<std::uint32_t> label{1, 0, 1, 1, 0, 0, 1};
    const std::vector<std::uint32_t> group{0, 0, 0, 1, 1, 1, 1};
    const std::vector<std::uint32_t> all{0, 1, 2, 3, 4, 5, 6};
    Rows rows;
    rows.score = score;
    rows.label_class = label;
    rows.column_class = group;
    scores.update(rows, all);
    const std::vector<GroupAucs> aucs = group_aucs(scores, 0.95);
    CHECK(*aucs[0].subgroup.value == 1.0);                // 0.9, 0.6 against 0.4.
    CHECK(*aucs[1].subgroup.value == Approx(3.5 / 4.0));  // 0.8, 0.5 against 0.3, 0.5.
    CHECK(*aucs[0].bpsn.value == 1.0);                    // 0.8, 0.5 against 0.4.
    CHECK(*aucs[0].bnsp.value == 1.0);                    // 0.9, 0.6 against 0.3, 0.5.
    CHECK(*aucs[1].bpsn.value == 1.0);                    // 0.9, 0.6 against 0.3, 0.5.
    CHECK(*aucs[1].bnsp.value == 1.0);                    // 0.8, 0.5 against 0.4.
    CHECK(aucs[1].subgroup.interval->first < 0.875);
    GroupedScores one_class(options);
    one_class.update(rows, std::vector<std::uint32_t>{0, 2});
    CHECK(group_aucs(one_class, {}).front().subgroup.reason == reasons::kOneClass);
}
