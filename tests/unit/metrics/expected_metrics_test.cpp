// Calibration and estimates from scores: exact against sums over rows, and, by simulation, as good
// as they say under a shift of the covariates. Fixed seeds; tables are printed when a test fails.

#include "metrics/expected_metrics.h"

#include <cmath>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "metrics/density_ratio.h"
#include "metrics/row_sample.h"
#include "row_table.h"

using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

constexpr std::pair<const char*, ExpectedMetric> kMetrics[] = {
    {"accuracy", ExpectedMetric::kAccuracy},
    {"precision", ExpectedMetric::kPrecision},
    {"recall", ExpectedMetric::kRecall},
    {"specificity", ExpectedMetric::kSpecificity},
    {"f1", ExpectedMetric::kF1},
    {"roc_auc", ExpectedMetric::kRocAuc}};

double expect(const ScoreCells& scores, const ScoreCalibration& map, ExpectedMetric metric) {
    const ExpectedClass one{&scores, &map};
    return *expect_metric(std::span(&one, 1), metric, 0.95).value;
}

/// The estimate row by row: NannyML's formulas over (score, probability, predicted).
struct Row {
    double score = 0.0;
    double p = 0.0;
    bool predicted = false;
};

double by_rows(const std::vector<Row>& rows, ExpectedMetric metric) {
    double tp = 0.0;
    double fp = 0.0;
    double fn = 0.0;
    double tn = 0.0;
    double won = 0.0;
    for (const Row& row : rows) {
        (row.predicted ? tp : fn) += row.p;
        (row.predicted ? fp : tn) += 1.0 - row.p;
        for (const Row& other : rows) {
            won += row.p * (1.0 - other.p) *
                   (row.score > other.score    ? 1.0
                    : row.score == other.score ? 0.5
                                               : 0.0);
        }
    }
    switch (metric) {
        case ExpectedMetric::kAccuracy:
            return (tp + tn) / (tp + fp + fn + tn);
        case ExpectedMetric::kPrecision:
            return tp / (tp + fp);
        case ExpectedMetric::kRecall:
            return tp / (tp + fn);
        case ExpectedMetric::kSpecificity:
            return tn / (tn + fp);
        case ExpectedMetric::kF1:
            return 2.0 * tp / (2.0 * tp + fp + fn);
        case ExpectedMetric::kRocAuc:
            break;
    }
    return won / ((tp + fn) * (fp + tn));
}

}  // namespace

TEST_CASE("score cells: ascend with scores, in any order and cut") {
    std::mt19937_64 random(1);
    std::size_t before = 0;
    for (int i = 0; i <= 100'000; ++i) {
        const std::size_t cell = ScoreCells::cell_of(i / 100'000.0);
        REQUIRE(cell >= before);
        before = cell;
    }
    CHECK(before == ScoreCells::kCells - 1);
    CHECK(ScoreCells::cell_of(0.0) == 0);
    ScoreCells whole;
    ScoreCells parts[3];
    for (int i = 0; i < 2'000; ++i) {
        const double score = std::pow(uniform(random), 3.0);
        whole.add(score, i % 3 == 0);
        parts[2 - i % 3].add(score, i % 3 == 0);
    }
    parts[0].merge(parts[1]);
    parts[0].merge(parts[2]);
    const auto a = whole.occupied();
    const auto b = parts[0].occupied();
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].count == b[i].count);
        CHECK(a[i].sum == b[i].sum);
        CHECK((i == 0 || a[i].mean() > a[i - 1].mean()));
    }
}

TEST_CASE("expected metrics: scores as they are give the est_ metrics") {
    std::mt19937_64 random(2);
    RowTable table;
    ScoreCells scores;
    for (int i = 0; i < 500; ++i) {
        const std::size_t row = table.add_row();
        table.score[row] = static_cast<double>(random() % 63 + 1) / 64;  // A cell each, so no ties.
        table.predicted_class[row] = uniform(random) < table.score[row] ? 1 : 0;
        scores.add(table.score[row], table.predicted_class[row] == 1);
    }
    FinishOptions options;
    options.family.positive_class = 1;
    options.confidence = 0.95;
    const ScoreCalibration as_is;
    const ExpectedClass one{&scores, &as_is};
    for (const auto& [name, metric] : kMetrics) {
        CAPTURE(name);
        const Estimate mine = expect_metric(std::span(&one, 1), metric, 0.95);
        const Estimate theirs =
            measure(fmt::format("est_{}", name), TaskBit::kBinary, options, table);
        CHECK(*mine.value == Approx(*theirs.value).epsilon(1e-12));
        CHECK(mine.n == theirs.n);
        if (theirs.interval) {
            CHECK(mine.interval->first == Approx(theirs.interval->first).epsilon(1e-9));
            CHECK(mine.interval->second == Approx(theirs.interval->second).epsilon(1e-9));
        }
    }
}

