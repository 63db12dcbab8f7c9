// The algebra behind every number: a family is a mergeable state over rows; a metric is a formula
// on a family's state.
//
//   state->update(rows, selection)   add rows            (a stream, a block, a slice, a window …)
//   state->merge(other)              add another state   (roll-ups, windows, shards)
//   metric.finish(state, options)    → Estimate          (value, n, interval, or why there is none)
//
// Bit-equality: counts are integers and sums of doubles are exact (stats::ExactSum), so the same
// rows give the same bits whatever the order, the cut or the merge tree.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace aiml042::metrics {

/// Class codes are the query's: one number per class text over all blocks of a query.
inline constexpr std::uint32_t kNoClass = ~std::uint32_t{0};

/// The vectors of one embedding, read row by row: together they may be larger than memory.
class EmbeddingSource {
  public:
    EmbeddingSource() = default;
    virtual ~EmbeddingSource() = default;
    EmbeddingSource(const EmbeddingSource&) = delete;
    EmbeddingSource& operator=(const EmbeddingSource&) = delete;

    /// Whether the row has a vector; then `out` is it.
    virtual bool read(std::uint32_t row, std::vector<float>& out) const = 0;

    /// Of the row's request id: what samples choose by.
    [[nodiscard]] virtual std::uint64_t hash(std::uint32_t row) const = 0;
};

/// Rows of one block, ready for kernels. Every span that the family's inputs name has one entry per
/// row, others are empty.
struct Rows {
    std::span<const Timestamp> timestamp;
    std::span<const double> latency_ms;      // NaN = missing.
    std::span<const std::uint8_t> failed;    // 1 = error_code present.
    std::span<const std::uint8_t> labelled;  // 1 = has a label.
    std::span<const double>
        label_delay_s;              // label_ts - timestamp, seconds; NaN where not labelled.
    std::span<const double> score;  // P(positive class); NaN = missing. Binary tasks.
    std::span<const std::uint32_t> label_class;  // kNoClass = none.
    std::span<const std::uint32_t> predicted_class;
    std::span<const double> predicted_value;  // NaN = missing. Regression.
    std::span<const double> label_value;      // NaN = missing.
    std::span<const double>
        label_class_score;              // Multi-class: scores[label class] as sent; NaN = missing.
    std::span<const double> top_score;  // Multi-class: highest score; NaN = missing.
    std::span<const std::uint32_t> top_class;    // Multi-class: class of the highest score.
    std::span<const double> class_square_error;  // Multi-class: sum over classes of (score - [class
                                                 // = label])^2; NaN = missing.

    /// Multi-class: one column of scores per class, one entry per row; NaN = missing. Any order, no
    /// class twice.
    struct ClassScores {
        std::uint32_t class_code = kNoClass;
        std::span<const double> scores;
    };

    std::span<const ClassScores> class_scores;

    /// One column of forecasts per quantile, in ascending order of them; NaN = missing.
    struct QuantileForecasts {
        double quantile = 0.0;  // In (0, 1).
        std::span<const double> values;
    };

    std::span<const QuantileForecasts> quantiles;

    /// A ranked list against the judgements of its documents.
    struct Ranking {
        std::span<const double>
            ranked;  // Grade at each rank, 0 = not judged; zeros at the end cut.
        std::span<const double> judged;  // Grades above 0 of all judged documents, descending.
        std::uint32_t length = 0;        // Documents ranked.
        bool counts = false;             // There are a document and a judgement.
    };

    std::span<const Ranking> rankings;

    /// The column that the query is about: a number, a text, or neither. One of the two may be
    /// empty as a whole.
    std::span<const double> column_number;  // NaN = missing or not a number.
    std::span<const std::uint32_t> column_class;

    const EmbeddingSource* embeddings = nullptr;  // Null: no row has one.

    /// One column of attributions per feature, one entry per row; NaN = missing. No feature twice.
    struct Attributions {
        std::uint32_t feature = 0;  // The query's code of its name.
        std::span<const double> values;
    };

    std::span<const Attributions> attributions = {};
};

