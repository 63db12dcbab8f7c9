// Estimates without labels against what labels drawn from the scores give: the estimate is right on
// average, its interval holds the realised value as often as it says. Fixed seed.

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

}  // namespace

TEST_CASE("estimated: calibrated scores foretell the metrics that labels will give") {
    std::mt19937_64 random(20261128);
    RowTable table;
    for (int i = 0; i < 400; ++i) {
        const std::size_t row = table.add_row();
        table.score[row] = std::pow(uniform(random), 2.0);
        table.predicted_class[row] = table.score[row] >= 0.4 ? 1 : 0;
        table.labelled[row] = 1;
    }
    FinishOptions options;
    options.family.positive_class = 1;
    options.confidence = 0.95;
    constexpr std::pair<const char*, const char*> kPairs[] = {{"est_accuracy", "accuracy"},
                                                              {"est_precision", "precision"},
                                                              {"est_recall", "recall"},
                                                              {"est_specificity", "specificity"},
                                                              {"est_f1", "f1"},
                                                              {"est_roc_auc", "roc_auc"}};
    constexpr int kRuns = 400;
    for (const auto& [estimate, realised] : kPairs) {
        const Estimate foretold = measure(estimate, TaskBit::kBinary, options, table);
        REQUIRE(foretold.value.has_value());
        CHECK(foretold.n == table.size());
        double sum = 0.0;
        int covered = 0;
        for (int run = 0; run < kRuns; ++run) {
            for (std::size_t i = 0; i < table.size(); ++i) {
                table.label_class[i] = uniform(random) < table.score[i] ? 1 : 0;
            }
            const double value = *measure(realised, TaskBit::kBinary, options, table).value;
            sum += value;
            covered += foretold.interval && foretold.interval->first <= value &&
                               value <= foretold.interval->second
                           ? 1
                           : 0;
        }
        CAPTURE(estimate, *foretold.value, sum / kRuns, covered);
        CHECK(std::fabs(sum / kRuns - *foretold.value) < 0.005);
        if (foretold.interval) {
            CHECK(covered >= 0.92 * kRuns);
            CHECK(covered <= 0.985 * kRuns);
        }
    }
}

TEST_CASE("estimated: what is not there has a reason") {
    RowTable table;
    const std::size_t row = table.add_row();
    FinishOptions options;
    options.family.positive_class = 1;
    CHECK(measure("est_accuracy", TaskBit::kBinary, options, table).reason == "no scores");
    table.score[row] = 0.25;
    table.predicted_class[row] = 0;
    CHECK(measure("est_precision", TaskBit::kBinary, options, table).reason == "empty denominator");
    CHECK(measure("est_accuracy", TaskBit::kBinary, options, table).value == 0.75);
    CHECK(measure("est_roc_auc", TaskBit::kBinary, options, table).value == 0.5);
    table.score[row] = 1.0;
    CHECK(measure("est_roc_auc", TaskBit::kBinary, options, table).reason == "one class only");
    options.family.positive_class = kNoClass;
    CHECK(measure("est_f1", TaskBit::kBinary, options, table).reason == "positive class unknown");
}
