#include "metrics/group_calibration.h"

#include <algorithm>

#include "metrics/probability_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

GroupCalibration calibration_of(const Probability& group, std::optional<double> confidence) {
    const CalibrationBins& bins = group.bins();
    const std::uint64_t count = bins.n();
    if (count == 0) {
        return {};
    }
    stats::FixedSum scores;
    for (const CalibrationBins::Bin& bin : bins.bins()) {
        scores.merge(bin.scores);
    }
    const auto n = static_cast<double>(count);
    GroupCalibration out{
        .mean_score = {.value = scores.value() / n, .n = count},
        .difference = {.value = (scores.value() - static_cast<double>(bins.positives())) / n,
                       .n = count},
        .ece = {.value = bins.expected_error(), .n = count, .p_value = bins.p_value()}};
    if (confidence && count > 1) {
        // The Brier score is the mean square of score - y.
        const double mean = *out.difference.value;
        const double square = group.brier().mean(std::nullopt, {}).value.value_or(0.0);
        const double variance = std::max(0.0, square - mean * mean) * n / (n - 1.0);
        out.difference.interval = stats::mean_interval(mean, variance, count, *confidence);
    }
    return out;
}

}  // namespace

std::vector<GroupCalibration> group_calibrations(const GroupedStates& probabilities,
                                                 std::optional<double> confidence) {
    const GroupedStates::Groups& groups = probabilities.groups();
    std::vector<GroupCalibration> out(groups.empty() ? 0 : groups.rbegin()->first + 1);
    for (const auto& [code, state] : groups) {
        out[code] = calibration_of(as<Probability>(*state), confidence);
    }
    return out;
}

}  // namespace aiml042::metrics
