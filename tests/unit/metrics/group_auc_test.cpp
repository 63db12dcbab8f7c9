// AUCs within groups and across their borders, and calibration within groups: by hand, against
// counting every pair, and from histograms within their bound. Fixed seeds.

#include "metrics/group_auc.h"

#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/group_calibration.h"
#include "metrics/reasons.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

struct Row {
    std::uint32_t group = 0;
    double score = 0.0;
    bool positive = false;
};

RowTable table_of(const std::vector<Row>& rows) {
    RowTable table;
    for (const Row& row : rows) {
        const std::size_t at = table.add_row();
        table.labelled[at] = 1;
        table.column_class[at] = row.group;
        table.score[at] = row.score;
        table.label_class[at] = row.positive ? 1 : 0;
    }
    return table;
}

std::unique_ptr<State> state_of(const Family& family, const RowTable& table, bool exact = true) {
    FamilyOptions options;
    options.positive_class = 1;
    options.exact = exact;
    auto state = family.create(options);
    const RowsOf rows(table);
    state->update(rows.rows, all_rows(table));
    return state;
}

std::vector<GroupAucs> aucs_of(const RowTable& table, bool exact = true) {
    return group_aucs(as<GroupedStates>(*state_of(kGroupedScoresFamily, table, exact)), 0.95);
}

/// The share of pairs whose positive is above, counted one by one.
template <typename Positive, typename Negative>
double counted(const std::vector<Row>& rows, Positive&& is_positive, Negative&& is_negative) {
    double above = 0.0;
    double pairs = 0.0;
    for (const Row& a : rows) {
        for (const Row& b : rows) {
            if (a.positive && is_positive(a) && !b.positive && is_negative(b)) {
                above += a.score > b.score ? 1.0 : a.score == b.score ? 0.5 : 0.0;
                pairs += 1.0;
            }
        }
    }
    return above / pairs;
}

std::vector<Row> random_rows(std::mt19937_64& random, std::size_t count, bool rounded) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
        const bool positive = random() % 3 == 0;
        double score = static_cast<double>(random() >> 11) * 0x1p-53;
        score = positive ? std::sqrt(score) : score;
        rows.push_back({static_cast<std::uint32_t>(random() % 4),
                        rounded ? std::round(10.0 * score) / 10.0 : score,
                        positive});
    }
    return rows;
}

}  // namespace

TEST_CASE("group AUCs: by hand") {
    const auto aucs = aucs_of(table_of({{0, 0.9, true},
                                        {0, 0.4, false},
                                        {0, 0.6, true},
                                        {1, 0.8, true},
                                        {1, 0.3, false},
                                        {1, 0.5, false},
                                        {1, 0.5, true}}));
    CHECK(*aucs[0].subgroup.value == 1.0);                // 0.9, 0.6 against 0.4.
    CHECK(*aucs[1].subgroup.value == Approx(3.5 / 4.0));  // 0.8, 0.5 against 0.3, 0.5.
    CHECK(*aucs[0].bpsn.value == 1.0);                    // 0.8, 0.5 against 0.4.
    CHECK(*aucs[0].bnsp.value == 1.0);                    // 0.9, 0.6 against 0.3, 0.5.
    CHECK(*aucs[1].bpsn.value == 1.0);                    // 0.9, 0.6 against 0.3, 0.5.
    CHECK(*aucs[1].bnsp.value == 1.0);                    // 0.8, 0.5 against 0.4.
    CHECK(aucs[1].subgroup.interval->first < 0.875);
}

