// Gain and lift by hand, at the cut's edges.

#include <catch2/catch.hpp>

#include "metrics/score_rank_state.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

RowTable table_of(const std::vector<std::pair<double, int>>& rows) {
    RowTable table;
    for (const auto& [score, label] : rows) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.score[row] = score;
        table.label_class[row] = static_cast<std::uint32_t>(label);
    }
    return table;
}

FinishOptions top(TopK k) {
    FinishOptions options;
    options.family.positive_class = 1;
    options.confidence = 0.95;
    options.top = k;
    return options;
}

Estimate gain(const RowTable& table, TopK k) {
    return measure("gain@k", TaskBit::kBinary, top(k), table);
}

Estimate lift(const RowTable& table, TopK k) {
    return measure("lift@k", TaskBit::kBinary, top(k), table);
}

}  // namespace

TEST_CASE("lift: counts by hand") {
    const RowTable table = table_of({{0.9, 1}, {0.8, 0}, {0.7, 1}, {0.6, 0}, {0.5, 0}, {0.4, 1}});
    CHECK(gain(table, {.count = 1}).value == 1.0 / 3.0);
    CHECK(lift(table, {.count = 1}).value == 1.0 / 3.0 * 6.0);
    CHECK(gain(table, {.count = 3}).value == 2.0 / 3.0);
    CHECK(gain(table, {.percent = 50.0}).value == 2.0 / 3.0);
    CHECK(gain(table, {.percent = 34.0}).value == 2.0 / 3.0);  // 2.04 rows are 3.
    CHECK(gain(table, {.count = 3}).n == 6);
}

TEST_CASE("lift: a k beyond the rows takes them all") {
    const RowTable table = table_of({{0.9, 1}, {0.8, 0}, {0.7, 1}});
    CHECK(gain(table, {.count = 1'000}).value == 1.0);
    CHECK(lift(table, {.count = 1'000}).value == 1.0);
}

TEST_CASE("lift: equal scores at the cut share their positives out") {
    const RowTable tied =
        table_of({{0.9, 1}, {0.5, 1}, {0.5, 0}, {0.5, 0}, {0.5, 1}, {0.1, 0}, {0.1, 1}});
    CHECK(*gain(tied, {.count = 3}).value == Approx(2.0 / 4.0));  // 1 + 2 of 4 times 2 / 4.
    const RowTable constant = table_of({{0.5, 1}, {0.5, 0}, {0.5, 0}, {0.5, 1}});
    for (std::uint64_t k = 1; k <= 4; ++k) {
        CHECK(*lift(constant, {.count = k}).value == Approx(1.0));  // No order, no lift.
    }
}

TEST_CASE("lift: no rows, one row, one class") {
    CHECK(gain(table_of({}), {.percent = 10.0}).reason == "no labels");
    CHECK(gain(table_of({{0.5, 1}}), {.percent = 10.0}).value == 1.0);
    CHECK(lift(table_of({{0.5, 1}, {0.4, 1}}), {.count = 1}).value == 1.0);
    CHECK(gain(table_of({{0.5, 0}, {0.4, 0}}), {.count = 1}).reason == "one class only");
    CHECK(gain(table_of({{kMissing, 1}}), {.count = 1}).reason == "no scores on labelled events");
}

TEST_CASE("lift: the interval holds the value and what is possible") {
    std::vector<std::pair<double, int>> rows;
    for (int i = 0; i < 100; ++i) {
        rows.emplace_back(i / 100.0, i >= 50 ? 1 : 0);
    }
    const Estimate out = gain(table_of(rows), {.percent = 10.0});
    CHECK(*out.value == Approx(0.2));
    REQUIRE(out.interval.has_value());
    CHECK(out.interval->first < 0.2);
    CHECK(out.interval->second == Approx(0.2));  // Ten rows hold ten of fifty positives.
}

TEST_CASE("lift: from a histogram the bound holds, whichever scores of a bin are above the cut") {
    // All scores in one bin of the histogram, in the best and in the worst order.
    for (const bool best : {true, false}) {
        std::vector<std::pair<double, int>> rows;
        for (int i = 0; i < 2'000; ++i) {
            rows.emplace_back(0.5 + 1e-9 * i, (i >= 1'000) == best ? 1 : 0);
        }
        const RowTable table = table_of(rows);
        for (const std::uint64_t k : {1UL, 500UL, 1'000UL, 1'500UL, 2'000UL}) {
            FinishOptions options = top({.count = k});
            const Estimate exact = measure("gain@k", TaskBit::kBinary, options, table);
            options.family.exact = false;
            const Estimate rough = measure("gain@k", TaskBit::kBinary, options, table);
            REQUIRE(rough.error_bound.has_value());
            CHECK(std::fabs(*rough.value - *exact.value) <= *rough.error_bound + 1e-15);
        }
    }
}
