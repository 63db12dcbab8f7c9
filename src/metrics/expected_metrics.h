// Classification metrics that scores foretell, without labels, with bands: what estimated.cpp does
// for scores as they are, for calibrated ones too, and for more than two classes.
//
// Each row counts as positive with its probability p and as negative with the rest, so the
// confusion matrix is known in expectation. Bands are normal, by the delta method, and hold two
// errors: that of the labels which these very rows will get (p (1 - p) per row), and that of the
// calibration (p (1 - p) / rows of the reference, shared by all rows whose scores lie in one block
// of it). More classes: one against the rest each, taken as independent. Pure. Source: J. Bialek et
// al. (2024), arXiv 2407.08649.

#pragma once

#include <span>
#include <string_view>

#include "metrics/metric.h"
#include "metrics/score_calibration.h"
#include "metrics/score_cells.h"

namespace aiml042::metrics {

/// Scores of one class and whether it was predicted (kind 1), with what the scores mean.
struct ExpectedClass {
    const ScoreCells* scores = nullptr;
    const ScoreCalibration* map = nullptr;
};

enum class ExpectedMetric : std::uint8_t {
    kAccuracy,
    kPrecision,
    kRecall,
    kSpecificity,
    kF1,
    kRocAuc,  // Order by the raw score; rows of a cell are tied.
};

/// One class: metrics of a binary task for it. More: accuracy of the predicted classes, and the
/// mean of the others over the classes (a class that nothing was predicted as counts with 0, as in
/// the realised macro average). `confidence` in (0, 1).
[[nodiscard]] Estimate expect_metric(std::span<const ExpectedClass> classes,
                                     ExpectedMetric metric,
                                     double confidence);

}  // namespace aiml042::metrics
