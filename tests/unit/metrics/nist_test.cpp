// NIST's Statistical Reference Datasets (shared data): means, standard deviations and R squared of
// data made to break one-pass formulas. Certified values have 15 digits.

#include <cmath>

#include <catch2/catch.hpp>

#include "json_lines.h"
#include "metrics/moments.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

namespace dom = simdjson::dom;

std::vector<double> numbers(dom::element array) {
    std::vector<double> out;
    for (const dom::element value : dom::array(array)) {
        out.push_back(number(value).value());
    }
    return out;
}

/// Sum of squares of `values` around their mean, by way of r2: with a prediction that is zero
/// everywhere, r2 = 1 - sum y^2 / spread.
double spread_by_r2(const std::vector<double>& values, double prediction) {
    RowTable table;
    double errors = 0.0;
    for (const double y : values) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_value[row] = y;
        table.predicted_value[row] = prediction;
        errors += (prediction - y) * (prediction - y);
    }
    return errors / (1.0 - *measure("r2", TaskBit::kRegression, {}, table).value);
}

}  // namespace

TEST_CASE("nist: certified means, deviations and spreads") {
    const auto data = shared_data();
    if (!data) {
        WARN("skipped: no shared data beside the repository (set AIML042_SHARED_DATA)");
        return;
    }
    int summaries = 0;
    int tables = 0;
    for_each_line(*data / "oracles" / "nist_strd.ndjson.gz", [&](dom::element line) {
        const std::string_view case_name = line["case"];
        const std::string name(case_name);
        INFO(name);
        if (name.starts_with("univariate/")) {
            const std::vector<double> values = numbers(line["data"]);
            Moments moments;
            moments.add(values);
            const double mean = number(line["expected"]["mean"]).value();
            const double deviation = number(line["expected"]["standard_deviation"]).value();
            CHECK(*moments.mean(std::nullopt, "").value == Approx(mean).epsilon(1e-13));
            // Deviations of data like 10000000.2 lose digits in the data themselves.
            CHECK(std::sqrt(*moments.variance()) ==
                  Approx(deviation).epsilon(name == "univariate/NumAcc4" ? 1e-7 : 1e-9));
            ++summaries;
        }
        if (name.starts_with("anova/SmLs0") && name < "anova/SmLs07") {
            // Within-group sums of squares add up to the certified one; the data have up to 7
            // constant leading digits.
            double within = 0.0;
            for (const dom::element group : dom::array(line["groups"])) {
                const std::vector<double> values = numbers(group);
                within += spread_by_r2(values, values.front() + 1.0);
            }
            CHECK(within == Approx(number(line["expected"]["ss_within"]).value()).epsilon(1e-8));
            ++tables;
        }
    });
    CHECK(summaries == 6);
    CHECK(tables >= 4);
}
