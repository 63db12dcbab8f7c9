// Why a value does not exist: stable phrases, part of the API's answers.

#pragma once

#include <string_view>

namespace aiml042::metrics::reasons {

inline constexpr std::string_view kNoEvents = "no events";
inline constexpr std::string_view kNoLatencies = "no latencies";
inline constexpr std::string_view kNoLabels = "no labels";
inline constexpr std::string_view kNoScores = "no scores on labelled events";
inline constexpr std::string_view kNoEventScores = "no scores";
inline constexpr std::string_view kNoPredictedClasses = "no predicted classes on labelled events";
inline constexpr std::string_view kNoPredictedValues = "no predicted values on labelled events";
inline constexpr std::string_view kNoQuantiles = "no quantile forecasts on labelled events";
inline constexpr std::string_view kNoSuchQuantile =
    "no forecasts of this quantile on labelled events";
inline constexpr std::string_view kNoIntervals = "no two quantiles on any labelled event";
inline constexpr std::string_view kNoRankings = "no judged rankings on labelled events";
inline constexpr std::string_view kNoPositiveClass = "positive class unknown";
inline constexpr std::string_view kNoMicroAverage = "there is no micro average of this metric";
inline constexpr std::string_view kOneClass = "one class only";
inline constexpr std::string_view kEmptyDenominator = "empty denominator";
inline constexpr std::string_view kNoVariance = "zero variance";
inline constexpr std::string_view kSeparated = "classes perfectly separated";
inline constexpr std::string_view kNotConverged = "no convergence";
inline constexpr std::string_view kNotProbabilities = "scores outside [0, 1]";
inline constexpr std::string_view kNotFinite = "not finite";
inline constexpr std::string_view kNotOfTask = "does not fit the task type";
inline constexpr std::string_view kNoWindow = "no window length";

}  // namespace aiml042::metrics::reasons
