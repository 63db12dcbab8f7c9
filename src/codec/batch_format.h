// The bytes of a batch, shared by the writer and the reader. The full description is
// docs/formats/batch.md.

#pragma once

#include <cstddef>
#include <cstdint>

namespace aiml042::codec {

inline constexpr std::uint8_t kBatchFormat = 1;

/// Length of the row behind these four bytes, identity, time, count of column values.
inline constexpr std::size_t kRowLengthBytes = 4;
inline constexpr std::size_t kRowHeadBytes = 16 + 8 + 2;

/// What a member of an event row is. Stored: never renumber, only add (below kFirstColumnTag).
enum class EventTag : std::uint8_t {
    kDeployment = 0,    // Index of the table of deployments.
    kModelVersion = 1,  // Index of the table of model versions.
    kRequestId = 2,     // Texts from here …
    kTraceId = 3,
    kPredictedClass = 4,
    kErrorCode = 5,
    kPromptVersion = 6,
    kExperiment = 7,
    kVariant = 8,
    kAction = 9,
    kRemainder = 10,  // … to here.
    kScore = 11,      // Numbers from here …
    kPredictedValue = 12,
    kLatencyMs = 13,
    kInputTokens = 14,
    kOutputTokens = 15,
    kCostUsd = 16,
    kPropensity = 17,  // … to here.
    kShadow = 18,      // Present = true.
};

/// Tags from here are kFirstColumnTag + index of the table of columns.
inline constexpr std::uint32_t kFirstColumnTag = 32;

/// What a member of a label row is. Stored: never renumber, only add.
enum class LabelTag : std::uint8_t {
    kDeployment = 0,  // Index of the table of deployments.
    kRequestId = 1,   // Texts from here …
    kClass = 2,
    kRemainder = 3,
    kSource = 4,  // … to here.
    kValue = 5,   // A number.
};

}  // namespace aiml042::codec