TEST_CASE("expected metrics: calibrated scores give the sums over rows") {
    std::mt19937_64 random(3);
    ScoreCells labelled;
    for (int i = 0; i < 3'000; ++i) {
        const double score = static_cast<double>(random() % 63 + 1) / 64;
        labelled.add(score, uniform(random) < score * score);
    }
    const ScoreCalibration map = ScoreCalibration::fit(labelled);
    ScoreCells scores;
    std::vector<Row> rows;
    for (int i = 0; i < 400; ++i) {
        const double score = static_cast<double>(random() % 31 * 2 + 1) / 64;
        rows.push_back({score, map.at(score), uniform(random) < score});
        scores.add(score, rows.back().predicted);
    }
    for (const auto& [name, metric] : kMetrics) {
        CAPTURE(name);
        CHECK(expect(scores, map, metric) == Approx(by_rows(rows, metric)).epsilon(1e-12));
    }
}

TEST_CASE("expected metrics: more classes, one against the rest") {
    std::mt19937_64 random(4);
    constexpr std::size_t kClasses = 3;
    ScoreCells scores[kClasses];
    double right = 0.0;
    double tp[kClasses] = {};
    double predicted_rows[kClasses] = {};
    double positives[kClasses] = {};
    constexpr int kRows = 300;
    for (int i = 0; i < kRows; ++i) {
        const auto a = static_cast<double>(random() % 20 + 1);
        const auto b = static_cast<double>(random() % 20 + 1);
        const double p[kClasses] = {a / 64, b / 64, (64 - a - b) / 64};
        const std::size_t predicted = random() % kClasses;
        right += p[predicted] / kRows;
        for (std::size_t c = 0; c < kClasses; ++c) {
            scores[c].add(p[c], c == predicted);
            positives[c] += p[c];
        }
        tp[predicted] += p[predicted];
        predicted_rows[predicted] += 1.0;
    }
    const ScoreCalibration as_is;
    const ExpectedClass classes[] = {
        {&scores[0], &as_is}, {&scores[1], &as_is}, {&scores[2], &as_is}};
    double f1 = 0.0;
    for (std::size_t c = 0; c < kClasses; ++c) {
        f1 += 2.0 * tp[c] / (predicted_rows[c] + positives[c]) / kClasses;
    }
    const Estimate accuracy = expect_metric(classes, ExpectedMetric::kAccuracy, 0.95);
    CHECK(*accuracy.value == Approx(right).epsilon(1e-12));
    CHECK(accuracy.n == kRows);
    CHECK(*expect_metric(classes, ExpectedMetric::kF1, 0.95).value == Approx(f1).epsilon(1e-12));
    CHECK(expect_metric({}, ExpectedMetric::kF1, 0.95).reason == "no scores");
    const ScoreCells none;
    const ExpectedClass empty{&none, &as_is};
    CHECK(expect_metric(std::span(&empty, 1), ExpectedMetric::kAccuracy, 0.95).reason ==
          "no scores");
}

