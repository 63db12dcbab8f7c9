// What a score means, learned from labelled rows: an isotonic map from scores to shares of
// positives, used only where it helps on rows that it was not fitted on.
//
// Whether it helps: ten parts of the rows, each measured by a map fitted on the other nine: mean
// absolute difference of score and share of positives over ten bins of equal mass, before and
// after. Source: the rule of J. Bialek et al. (2024), arXiv 2407.08649.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "metrics/score_cells.h"
#include "stats/isotonic.h"

namespace aiml042::metrics {

/// Scores of labelled rows by class (kind 1: of the positive one), in ten parts. State: ten
/// ScoreCells. Threads: one owner at a time; combine owners with merge().
class CalibrationRows {
  public:
    static constexpr std::size_t kParts = 10;

    /// `key` of the row says which part it is of.
    void add(double score, bool positive, std::uint64_t key) {
        parts_[key % kParts].add(score, positive);
    }

    void merge(const CalibrationRows& other);

    /// All parts but `without`.
    [[nodiscard]] ScoreCells all(std::optional<std::size_t> without = std::nullopt) const;

    [[nodiscard]] const ScoreCells& part(std::size_t i) const { return parts_[i]; }

    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    std::array<ScoreCells, kParts> parts_;
};

/// Immutable.
class ScoreCalibration {
  public:
    /// Scores as they are.
    ScoreCalibration() = default;

    explicit ScoreCalibration(std::vector<stats::IsotonicBlock> blocks)
        : blocks_(std::move(blocks)) {}

    /// Fitted on all rows, whether it helps or not. No rows: scores as they are.
    static ScoreCalibration fit(const ScoreCells& labelled);

    struct Row {
        double score = 0.0;  // In [0, 1].
        bool positive = false;
        double weight = 1.0;  // Above 0.
    };

    /// The same of rows that count differently.
    static ScoreCalibration fit(std::span<const Row> rows);

    [[nodiscard]] bool is_identity() const { return blocks_.empty(); }

    [[nodiscard]] std::span<const stats::IsotonicBlock> blocks() const { return blocks_; }

    /// The probability behind a score.
    [[nodiscard]] double at(double score) const {
        return is_identity() ? score : stats::isotonic_at(blocks_, score);
    }

    /// The block whose rows decide what a score means; not of the identity.
    [[nodiscard]] std::size_t block_at(double score) const {
        return stats::isotonic_block_at(blocks_, score);
    }

  private:
    std::vector<stats::IsotonicBlock> blocks_;
};

/// What was learned, and whether it is used.
struct LearnedCalibration {
    ScoreCalibration map;
    bool helps = false;
    std::uint64_t n = 0;
    std::uint64_t positives = 0;
    double error_before = 0.0;  // Means over the parts.
    double error_after = 0.0;

    /// The map where it helps, else scores as they are.
    [[nodiscard]] ScoreCalibration used() const { return helps ? map : ScoreCalibration(); }
};

/// Below 100 rows or five of either class it never helps. Cost: eleven fits of at most 1,280 cells.
[[nodiscard]] LearnedCalibration learn_calibration(const CalibrationRows& rows);

/// Mean absolute difference of calibrated score and share of positives over ten bins of equal mass.
[[nodiscard]] double calibration_error(const ScoreCells& labelled, const ScoreCalibration& map);

}  // namespace aiml042::metrics