TEST_CASE("group AUCs: as every pair counted, with ties, exact or within the bound") {
    std::mt19937_64 random(31);
    for (const bool rounded : {false, true}) {
        const std::vector<Row> rows = random_rows(random, 1'500, rounded);
        const RowTable table = table_of(rows);
        const auto exact = aucs_of(table);
        const auto sketched = aucs_of(table, false);
        REQUIRE((exact.size() == 4 && sketched.size() == 4));
        for (std::uint32_t code = 0; code < 4; ++code) {
            CAPTURE(rounded, code);
            const auto own = [&](const Row& row) { return row.group == code; };
            const auto other = [&](const Row& row) { return row.group != code; };
            const auto check = [](const Estimate& all, const Estimate& bins, double truth) {
                CHECK(*all.value == Approx(truth).epsilon(1e-12));
                CHECK_FALSE(all.error_bound.has_value());
                CHECK(std::fabs(*bins.value - truth) <= bins.error_bound.value_or(0.0) + 1e-12);
                CHECK(bins.error_bound.value_or(0.0) < 0.01 + 0.1 * (truth < 1.0 ? 1.0 : 0.0));
            };
            check(exact[code].subgroup, sketched[code].subgroup, counted(rows, own, own));
            check(exact[code].bpsn, sketched[code].bpsn, counted(rows, other, own));
            check(exact[code].bnsp, sketched[code].bnsp, counted(rows, own, other));
        }
    }
}

TEST_CASE("group AUCs: one group, one class and no scores have reasons") {
    const auto alone = aucs_of(table_of({{2, 0.9, true}, {2, 0.1, false}}));
    REQUIRE(alone.size() == 3);
    CHECK(*alone[2].subgroup.value == 1.0);
    CHECK(alone[2].bpsn.reason == reasons::kOneClass);
    CHECK((alone[0].n == 0 && alone[0].subgroup.reason == reasons::kNoScores));
    const auto one_class = aucs_of(table_of({{0, 0.9, true}, {1, 0.1, false}}));
    CHECK(one_class[0].subgroup.reason == reasons::kOneClass);
    CHECK(*one_class[0].bnsp.value == 1.0);
    CHECK(aucs_of(RowTable{}).empty());
}

TEST_CASE(
    "group AUCs: ten thousand groups take a tenth of a kilobyte each and are told one by one") {
    std::vector<Row> rows;
    for (std::uint32_t code = 0; code < 10'000; ++code) {
        rows.push_back({code, 0.75, true});
        rows.push_back({code, 0.25, false});
    }
    const RowTable table = table_of(rows);
    const auto aucs = aucs_of(table, false);
    REQUIRE(aucs.size() == 10'000);
    CHECK((*aucs[9'999].subgroup.value == 1.0 && *aucs[0].bpsn.value == 1.0));
    CHECK(state_of(kGroupedScoresFamily, table, false)->memory_bytes() < 10'000 * 1'024);
    CHECK(state_of(kGroupedDecisionsFamily, table)->memory_bytes() < 10'000 * 128);
}

TEST_CASE("group calibration: mean score against the positive rate, with Student's interval") {
    const RowTable table = table_of({{0, 0.9, true},
                                     {0, 0.7, false},
                                     {0, 0.2, false},
                                     {1, 0.5, true},
                                     {1, 1.5, true},
                                     {3, 2.0, true}});
    const auto groups =
        group_calibrations(as<GroupedStates>(*state_of(kGroupedProbabilitiesFamily, table)), 0.95);
    REQUIRE(groups.size() == 4);
    CHECK(*groups[0].mean_score.value == Approx(0.6));
    CHECK(*groups[0].difference.value == Approx(0.6 - 1.0 / 3.0));
    // scipy 1.10.1: ttest_1samp([-0.1, 0.7, 0.2], 0).confidence_interval(0.95).
    CHECK(groups[0].difference.interval->first == Approx(-0.7373).margin(1e-4));
    CHECK(groups[0].difference.interval->second == Approx(1.2706).margin(1e-4));
    CHECK(*groups[0].ece.value == Approx((0.1 + 0.7 + 0.2) / 3.0));
    CHECK((groups[1].mean_score.n == 1 && !groups[1].difference.interval));
    CHECK(groups[2].mean_score.reason == reasons::kNoScores);
    CHECK(groups[3].ece.reason == reasons::kNoScores);
}