/// Which spans of Rows a family reads.
enum class Input : std::uint32_t {
    kTimestamp = 1,
    kLatency = 2,
    kFailed = 4,
    kLabelled = 8,
    kLabelDelay = 16,
    kScore = 32,
    kLabelClass = 64,
    kPredictedClass = 128,
    kPredictedValue = 256,
    kLabelValue = 512,
    kClassScores = 1024,   // label_class_score, top_score, top_class, class_square_error.
    kClassColumns = 2048,  // class_scores.
    kQuantiles = 4096,
    kRankings = 8192,
    kColumn = 16384,  // column_number, column_class.
    kEmbedding = 32768,
    kAttributions = 65536,
};
using Inputs = std::uint32_t;

[[nodiscard]] constexpr Inputs inputs_of(std::initializer_list<Input> inputs) {
    Inputs out = 0;
    for (const Input input : inputs) {
        out |= static_cast<Inputs>(input);
    }
    return out;
}

[[nodiscard]] constexpr bool reads(Inputs inputs, Input input) {
    return (inputs & static_cast<Inputs>(input)) != 0;
}

class ReferenceColumn;
struct EmbeddingColumn;
struct AttributionWeights;

/// What must be equal for two states to merge, and what a family needs to know of the task.
struct FamilyOptions {
    std::uint32_t positive_class = kNoClass;  // Code of the positive class.
    bool exact = true;        // Keep what exact answers need; else sketches with a bound.
    std::uint32_t bins = 10;  // Calibration and score distributions; 1 to kBinsMax.
    enum class Binning : std::uint8_t { kWidth, kMass, kDebiased } binning = Binning::kWidth;
    std::optional<double> threshold =
        {};  // Predicted class = (score >= threshold) instead of the one sent. Binary tasks.
    std::uint32_t k = 0;  // Families with `by_k`: ranks looked at, at most kRanksMax; 0 = all.
    std::shared_ptr<const ReferenceColumn> reference = {};        // What drift compares with …
    std::shared_ptr<const EmbeddingColumn> embedding = {};        // … of an embedding …
    std::shared_ptr<const AttributionWeights> attributions = {};  // … and of attributions.

    friend bool operator==(const FamilyOptions&, const FamilyOptions&) = default;
};

inline constexpr std::uint32_t kBinsMax = 1'000;
inline constexpr std::uint32_t kRanksMax = 1'000'000;

class State {
  public:
    virtual ~State() = default;
    /// Adds the rows whose indexes are in `selection` (ascending, each below the spans' length).
    virtual void update(const Rows& rows, std::span<const std::uint32_t> selection) = 0;
    /// Adds another state of the same family and options.
    virtual void merge(const State& other) = 0;
    [[nodiscard]] virtual std::unique_ptr<State> clone() const = 0;
    [[nodiscard]] virtual std::size_t memory_bytes() const = 0;

    /// Class codes that occur, ascending; empty for families without classes. Binary formulas can
    /// then be asked for each class: set FinishOptions::family.positive_class to it and the average
    /// to kBinary.
    [[nodiscard]] virtual std::vector<std::uint32_t> classes() const { return {}; }
};

/// A family: its name, the inputs it reads, a maker of empty states.
struct Family {
    std::string_view name = {};
    Inputs inputs = 0;
    bool sketches =
        false;  // Has an approximate form with bounded size (FamilyOptions::exact = false).
    bool label_free = false;
    bool by_k = false;          // The state depends on FamilyOptions::k.
    bool by_reference = false;  // The state depends on FamilyOptions::reference.
    std::unique_ptr<State> (*make)(const FamilyOptions& options) = nullptr;
    // Of a plugin's family, instead of make(): also gets `context`.
    std::unique_ptr<State> (*make_with)(const void* context,
                                        const FamilyOptions& options) = nullptr;
    const void* context = nullptr;

    [[nodiscard]] std::unique_ptr<State> create(const FamilyOptions& options) const {
        return make_with != nullptr ? make_with(context, options) : make(options);
    }
};

}  // namespace aiml042::metrics
