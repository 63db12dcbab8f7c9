// What a column is: its kind, its type, its name; and one column of a block, decoded.
//
// A deployment has columns that every event carries (builtin, fixed ids) and columns made when a
// name is first seen (features, metadata keys, class scores …). One name seen with two types is two
// columns; readers put them together.

#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace aiml042::model {

enum class ValueType : std::uint8_t { kNumber = 1, kString = 2, kBool = 3, kTime = 4 };

enum class ColumnKind : std::uint8_t {
    kBuiltin = 0,
    kFeature = 1,      // features.<name>
    kMetadata = 2,     // metadata.<key>
    kClassScore = 3,   // prediction.scores.<class>, numbers
    kQuantile = 4,     // prediction.quantiles.<q>, numbers; the name is the text of q
    kAttribution = 5,  // attributions.<feature>, numbers
};

struct ColumnKey {
    ColumnKind kind = ColumnKind::kBuiltin;
    ValueType type = ValueType::kNumber;
    std::string name;

    friend auto operator<=>(const ColumnKey&, const ColumnKey&) = default;
};

/// Ids of the columns that every deployment has. Stored in blocks: never renumber, only add (below
/// 64).
namespace builtin {
inline constexpr ColumnId kTimestamp = 0;       // kTime: the event's time.
inline constexpr ColumnId kArrival = 1;         // kTime: when the server received it.
inline constexpr ColumnId kSequence = 2;        // kTime (an integer): Lsn of the event.
inline constexpr ColumnId kRequestId = 3;       // kString
inline constexpr ColumnId kTraceId = 4;         // kString
inline constexpr ColumnId kModelVersion = 5;    // kString
inline constexpr ColumnId kScore = 6;           // kNumber: prediction.score or score.
inline constexpr ColumnId kPredictedClass = 7;  // kString: canonical text of prediction.class.
inline constexpr ColumnId kPredictedValue =
    8;                                      // kNumber: prediction.value, in the unit of the label.
inline constexpr ColumnId kLatencyMs = 9;   // kNumber, >= 0
inline constexpr ColumnId kErrorCode = 10;  // kString; present = the inference failed.
inline constexpr ColumnId kPromptVersion = 11;  // kString
inline constexpr ColumnId kExperiment = 12;     // kString: experiment.id
inline constexpr ColumnId kVariant = 13;        // kString: experiment.variant
inline constexpr ColumnId kShadow =
    14;  // kBool: answers not shown to anyone; left out unless asked for.
inline constexpr ColumnId kInputTokens = 15;   // kNumber
inline constexpr ColumnId kOutputTokens = 16;  // kNumber
inline constexpr ColumnId kCostUsd = 17;       // kNumber
inline constexpr ColumnId kAction = 18;        // kString: prediction.action
inline constexpr ColumnId kPropensity = 19;    // kNumber in (0, 1]
inline constexpr ColumnId kRemainder =
    20;  // kString: JSON object with what has no column: llm, embeddings, ranking, text.
inline constexpr ColumnId kCount = 21;
}  // namespace builtin

/// Columns made on first sight have ids from here.
inline constexpr ColumnId kFirstDynamicColumn = 64;

/// Key of a builtin column (`id` < builtin::kCount): its name in filters and answers, and its type.
[[nodiscard]] ColumnKey builtin_column(ColumnId id);

/// Many strings in two allocations.
class StringPool {
  public:
    /// Returns the index of the added string.
    std::uint32_t add(std::string_view text) {
        bytes_.append(text);
        ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
        return static_cast<std::uint32_t>(ends_.size() - 1);
    }

    [[nodiscard]] std::string_view at(std::uint32_t i) const {
        const std::uint32_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }

    [[nodiscard]] std::size_t memory_bytes() const {
        return bytes_.capacity() + ends_.capacity() * sizeof(std::uint32_t);
    }

    /// Makes room for `count` strings of together `bytes` bytes more.
    void reserve(std::size_t count, std::size_t bytes) {
        ends_.reserve(ends_.size() + count);
        bytes_.reserve(bytes_.size() + bytes);
    }

    /// All strings one after another.
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

    void clear() {
        bytes_.clear();
        ends_.clear();
    }

  private:
    std::string bytes_;
    std::vector<std::uint32_t> ends_;
};

/// Code of a missing string.
inline constexpr std::uint32_t kNullCode = std::numeric_limits<std::uint32_t>::max();

/// One column of a block, decoded; one entry per row. Exactly one of the vectors is used, by
/// `type`.
struct ColumnVector {
    ValueType type = ValueType::kNumber;
    std::vector<std::int64_t> integers;  // kTime; never missing.
    std::vector<double> numbers;  // kNumber; kBool as 0 and 1. NaN = missing (JSON has no NaN).
    std::vector<std::uint32_t> codes;  // kString: index into `strings`; kNullCode = missing.
    StringPool strings;                // Distinct values; a column of ids may have one per row.

    [[nodiscard]] std::size_t memory_bytes() const {
        return integers.capacity() * sizeof(std::int64_t) + numbers.capacity() * sizeof(double) +
               codes.capacity() * sizeof(std::uint32_t) + strings.memory_bytes();
    }
};

/// The current labels of the rows of a block, one entry per row.
struct LabelColumns {
    std::vector<std::uint8_t> labelled;  // 1 = a label is there.
    std::vector<std::uint32_t>
        class_codes;  // Index into `classes`; kNullCode where the label has no class.
    StringPool classes;
    std::vector<double> values;       // label.value, label.reward or a number; NaN where none.
    std::vector<Timestamp> label_ts;  // 0 where not labelled.
    std::uint32_t labelled_count = 0;

    [[nodiscard]] std::size_t memory_bytes() const {
        return labelled.capacity() + class_codes.capacity() * 4 + classes.memory_bytes() +
               values.capacity() * 8 + label_ts.capacity() * 8;
    }
};

}  // namespace aiml042::model
