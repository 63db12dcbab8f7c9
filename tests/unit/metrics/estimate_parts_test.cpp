// The other parts of estimates without labels: kept rows, models of the loss, grades, labels that
// do not come at random. Fixed seeds.

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "metrics/column_codes.h"
#include "metrics/density_ratio.h"
#include "metrics/estimate_grade.h"
#include "metrics/label_arrivals.h"
#include "metrics/label_selection.h"
#include "metrics/loss_model.h"
#include "metrics/row_sample.h"

using namespace aiml042;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

}  // namespace

TEST_CASE(
    "column codes: bins of the reference, its texts, what is missing, new or of another type") {
    ReferenceColumn::Parts numbers;
    for (int i = 0; i < 6'000; ++i) {
        numbers.values.push_back(i);
    }
    numbers.numbers = numbers.values.size();
    const auto text_of = [](std::uint32_t code) { return fmt::format("{:03}", 999 - code); };
    const ColumnCodes numeric{ReferenceColumn(numbers), text_of};
    CHECK(numeric.ordered());
    std::array<int, stats::kTreeCodes> rows{};
    std::uint8_t before = 0;
    for (const double value : numbers.values) {
        const std::uint8_t code = numeric.code(value, kNoClass);
        CHECK(code >= before);
        before = code;
        ++rows[code];
    }
    CHECK(*std::ranges::max_element(rows) <= 101);
    CHECK(before == 60);
    CHECK(numeric.code(-1e9, kNoClass) == 1);
    CHECK(numeric.code(1e9, kNoClass) == 60);
    CHECK(numeric.code(std::nan(""), kNoClass) == ColumnCodes::kMissing);
    CHECK(numeric.code(std::nan(""), 3) == ColumnCodes::kOtherType);
    ReferenceColumn::Parts texts;
    for (std::uint32_t code = 0; code < 100; ++code) {
        texts.texts.add(code, 1'000 - code);
    }
    const ColumnCodes categorical{ReferenceColumn(texts), text_of};
    CHECK(!categorical.ordered());
    CHECK(categorical.code(std::nan(""), 0) == 1);
    CHECK(categorical.code(std::nan(""), 59) == 60);
    CHECK(categorical.code(std::nan(""), 60) == ColumnCodes::kRare);
    CHECK(categorical.code(std::nan(""), 1'000) == ColumnCodes::kNew);
    CHECK(categorical.code(2.0, kNoClass) == ColumnCodes::kOtherType);
    CHECK(categorical.code(std::nan(""), kNoClass) == ColumnCodes::kMissing);
    ReferenceColumn::Parts tied;
    tied.texts.add(0, 5);
    tied.texts.add(1, 5);
    CHECK(ColumnCodes(ReferenceColumn(tied), text_of).code(std::nan(""), 1) == 1);
    const ColumnCodes nothing{ReferenceColumn(ReferenceColumn::Parts()), text_of};
    CHECK(nothing.code(5.0, kNoClass) == 1);
}

TEST_CASE("row sample: the same rows whatever the order and the cut") {
    constexpr std::size_t kRows = 1'000;
    const auto add = [](RowSample& into, std::uint64_t i) {
        const std::uint8_t codes[] = {static_cast<std::uint8_t>(i % 7)};
        const double numbers[] = {static_cast<double>(i)};
        into.add(i * 0x9E3779B97F4A7C15ULL, codes, numbers);
    };
    RowSample forth(50, 1, 1);
    RowSample parts[3] = {{50, 1, 1}, {50, 1, 1}, {50, 1, 1}};
    for (std::uint64_t i = 0; i < kRows; ++i) {
        add(forth, i);
        add(parts[(kRows - 1 - i) % 3], kRows - 1 - i);
    }
    parts[2].merge(parts[0]);
    parts[2].merge(parts[1]);
    forth.finish();
    parts[2].finish();
    REQUIRE(forth.rows() == 50);
    REQUIRE(parts[2].rows() == 50);
    CHECK(parts[2].rows_seen() == kRows);
    for (std::size_t row = 0; row < 50; ++row) {
        CHECK(forth.key(row) == parts[2].key(row));
        CHECK(forth.numbers(row)[0] == parts[2].numbers(row)[0]);
        CHECK(forth.codes().row(row)[0] == parts[2].codes().row(row)[0]);
    }
    CHECK(forth.memory_bytes() < 8'192);
}

namespace {

/// The loss's scale grows with x; windows lie elsewhere than the reference.
struct LossRun {
    double model_error = 0.0;
    double mean_error = 0.0;
    bool covered = false;
};

LossRun run_losses(std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    const auto draw = [&](double shift, double& loss) {
        const double x = normal(random) + shift;
        loss = std::fabs(normal(random)) * std::exp(0.5 * x);
        return static_cast<std::uint8_t>(std::clamp(30.0 + 8.0 * x, 1.0, 60.0));
    };
    const auto fill =
        [&](RowSample& into, std::size_t n, double shift, std::vector<double>* losses) {
            double mean = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                double loss = 0.0;
                const std::uint8_t noise = static_cast<std::uint8_t>(random() % 50);
                const std::uint8_t codes[] = {draw(shift, loss), noise};
                const double numbers[] = {loss};
                into.add(i,
                         codes,
                         losses != nullptr ? std::span<const double>(numbers)
                                           : std::span<const double>());
                mean += loss / static_cast<double>(n);
                if (losses != nullptr) {
                    losses->push_back(loss);
                }
            }
            into.finish();
            return mean;
        };
    constexpr std::uint8_t kOrdered[] = {1, 1};
    std::vector<double> losses;
    RowSample reference(3'000, 2, 1);
    const double before = fill(reference, 3'000, 0.0, &losses);
    const LossModel model = LossModel::fit(reference, losses, kOrdered);
    RowSample window(500, 2, 0);
    const double realised = fill(window, 500, 0.8, nullptr);
    constexpr std::uint32_t kColumns[] = {0, 1};
    const DensityRatio ratio = density_ratio(reference, window, kColumns, kOrdered);
    const Estimate estimate = model.estimate(window, ratio.weights, 0.95);
    return {std::fabs(*estimate.value - realised),
            std::fabs(before - realised),
            estimate.interval->first <= realised && realised <= estimate.interval->second};
}

}  // namespace

TEST_CASE("loss model: foretells the loss where the rows have moved, within its band") {
    std::mt19937_64 random(20261128);
    constexpr int kRuns = 200;
    double model = 0.0;
    double mean = 0.0;
    int covered = 0;
    for (int i = 0; i < kRuns; ++i) {
        const LossRun run = run_losses(random);
        model += run.model_error / kRuns;
        mean += run.mean_error / kRuns;
        covered += run.covered ? 1 : 0;
    }
    CAPTURE(model, mean, covered);
    CHECK(model < 0.3 * mean);
    CHECK(covered >= 0.90 * kRuns);
}

TEST_CASE("loss model: nothing to foretell is the mean, too little is a reason") {
    std::mt19937_64 random(7);
    constexpr std::uint8_t kOrdered[] = {1};
    RowSample reference(2'000, 1, 0);
    std::vector<double> losses;
    double mean = 0.0;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        const std::uint8_t codes[] = {static_cast<std::uint8_t>(random() % 40)};
        reference.add(i, codes, {});
        losses.push_back(uniform(random));
        mean += losses.back() / 2'000;
    }
    reference.finish();
    const LossModel flat = LossModel::fit(reference, losses, kOrdered);
    const std::vector<double> alike(losses.size(), 1.0);
    CHECK(flat.explained() < 0.02);
    CHECK(*flat.estimate(reference, alike, 0.95).value == Approx(mean).epsilon(0.01));
    CHECK(flat.memory_bytes() < 200'000);
    RowSample few(40, 1, 0);
    const std::uint8_t codes[] = {1};
    few.add(1, codes, {});
    few.finish();
    CHECK(LossModel::fit(few, std::vector{1.0}, kOrdered).estimate(few, alike, 0.95).reason ==
          "the reference has too few values");
    CHECK(flat.estimate(RowSample(4, 1, 0), alike, 0.95).reason == "no events");
}

TEST_CASE("grades: covered, error and bias; bands that would have been right") {
    const auto window = [](double value, double half, double realised) {
        return GradedWindow{{.value = value, .n = 1, .interval = {{value - half, value + half}}},
                            realised};
    };
    const GradedWindow windows[] = {window(0.5, 0.1, 0.55),
                                    window(0.5, 0.1, 0.70),
                                    window(0.5, 0.1, 0.45),
                                    window(0.5, 0.1, 0.50),
                                    {{.reason = "no scores"}, 0.5}};
    const Grade all = grade(windows);
    CHECK(all.windows == 4);
    CHECK(all.covered == 0.75);
    CHECK(all.error == Approx(0.075));
    CHECK(all.bias == Approx(-0.05));
    CHECK(grade({}).windows == 0);
    const Estimate next = windows[0].estimate;
    CHECK(!recalibrate(next, windows, 0.95, {0.0, 1.0}));
    std::vector<GradedWindow> many;
    for (int i = 1; i <= 9; ++i) {
        many.push_back(window(0.5, 0.1, 0.5 + 0.03 * i));
    }
    const auto band = recalibrate(next, many, 0.95, {0.0, 0.7});
    REQUIRE(band);
    CHECK(band->windows == 9);
    CHECK(band->factor == Approx(2.7));
    CHECK(band->level == Approx(0.9));
    CHECK(band->interval.first == Approx(0.23));
    CHECK(band->interval.second == 0.7);
    CHECK(recalibrate(next, many, 0.5, {0.0, 1.0})->factor == Approx(1.5));
}

TEST_CASE("grades: recalibrated bands hold as often as they say, however wrong the first were") {
    std::mt19937_64 random(20261128);
    std::normal_distribution<double> normal;
    constexpr int kRuns = 2'000;
    constexpr int kPast = 30;
    int covered = 0;
    int first = 0;
    for (int run = 0; run < kRuns; ++run) {
        std::vector<GradedWindow> past;
        for (int i = 0; i <= kPast; ++i) {
            past.push_back({{.value = 0.0, .n = 1, .interval = {{-0.5, 0.5}}}, normal(random)});
        }
        const GradedWindow now = past.back();
        past.pop_back();
        const auto band = recalibrate(now.estimate, past, 0.9, {-100.0, 100.0});
        REQUIRE(band);
        covered += band->interval.first <= now.realised && now.realised <= band->interval.second;
        first += std::fabs(now.realised) <= 0.5 ? 1 : 0;
    }
    CAPTURE(covered, first);
    CHECK(first < 0.5 * kRuns);
    CHECK(covered >= 0.88 * kRuns);
    CHECK(covered <= 0.93 * kRuns);
}

TEST_CASE("label selection: rows weighed by their chance of a label") {
    std::mt19937_64 random(20261128);
    SelectionBins bins;
    SelectionBins halves[2];
    double right = 0.0;
    double labelled_right = 0.0;
    double labelled = 0.0;
    constexpr int kRows = 50'000;
    for (int i = 0; i < kRows; ++i) {
        const auto code = static_cast<std::uint8_t>(1 + random() % 20);
        const bool predicted = code > 10;
        const bool label = uniform(random) < code / 21.0;
        right += predicted == label ? 1.0 : 0.0;
        const bool seen = uniform(random) < (code > 15 ? 0.9 : 0.1);  // The sure ones are checked.
        for (SelectionBins* into : {&bins, &halves[i % 2]}) {
            SelectionBin& bin = into->at(code);
            ++bin.rows;
            bin.labelled += seen ? 1 : 0;
            bin.decisions[predicted ? 1 : 0][label ? 1 : 0] += seen ? 1 : 0;
            if (seen) {
                bin.absolute.add(0.1 * code);
                bin.squared.add(0.01 * code * code);
            }
        }
        labelled += seen ? 1.0 : 0.0;
        labelled_right += seen && predicted == label ? 1.0 : 0.0;
    }
    const double truth = right / kRows;
    double above = 0.0;  // The area under the curve of codes, from their shares of positives.
    double positives = 0.0;
    double negatives = 0.0;
    for (int code = 1; code <= 20; ++code) {
        above += code / 21.0 * (negatives + 0.5 * (1.0 - code / 21.0));
        positives += code / 21.0;
        negatives += 1.0 - code / 21.0;
    }
    const double auc = above / (positives * negatives);
    const Estimate weighted = bins.weighted("accuracy");
    CHECK(std::fabs(labelled_right / labelled - truth) > 0.05);
    CHECK(std::fabs(*weighted.value - truth) < 0.02);
    CHECK(weighted.n == static_cast<std::uint64_t>(labelled));
    CHECK(*bins.weighted("mae").value == Approx(1.05).epsilon(0.01));
    CHECK(*bins.weighted("rmse").value == Approx(std::sqrt(*bins.weighted("mse").value)));
    halves[1].merge(halves[0]);
    CHECK(*halves[1].weighted("f1").value == *bins.weighted("f1").value);
    CHECK(std::fabs(*bins.weighted("roc_auc").value - auc) < 0.01);
    CHECK(bins.weighted("mape").reason == "empty denominator");
    CHECK(SelectionBins().weighted("accuracy").reason == "no labels");
    SelectionBins few;
    few.at(3).rows = few.at(3).labelled = 4;
    CHECK(few.weighted("accuracy").reason == "fewer than 10 labelled events");
}

TEST_CASE("label bias: columns that decide who gets a label are named, others hardly ever") {
    std::mt19937_64 random(20261128);
    constexpr std::uint8_t kOrdered[] = {1, 0, 1};
    int false_alarms = 0;
    constexpr int kRuns = 300;
    for (int run = 0; run < kRuns; ++run) {
        std::vector<LabelSplit> columns(3);
        for (int i = 0; i < 2'000; ++i) {
            const std::size_t code = random() % 30;
            const bool fair = uniform(random) < 0.5;
            const bool bent = uniform(random) < (code < 10 ? 0.8 : 0.4);
            ++(fair ? columns[0].labelled : columns[0].unlabelled)[code];
            ++(fair ? columns[1].labelled : columns[1].unlabelled)[random() % 5];
            ++(bent ? columns[2].labelled : columns[2].unlabelled)[code];
        }
        const auto told = label_bias(columns, kOrdered);
        REQUIRE((told[0] && told[1] && told[2]));
        CHECK(told[2]->biased);
        false_alarms += told[0]->biased || told[1]->biased ? 1 : 0;
    }
    CAPTURE(false_alarms);
    CHECK(false_alarms <= 0.02 * kRuns);
    CHECK(!label_bias(std::vector<LabelSplit>(1), kOrdered)[0]);
}

TEST_CASE("label arrivals: ages, waiting events, merges") {
    LabelArrivals one(kHour);
    LabelArrivals other(kHour);
    one.add(0, 1800.0);
    one.add(kHour / 4, -5.0);  // A label before its event came at once.
    other.add(10 * kHour, std::nan(""));
    one.merge(other);
    CHECK(one.events() == 3);
    CHECK(one.labelled() == 2);
    const auto ages = one.ages(20 * kHour);
    REQUIRE(ages.size() == 2);
    CHECK(ages[0].age == Approx(19.5 * 3600));
    CHECK(ages[0].count == 2);
    CHECK(ages[1].age == Approx(9.5 * 3600));
    CHECK(one.life_table(20 * kHour).share_finally() == Approx(2.0 / 3));
}
