#include "metrics/score_calibration.h"

#include <algorithm>
#include <cmath>

namespace aiml042::metrics {

namespace {

constexpr std::uint64_t kRowsMin = 100;
constexpr std::uint64_t kClassRowsMin = 5;
constexpr std::size_t kErrorBins = 10;

}  // namespace

void CalibrationRows::merge(const CalibrationRows& other) {
    for (std::size_t i = 0; i < kParts; ++i) {
        parts_[i].merge(other.parts_[i]);
    }
}

ScoreCells CalibrationRows::all(std::optional<std::size_t> without) const {
    ScoreCells out;
    for (std::size_t i = 0; i < kParts; ++i) {
        if (i != without) {
            out.merge(parts_[i]);
        }
    }
    return out;
}

std::size_t CalibrationRows::memory_bytes() const {
    std::size_t bytes = 0;
    for (const ScoreCells& part : parts_) {
        bytes += part.memory_bytes();
    }
    return bytes;
}

ScoreCalibration ScoreCalibration::fit(const ScoreCells& labelled) {
    std::vector<stats::IsotonicPoint> points;
    for (const ScoreCells::Cell& cell : labelled.occupied()) {
        const auto rows = static_cast<double>(cell.rows());
        points.push_back({cell.mean(), static_cast<double>(cell.count[1]) / rows, rows, rows});
    }
    return ScoreCalibration(stats::fit_isotonic(points));
}

ScoreCalibration ScoreCalibration::fit(std::span<const Row> rows) {
    struct Sums {
        double weight = 0.0;
        double squares = 0.0;
        double scores = 0.0;
        double positives = 0.0;
    };

    std::vector<Sums> cells(ScoreCells::kCells);
    for (const Row& row : rows) {
        Sums& cell = cells[ScoreCells::cell_of(row.score)];
        cell.weight += row.weight;
        cell.squares += row.weight * row.weight;
        cell.scores += row.weight * row.score;
        cell.positives += row.positive ? row.weight : 0.0;
    }
    std::vector<stats::IsotonicPoint> points;
    for (const Sums& cell : cells) {
        if (cell.weight > 0.0) {
            points.push_back({cell.scores / cell.weight,
                              cell.positives / cell.weight,
                              cell.weight,
                              cell.squares});
        }
    }
    return ScoreCalibration(stats::fit_isotonic(points));
}

double calibration_error(const ScoreCells& labelled, const ScoreCalibration& map) {
    struct Bin {
        double expected = 0.0;
        double positives = 0.0;
    };

    std::array<Bin, kErrorBins> bins;
    const auto rows = static_cast<double>(labelled.rows());
    double before = 0.0;
    for (const ScoreCells::Cell& cell : labelled.occupied()) {
        const auto here = static_cast<double>(cell.rows());
        const double middle = (before + here / 2) / rows;
        Bin& bin = bins[std::min(kErrorBins - 1, static_cast<std::size_t>(middle * kErrorBins))];
        bin.expected += here * map.at(cell.mean());
        bin.positives += static_cast<double>(cell.count[1]);
        before += here;
    }
    double sum = 0.0;
    for (const Bin& bin : bins) {
        sum += std::fabs(bin.expected - bin.positives);
    }
    return rows > 0.0 ? sum / rows : 0.0;
}

LearnedCalibration learn_calibration(const CalibrationRows& rows) {
    const ScoreCells all = rows.all();
    LearnedCalibration out{.map = ScoreCalibration::fit(all), .n = all.rows()};
    for (const ScoreCells::Cell& cell : all.occupied()) {
        out.positives += cell.count[1];
    }
    for (std::size_t i = 0; i < CalibrationRows::kParts; ++i) {
        const ScoreCalibration others = ScoreCalibration::fit(rows.all(i));
        out.error_before +=
            calibration_error(rows.part(i), ScoreCalibration()) / CalibrationRows::kParts;
        out.error_after += calibration_error(rows.part(i), others) / CalibrationRows::kParts;
    }
    const bool enough = out.n >= kRowsMin && out.positives >= kClassRowsMin &&
                        out.n - out.positives >= kClassRowsMin;
    out.helps = enough && out.error_after < out.error_before;
    return out;
}

}  // namespace aiml042::metrics
