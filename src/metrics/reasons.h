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
inline constexpr std::string_view kNoReference = "no reference";
inline constexpr std::string_view kNoValues = "no values";
inline constexpr std::string_view kNoReferenceValues = "no values in the reference";
inline constexpr std::string_view kSmallReference = "the reference has too few values";
inline constexpr std::string_view kNotNumeric = "not a numeric column";
inline constexpr std::string_view kNotCategorical = "not a categorical column";
inline constexpr std::string_view kEmptyBin = "a bin is empty on one side";
inline constexpr std::string_view kOneBin = "all values are alike";
inline constexpr std::string_view kNoSpread = "the reference's middle half has no width";
inline constexpr std::string_view kNoDirection = "a centre without a direction";
inline constexpr std::string_view kOtherLength = "no vectors of the reference's length";
inline constexpr std::string_view kFewVectors = "fewer than two vectors on a side";
inline constexpr std::string_view kNearMargin = "the shift is close to the margin";
inline constexpr std::string_view kNoAttributions = "no attributions";
inline constexpr std::string_view kFewAttributions =
    "fewer than two features with attributions on both sides";
inline constexpr std::string_view kNotOfTask = "does not fit the task type";
inline constexpr std::string_view kNoGroups = "no groups among labelled events";
inline constexpr std::string_view kTooFewGroups = "fewer than two groups of min_n events";
inline constexpr std::string_view kTooManyGroups = "more than 500 groups of min_n events";
inline constexpr std::string_view kTooFewLabels = "fewer than 10 labelled events";
inline constexpr std::string_view kNotWeighted = "weighted only for two classes";
inline constexpr std::string_view kNoWindow = "no window length";

}  // namespace aiml042::metrics::reasons