TEST_CASE("calibration: used where it helps on rows it was not fitted on") {
    std::mt19937_64 random(5);
    const auto learn = [&](double power, int n) {
        CalibrationRows rows;
        for (int i = 0; i < n; ++i) {
            const double p = uniform(random);
            rows.add(std::pow(p, power), uniform(random) < p, random());
        }
        return learn_calibration(rows);
    };
    const LearnedCalibration off = learn(2.0, 4'000);
    CHECK(off.helps);
    CHECK(off.error_before > 0.1);
    CHECK(off.error_after < 0.05);
    for (const double p : {0.2, 0.4, 0.6, 0.8}) {
        CHECK(off.map.at(p * p) == Approx(p).margin(0.07));
    }
    const LearnedCalibration good = learn(1.0, 4'000);
    CHECK(std::fabs(good.error_after - good.error_before) < 0.01);
    CHECK(!learn(2.0, 80).helps);
    CHECK(learn(2.0, 80).used().is_identity());
    CHECK(learn_calibration({}).n == 0);
}

namespace {

/// y depends on x1 and x2; the score knows x1 alone, or both.
struct World {
    bool knows_both = true;
    double shift = 1.0;  // Of x2, in the window.
};

struct Drawn {
    double score = 0.0;
    bool positive = false;
    std::uint8_t codes[3] = {};
};

std::uint8_t code_of(double x) {
    return static_cast<std::uint8_t>(std::clamp(30.0 + 10.0 * x, 1.0, 60.0));
}

Drawn draw(const World& world, double shift, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    const double x1 = normal(random);
    const double x2 = normal(random) + shift;
    const auto logistic = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    Drawn out;
    out.score = logistic(world.knows_both ? x1 + x2 : 2.0 * x1 + 0.5);
    out.positive = uniform(random) < logistic(x1 + x2);
    out.codes[0] = static_cast<std::uint8_t>(1 + 59 * out.score);
    out.codes[1] = code_of(x1);
    out.codes[2] = code_of(x2);
    return out;
}

/// How the methods did over many references, with a window each.
struct Tally {
    double covered[3][std::size(kMetrics)] = {};
    double error[3][std::size(kMetrics)] = {};
    std::string table;
};

Tally simulate(const World& world, int runs, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    constexpr std::uint32_t kColumns[] = {0, 1, 2};
    constexpr std::uint8_t kOrdered[] = {1, 1, 1};
    Tally out;
    for (int run = 0; run < runs; ++run) {
        CalibrationRows labelled;
        RowSample reference(4'000, 3, 2);
        for (int i = 0; i < 4'000; ++i) {
            const Drawn row = draw(world, 0.0, random);
            const std::uint64_t key = random();
            labelled.add(row.score, row.positive, key);
            const double numbers[] = {row.score, row.positive ? 1.0 : 0.0};
            reference.add(key, row.codes, numbers);
        }
        reference.finish();
        RowTable realised;
        ScoreCells scores;
        RowSample window(4'000, 3, 0);
        for (int i = 0; i < 1'000; ++i) {
            const Drawn drawn = draw(world, world.shift, random);
            const std::size_t row = realised.add_row();
            realised.score[row] = drawn.score;
            realised.labelled[row] = 1;
            realised.predicted_class[row] = drawn.score >= 0.5 ? 1 : 0;
            realised.label_class[row] = drawn.positive ? 1 : 0;
            scores.add(drawn.score, drawn.score >= 0.5);
            window.add(random(), drawn.codes, {});
        }
        window.finish();
        const DensityRatio ratio = density_ratio(reference, window, kColumns, kOrdered);
        std::vector<ScoreCalibration::Row> weighted;
        for (std::size_t row = 0; row < reference.rows(); ++row) {
            const auto numbers = reference.numbers(row);
            weighted.push_back({numbers[0], numbers[1] > 0.5, ratio.weights[row]});
        }
        const ScoreCalibration maps[] = {
            {}, learn_calibration(labelled).used(), ScoreCalibration::fit(weighted)};
        FinishOptions options;
        options.family.positive_class = 1;
        for (std::size_t m = 0; m < std::size(kMetrics); ++m) {
            const double truth =
                *measure(kMetrics[m].first, TaskBit::kBinary, options, realised).value;
            for (std::size_t method = 0; method < 3; ++method) {
                const ExpectedClass one{&scores, &maps[method]};
                const Estimate got = expect_metric(std::span(&one, 1), kMetrics[m].second, 0.95);
                const bool holds = got.interval->first <= truth && truth <= got.interval->second;
                out.covered[method][m] += (holds ? 1.0 : 0.0) / runs;
                out.error[method][m] += std::fabs(*got.value - truth) / runs;
            }
        }
    }
    out.table = "metric: coverage and error, raw, calibrated, weighted\n";
    for (std::size_t m = 0; m < std::size(kMetrics); ++m) {
        out.table += fmt::format("{:12}", kMetrics[m].first);
        for (std::size_t method = 0; method < 3; ++method) {
            out.table +=
                fmt::format("  {:.3f} {:.4f}", out.covered[method][m], out.error[method][m]);
        }
        out.table += "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("estimates: bands hold what labels show, where scores mean what they say") {
    const Tally tally = simulate({.knows_both = true, .shift = 1.0}, 200, 20261128);
    INFO(tally.table);
    for (std::size_t m = 0; m < std::size(kMetrics); ++m) {
        for (std::size_t method = 0; method < 3; ++method) {
            CHECK(tally.covered[method][m] >= 0.90);
        }
    }
}

TEST_CASE("estimates: a miscalibrated score is wrong raw and right calibrated") {
    const Tally tally = simulate({.knows_both = false, .shift = 0.0}, 200, 20261129);
    INFO(tally.table);
    for (std::size_t m = 0; m < std::size(kMetrics); ++m) {
        CHECK(tally.covered[0][m] < 0.2);
        CHECK(tally.covered[1][m] >= 0.90);
        CHECK(tally.covered[2][m] >= 0.90);
        CHECK(tally.error[1][m] < 0.25 * tally.error[0][m]);
    }
}

TEST_CASE("estimates: where what scores mean has moved with the covariates, weights are better") {
    const Tally tally = simulate({.knows_both = false, .shift = 1.0}, 200, 20261130);
    INFO(tally.table);
    for (std::size_t m = 0; m < std::size(kMetrics); ++m) {
        CHECK(tally.covered[2][m] >= 0.90);
    }
    for (const std::size_t m : {0U, 1U, 2U, 3U, 4U}) {  // The AUC hardly moves here.
        CHECK(tally.error[2][m] < 0.6 * tally.error[1][m]);
    }
}
