// Pinball loss and coverage by hand, with quantiles that are missing, crossed or alone.

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

struct Forecast {
    double label;
    double low;   // 0.1
    double mid;   // 0.5
    double high;  // 0.9
};

Estimate of(std::string_view name,
            const std::vector<Forecast>& rows,
            std::optional<double> quantile = {}) {
    RowTable table;
    for (const Forecast& one : rows) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_value[row] = one.label;
        table.set_quantile(row, 0.1, one.low);
        table.set_quantile(row, 0.5, one.mid);
        table.set_quantile(row, 0.9, one.high);
    }
    FinishOptions options;
    options.confidence = 0.95;
    options.quantile = quantile;
    return measure(name, TaskBit::kRegression, options, table);
}

}  // namespace

TEST_CASE("quantiles: losses by hand") {
    const std::vector<Forecast> rows = {{10, 8, 12, 14}, {20, 8, 12, 14}};
    CHECK(*of("pinball@q", rows, 0.1).value == Approx((0.2 + 1.2) / 2));
    CHECK(*of("pinball@q", rows, 0.5).value == Approx((1.0 + 4.0) / 2));
    CHECK(*of("pinball@q", rows, 0.9).value == Approx((0.4 + 5.4) / 2));
    CHECK(*of("pinball@q", rows).value == Approx((1.6 / 3 + 10.6 / 3) / 2));
    CHECK(of("pinball@q", rows).interval.has_value());
    CHECK(of("coverage", rows).value == 0.5);
}

TEST_CASE("quantiles: the ends of the interval are inside") {
    CHECK(of("coverage", {{8, 8, 9, 14}, {14, 8, 9, 14}, {7.999, 8, 9, 14}}).value == 2.0 / 3.0);
    CHECK(of("coverage", {{9, 9, 9, 9}}).value == 1.0);
}

TEST_CASE("quantiles: crossed ones hold nothing") {
    CHECK(of("coverage", {{10, 14, 10, 8}}).value == 0.0);
}

TEST_CASE("quantiles: what an event did not send is left out of what needs it") {
    const std::vector<Forecast> rows = {{10, kMissing, 12, 14}, {10, 8, kMissing, kMissing}};
    CHECK(of("pinball@q", rows, 0.1).n == 1);
    CHECK(of("pinball@q", rows, 0.9).n == 1);
    CHECK(of("pinball@q", rows).n == 2);
    CHECK(of("coverage", rows).n == 1);  // From 0.5 to 0.9; one quantile is no interval.
    CHECK(of("coverage", rows).value == 0.0);
}

TEST_CASE("quantiles: without any there is a reason") {
    CHECK(of("pinball@q", {}).reason == "no labels");
    CHECK(of("coverage", {{kMissing, 1, 2, 3}}).reason == "no labels");
    CHECK(of("coverage", {{1, kMissing, kMissing, kMissing}}).reason ==
          "no quantile forecasts on labelled events");
    CHECK(of("coverage", {{1, kMissing, 2, kMissing}}).reason ==
          "no two quantiles on any labelled event");
    CHECK(of("pinball@q", {{1, 1, 2, 3}}, 0.25).reason ==
          "no forecasts of this quantile on labelled events");
}
