#include "metrics/curves.h"

#include <cmath>

#include <catch2/catch.hpp>

#include "metrics/confusion_state.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

RowTable scored(std::size_t rows, bool rounded) {
    std::mt19937_64 random(9);
    RowTable t;
    for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t row = t.add_row();
        const double p = static_cast<double>(random() >> 11) * 0x1p-53;
        t.score[row] = rounded ? std::round(p * 20.0) / 20.0 : p;
        if (i % 5 != 0) {
            t.labelled[row] = 1;
            t.label_class[row] = static_cast<double>(random() >> 11) * 0x1p-53 < p ? 1 : 0;
            t.predicted_class[row] = p > 0.5 ? 1 : 0;
        }
    }
    return t;
}

FinishOptions options_of(bool exact) {
    FinishOptions options;
    options.family.positive_class = 1;
    options.family.exact = exact;
    return options;
}

std::unique_ptr<State> state_for(CurveKind kind,
                                 const FinishOptions& options,
                                 const RowTable& table) {
    return state_of(curve_family(kind, TaskBit::kBinary, options.family), options.family, table);
}

}  // namespace

TEST_CASE("curves: names are found") {
    for (const CurveSpec& spec : curves()) {
        CHECK(find_curve(spec.name) == &spec);
    }
    CHECK(curves().size() == 7);
    CHECK(find_curve("nonsense") == nullptr);
}

