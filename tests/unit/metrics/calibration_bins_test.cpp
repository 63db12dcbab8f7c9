// The test of perfect calibration keeps its level and sees what is not calibrated; Murphy's parts
// add up. Fixed seeds.

#include "metrics/calibration_bins.h"

#include <cmath>
#include <random>

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

/// Labels drawn with the scores' probabilities, moved by `bias`.
RowTable drawn(std::mt19937_64& random, int rows, double bias) {
    RowTable table;
    for (int i = 0; i < rows; ++i) {
        const std::size_t row = table.add_row();
        table.score[row] = uniform(random);
        table.labelled[row] = 1;
        table.label_class[row] = uniform(random) < table.score[row] + bias ? 1 : 0;
    }
    return table;
}

FinishOptions binary() {
    FinishOptions options;
    options.family.positive_class = 1;
    return options;
}

}  // namespace

TEST_CASE("calibration bins: a calibrated model is called miscalibrated as often as it is said") {
    std::mt19937_64 random(3);
    FinishOptions width = binary();
    FinishOptions mass = binary();
    mass.family.binning = FamilyOptions::Binning::kMass;
    constexpr int kRuns = 4'000;
    for (const int rows : {100, 300, 1'000}) {
        int width_alarms = 0;
        int mass_alarms = 0;
        for (int run = 0; run < kRuns; ++run) {
            const RowTable table = drawn(random, rows, 0.0);
            width_alarms += *measure("ece", TaskBit::kBinary, width, table).p_value < 0.05 ? 1 : 0;
            mass_alarms += *measure("ece", TaskBit::kBinary, mass, table).p_value < 0.05 ? 1 : 0;
        }
        CAPTURE(rows, width_alarms, mass_alarms);
        CHECK(width_alarms >= 0.04 * kRuns);
        CHECK(width_alarms <= 0.06 * kRuns);
        CHECK(mass_alarms >= 0.04 * kRuns);
        CHECK(mass_alarms <= 0.06 * kRuns);
    }
    const RowTable off = drawn(random, 1'000, 0.1);
    CHECK(*measure("ece", TaskBit::kBinary, width, off).p_value < 1e-6);
    CHECK_FALSE(measure("ece", TaskBit::kBinary, width, drawn(random, 10, 0.0)).p_value);
}

TEST_CASE("calibration bins: debiased error of a calibrated model is nothing on average") {
    std::mt19937_64 random(4);
    FinishOptions options = binary();
    options.family.binning = FamilyOptions::Binning::kDebiased;
    double squares = 0.0;
    constexpr int kRuns = 500;
    for (int run = 0; run < kRuns; ++run) {
        const double error =
            *measure("ece", TaskBit::kBinary, options, drawn(random, 300, 0.0)).value;
        squares += error * error;
    }
    CAPTURE(squares / kRuns);
    CHECK(squares / kRuns < 0.0015);  // Negative squares count as 0; the plain one is 0.06^2.
}

TEST_CASE("calibration bins: Murphy's parts add up to the score of binned scores") {
    std::mt19937_64 random(5);
    RowTable table = drawn(random, 2'000, 0.05);
    for (double& score : table.score) {
        score = std::floor(score * 10.0) / 10.0 + 0.05;
    }
    const auto value = [&](const char* name) {
        return *measure(name, TaskBit::kBinary, binary(), table).value;
    };
    CHECK(value("brier") == Approx(value("brier_reliability") - value("brier_resolution") +
                                   value("brier_uncertainty"))
                                .epsilon(1e-12));
}
