// Calibration slope and intercept: when there are none, and what the ends of the scores do.

#include <cmath>

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

Estimate of(std::string_view name, const std::vector<std::pair<double, int>>& rows) {
    RowTable table;
    for (const auto& [score, label] : rows) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.score[row] = score;
        table.label_class[row] = static_cast<std::uint32_t>(label);
    }
    FinishOptions options;
    options.family.positive_class = 1;
    options.confidence = 0.95;
    return measure(name, TaskBit::kBinary, options, table);
}

std::string reason(const std::vector<std::pair<double, int>>& rows) {
    const Estimate slope = of("calibration_slope", rows);
    CHECK(of("calibration_intercept", rows).reason == slope.reason);
    CHECK_FALSE(slope.interval.has_value());
    return std::string(slope.reason);
}

}  // namespace

TEST_CASE("calibration fit: where there is no line it is said why") {
    CHECK(reason({}) == "no labels");
    CHECK(reason({{0.5, 1}}) == "one class only");
    CHECK(reason({{kMissing, 1}}) == "no scores on labelled events");
    CHECK(reason({{0.4, 0}, {0.6, 0}}) == "one class only");
    CHECK(reason({{0.5, 0}, {0.5, 1}}) == "zero variance");
    CHECK(reason({{0.4, 0}, {0.6, 1}}) == "classes perfectly separated");
    CHECK(reason({{0.4, 0}, {0.5, 0}, {0.5, 1}, {0.6, 1}}) == "classes perfectly separated");
    CHECK(reason({{0.4, 1}, {1.2, 0}, {0.6, 1}}) == "scores outside [0, 1]");
    CHECK(reason({{0.0, 0}, {1e-9, 1}}) == "zero variance");  // Clipped to the same.
}

TEST_CASE("calibration fit: scores that are the frequencies have slope 1 and intercept 0") {
    std::vector<std::pair<double, int>> rows;
    for (const double p : {0.1, 0.3, 0.5, 0.9}) {
        for (int i = 0; i < 10; ++i) {
            rows.emplace_back(p, i < std::lround(10 * p) ? 1 : 0);
        }
    }
    const Estimate slope = of("calibration_slope", rows);
    const Estimate intercept = of("calibration_intercept", rows);
    CHECK(*slope.value == Approx(1.0).epsilon(1e-12));
    CHECK(std::fabs(*intercept.value) < 1e-12);
    CHECK(slope.n == 40);
    CHECK(slope.interval->first < 1.0);
    CHECK(slope.interval->second > 1.0);
}

TEST_CASE("calibration fit: scores of 0 and 1 count as 1e-6 and 1 - 1e-6") {
    std::vector<std::pair<double, int>> ends = {
        {0.0, 1}, {0.0, 0}, {0.0, 0}, {1.0, 1}, {1.0, 1}, {1.0, 0}};
    const double reach = std::log(1e-6 / (1.0 - 1e-6));
    CHECK(*of("calibration_slope", ends).value == Approx(std::log(2.0) / -reach));
}
