// Ranking metrics by hand: cuts, grades, queries without anything relevant.

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

using Ranking = RowTable::Ranking;

Estimate at(std::string_view name, std::uint32_t k, const std::vector<Ranking>& rankings) {
    RowTable table;
    for (const Ranking& ranking : rankings) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.rankings[row] = ranking;
    }
    FinishOptions options;
    options.confidence = 0.95;
    options.family.k = k;
    return measure(name, TaskBit::kRanking, options, table);
}

double value(std::string_view name, std::uint32_t k, const Ranking& ranking) {
    return at(name, k, {ranking}).value.value();
}

/// Grades 0, 2, 0, 1 found at ranks 1 to 4 of 5; a 3 was never found.
Ranking mixed() {
    return {.ranked = {0, 2, 0, 1}, .judged = {3, 2, 1}, .length = 5, .counts = true};
}

}  // namespace

TEST_CASE("ranking: measures by hand") {
    const double third = std::log2(3.0);
    CHECK(value("ndcg@k", 2, mixed()) == Approx((2 / third) / (3 + 2 / third)));
    CHECK(value("ndcg@k", 0, mixed()) ==
          Approx((2 / third + 1 / std::log2(5.0)) / (3 + 2 / third + 0.5)));
    CHECK(value("ndcg_exp@k", 2, mixed()) == Approx((3 / third) / (7 + 3 / third)));
    CHECK(value("precision@k", 2, mixed()) == 0.5);
    CHECK(value("precision@k", 10, mixed()) == Approx(0.2));  // k is the divisor, found or not.
    CHECK(value("recall@k", 4, mixed()) == Approx(2.0 / 3.0));
    CHECK(value("map@k", 4, mixed()) == Approx((0.5 + 0.5) / 3.0));
    CHECK(value("map@k", 3, mixed()) == Approx(0.5 / 3.0));
    CHECK(value("mrr@k", 4, mixed()) == 0.5);
    CHECK(value("mrr@k", 1, mixed()) == 0.0);
    CHECK(value("hit_rate@k", 1, mixed()) == 0.0);
    CHECK(value("hit_rate@k", 2, mixed()) == 1.0);
}

TEST_CASE("ranking: without a k the best order is that of all judged documents") {
    const Ranking brief{.ranked = {1}, .judged = {1, 1, 1}, .length = 1, .counts = true};
    CHECK(value("ndcg@k", 0, brief) == Approx(1.0 / (1.5 + 1.0 / std::log2(3.0))));
    CHECK(value("ndcg@k", 1, brief) == 1.0);
    CHECK(value("map@k", 0, brief) == Approx(1.0 / 3.0));
}

TEST_CASE("ranking: a grade below 1 gains but is not relevant") {
    const Ranking half{.ranked = {0.5}, .judged = {0.5}, .length = 1, .counts = true};
    CHECK(value("ndcg@k", 1, half) == 1.0);
    CHECK(value("ndcg_exp@k", 1, half) == 1.0);
    CHECK(value("precision@k", 1, half) == 0.0);
    CHECK(value("mrr@k", 0, half) == 0.0);
    CHECK(value("recall@k", 1, half) == 0.0);
}

TEST_CASE(
    "ranking: a query without anything relevant counts 0, one without judgements not at all") {
    const Ranking nothing{.length = 3, .counts = true};
    for (const char* name : {"ndcg@k", "ndcg_exp@k", "map@k", "mrr@k", "recall@k", "precision@k"}) {
        CAPTURE(name);
        CHECK(value(name, 10, nothing) == 0.0);
        CHECK(at(name, 10, {nothing, Ranking{}}).n == 1);
        CHECK(at(name, 10, {Ranking{}}).reason == "no judged rankings on labelled events");
        CHECK(at(name, 10, {}).reason == "no labels");
    }
}

TEST_CASE("ranking: grades of any size keep their share") {
    for (const double scale : {1e-300, 1e-5, 1.0, 1e300}) {
        const Ranking scaled{.ranked = {scale, 3 * scale},
                             .judged = {3 * scale, scale},
                             .length = 2,
                             .counts = true};
        const double third = std::log2(3.0);
        CHECK(value("ndcg@k", 2, scaled) == Approx((1 + 3 / third) / (3 + 1 / third)));
        CHECK(std::isfinite(value("ndcg_exp@k", 2, scaled)));
    }
}

TEST_CASE("ranking: intervals stay in [0, 1] and hold the mean") {
    std::vector<Ranking> rankings(3, mixed());
    rankings.push_back({.ranked = {1}, .judged = {1}, .length = 1, .counts = true});
    for (const char* name : {"ndcg@k", "map@k", "mrr@k", "hit_rate@k"}) {
        const Estimate out = at(name, 10, rankings);
        REQUIRE(out.interval.has_value());
        CHECK(out.interval->first >= 0.0);
        CHECK(out.interval->second <= 1.0);
        CHECK(out.interval->first <= *out.value);
        CHECK(out.interval->second >= *out.value);
    }
    CHECK_FALSE(at("ndcg@k", 10, {mixed()}).interval.has_value());
    CHECK(at("hit_rate@k", 10, {mixed()}).interval.has_value());  // Wilson's holds from one on.
}