TEST_CASE("curves: ROC ends at (1, 1), rises, is thin, and its area is the AUC's") {
    for (const bool exact : {true, false}) {
        for (const bool rounded : {true, false}) {
            const RowTable table = scored(20'000, rounded);
            const FinishOptions options = options_of(exact);
            const auto state = state_for(CurveKind::kRoc, options, table);
            const RocCurve curve = roc_curve(*state, options);
            CHECK(curve.n == 16'000);
            CHECK(curve.points.size() <= kCurvePointsMax);
            REQUIRE(curve.points.size() >= 20);
            CHECK(curve.points.front().fpr == 0.0);
            CHECK(curve.points.front().tpr == 0.0);
            CHECK_FALSE(curve.points.front().threshold.has_value());
            CHECK(curve.points.back().fpr == 1.0);
            CHECK(curve.points.back().tpr == 1.0);
            double area = 0.0;
            for (std::size_t i = 1; i < curve.points.size(); ++i) {
                const RocPoint& a = curve.points[i - 1];
                const RocPoint& b = curve.points[i];
                CHECK((a.fpr <= b.fpr && a.tpr <= b.tpr));
                CHECK((!a.threshold || *a.threshold > *b.threshold));
                area += (b.fpr - a.fpr) * (a.tpr + b.tpr) / 2.0;
            }
            CHECK(area ==
                  Approx(*find_metric("roc_auc")->finish(*state, options).value).margin(1e-4));
        }
    }
}

TEST_CASE("curves: what a threshold would give is what the metrics give at it") {
    std::mt19937_64 random(8);
    RowTable table;
    for (int i = 0; i < 3'000; ++i) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.score[row] = static_cast<double>(random() % 1'000) / 999.0;
        table.label_class[row] =
            static_cast<double>(random() % 1'000) < 1'000.0 * table.score[row] ? 1 : 0;
    }
    FinishOptions options;
    options.family.positive_class = 1;
    const ThresholdCurve curve =
        threshold_curve(*state_for(CurveKind::kThresholds, options, table), options);
    REQUIRE(curve.points.size() > 100);
    CHECK(curve.points.size() <= kCurvePointsMax);
    CHECK(curve.points.front().selection_rate == 0.0);
    CHECK_FALSE(curve.points.front().precision.has_value());
    CHECK(curve.points.back().recall == 1.0);
    CHECK(*curve.points.back().lift == 1.0);
    for (std::size_t i = 1; i < curve.points.size(); i += 17) {
        const ThresholdPoint& point = curve.points[i];
        options.family.threshold = *point.threshold;
        const auto value = [&](const char* name) {
            return *measure(name, TaskBit::kBinary, options, table).value;
        };
        CHECK(*point.precision == Approx(value("precision")));
        CHECK(point.recall == Approx(value("recall")));
        CHECK(point.specificity == Approx(value("specificity")));
        CHECK(point.accuracy == Approx(value("accuracy")));
        CHECK(point.f1 == Approx(value("f1")));
        CHECK(point.tp + point.fp + point.fn + point.tn == curve.n);
    }
}

TEST_CASE("curves: precision-recall keeps first, last and extremes") {
    const RowTable table = scored(20'000, false);
    const FinishOptions options = options_of(true);
    const auto state = state_for(CurveKind::kPr, options, table);
    const PrCurve curve = pr_curve(*state, options);
    CHECK(curve.points.size() <= kCurvePointsMax);
    REQUIRE(curve.points.size() > 100);
    CHECK(curve.points.back().recall == 1.0);
    double area = 0.0;
    double recall = 0.0;
    for (const PrPoint& point : curve.points) {
        CHECK(point.recall >= recall);
        area += (point.recall - recall) * point.precision;
        recall = point.recall;
    }
    CHECK(area == Approx(*find_metric("pr_auc")->finish(*state, options).value).margin(5e-3));
    const RowTable few = scored(50, false);
    CHECK(pr_curve(*state_for(CurveKind::kPr, options, few), options).points.size() == 40);
}

TEST_CASE("curves: reliability of equal width has every bin, of equal mass equal counts") {
    RowTable table = scored(1'000, false);
    for (double& score : table.score) {
        score = score / 2.0;  // The upper half stays empty.
    }
    FinishOptions options = options_of(true);
    const auto width =
        reliability_curve(*state_for(CurveKind::kReliability, options, table), options);
    REQUIRE(width.points.size() == 10);
    CHECK(width.n == 800);
    std::uint64_t rows = 0;
    for (const ReliabilityPoint& point : width.points) {
        rows += point.n;
        CHECK(point.mean_score.has_value() == (point.n > 0));
        if (point.n > 0) {
            CHECK((*point.mean_score >= point.lo && *point.mean_score < point.hi));
            CHECK((point.interval->first <= *point.positive_rate &&
                   *point.positive_rate <= point.interval->second));
        }
    }
    CHECK(rows == 800);
    CHECK(width.points[7].n == 0);
    options.family.binning = FamilyOptions::Binning::kMass;
    const auto mass =
        reliability_curve(*state_for(CurveKind::kReliability, options, table), options);
    REQUIRE(mass.points.size() == 10);
    for (const ReliabilityPoint& point : mass.points) {
        CHECK(point.n == 80);
    }
}

TEST_CASE("curves: the confusion matrix sums to its rows, and only the largest classes are kept") {
    const RowTable table = scored(1'000, false);
    const FinishOptions options = options_of(true);
    const auto two = confusion_curve(*state_for(CurveKind::kConfusion, options, table), options);
    CHECK(two.classes == std::vector<std::uint32_t>{0, 1});
    CHECK(two.matrix[0][0] + two.matrix[0][1] + two.matrix[1][0] + two.matrix[1][1] == two.n);
    CHECK(two.left_out == 0);
    RowTable many;
    for (std::uint32_t code = 0; code < 150; ++code) {
        for (std::uint32_t i = 0; i <= code; ++i) {
            const std::size_t row = many.add_row();
            many.labelled[row] = 1;
            many.label_class[row] = code;
            many.predicted_class[row] = code;
        }
    }
    const auto cut = confusion_curve(*state_for(CurveKind::kConfusion, options, many), options);
    CHECK(cut.classes.size() == kConfusionClassesMax);
    CHECK(cut.classes.front() == 50);
    CHECK(cut.left_out == 50 * 51 / 2);
    CHECK(cut.n == 150 * 151 / 2);
}

TEST_CASE("curves: the score distribution counts unlabelled events too") {
    const RowTable table = scored(1'000, true);
    FinishOptions options = options_of(true);
    options.family.bins = 20;
    const auto curve = score_distribution_curve(
        *state_for(CurveKind::kScoreDistribution, options, table), options);
    REQUIRE(curve.points.size() == 20);
    CHECK(curve.n == 1'000);
    std::uint64_t unlabelled = 0;
    for (const ScoreBar& bar : curve.points) {
        unlabelled += bar.n_unlabelled;
    }
    CHECK(unlabelled == 200);
    CHECK(curve.points.back().hi == 1.0);
}

TEST_CASE("curves: residual bars span the errors") {
    for (const bool exact : {true, false}) {
        RowTable table;
        for (int i = 0; i <= 100; ++i) {
            const std::size_t row = table.add_row();
            table.labelled[row] = 1;
            table.label_value[row] = 0.0;
            table.predicted_value[row] = i - 30.0;
        }
        FinishOptions options = options_of(exact);
        options.family.bins = 10;
        const auto curve = residual_curve(
            *state_of(curve_family(CurveKind::kResiduals, TaskBit::kRegression, options.family),
                      options.family,
                      table),
            options);
        REQUIRE(curve.points.size() == 10);
        CHECK(curve.n == 101);
        CHECK(curve.points.front().lo == Approx(-30.0).epsilon(0.01));
        CHECK(curve.points.back().hi == Approx(70.0).epsilon(0.01));
        std::uint64_t rows = 0;
        for (const ResidualBar& bar : curve.points) {
            rows += bar.n;
        }
        CHECK(rows == 101);
        if (exact) {
            CHECK(curve.points.front().n == 10);
            CHECK(curve.points.back().n == 11);
        }
    }
}

TEST_CASE("curves: nothing to draw has a reason") {
    const RowTable empty;
    const FinishOptions options = options_of(true);
    CHECK(roc_curve(*state_for(CurveKind::kRoc, options, empty), options).reason == "no labels");
    CHECK(pr_curve(*state_for(CurveKind::kPr, options, empty), options).reason == "no labels");
    CHECK(threshold_curve(*state_for(CurveKind::kThresholds, options, empty), options).reason ==
          "no labels");
    CHECK(reliability_curve(*state_for(CurveKind::kReliability, options, empty), options).reason ==
          "no labels");
    CHECK(confusion_curve(*state_for(CurveKind::kConfusion, options, empty), options).reason ==
          "no labels");
    CHECK(residual_curve(*state_for(CurveKind::kResiduals, options, empty), options).reason ==
          "no labels");
    CHECK(
        score_distribution_curve(*state_for(CurveKind::kScoreDistribution, options, empty), options)
            .reason == "no scores");
}
