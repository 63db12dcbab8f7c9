#include "metrics/label_selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "metrics/reasons.h"
#include "stats/multiplicity.h"

namespace aiml042::metrics {

namespace {

constexpr std::uint64_t kLabelledMin = 10;
constexpr double kExpectedMin = 5.0;
constexpr double kConfidence = 0.95;
constexpr double kLevel = 0.01;
constexpr double kMargin = 0.02;

/// Sums over all rows, as far as labelled ones tell.
struct Weighted {
    double rows = 0.0;
    std::array<std::array<double, 2>, 2> decisions{};
    double absolute = 0.0;
    double squared = 0.0;
    double percentage = 0.0;
    double with_percentage = 0.0;

    void add(const SelectionBin& bin) {
        const double weight = static_cast<double>(bin.rows) / static_cast<double>(bin.labelled);
        rows += static_cast<double>(bin.rows);
        for (const std::size_t predicted : {0U, 1U}) {
            for (const std::size_t label : {0U, 1U}) {
                decisions[predicted][label] +=
                    weight * static_cast<double>(bin.decisions[predicted][label]);
            }
        }
        absolute += weight * bin.absolute.value();
        squared += weight * bin.squared.value();
        percentage += weight * bin.percentage.value();
        with_percentage += weight * static_cast<double>(bin.with_percentage);
    }

    /// Part and whole of a metric that is their ratio; rmse as mse.
    [[nodiscard]] std::optional<std::pair<double, double>> ratio(std::string_view metric) const {
        const double tp = decisions[1][1];
        const double fp = decisions[1][0];
        const double fn = decisions[0][1];
        const double tn = decisions[0][0];
        const std::pair<std::string_view, std::pair<double, double>> all[] = {
            {"accuracy", {tp + tn, tp + fp + fn + tn}},
            {"precision", {tp, tp + fp}},
            {"recall", {tp, tp + fn}},
            {"specificity", {tn, tn + fp}},
            {"f1", {2.0 * tp, 2.0 * tp + fp + fn}},
            {"mae", {absolute, rows}},
            {"mse", {squared, rows}},
            {"rmse", {squared, rows}},
            {"mape", {percentage, with_percentage}}};
        const auto found = std::ranges::find(
            all, metric, &std::pair<std::string_view, std::pair<double, double>>::first);
        return found == std::end(all) ? std::nullopt : std::optional(found->second);
    }
};

}  // namespace

void SelectionBin::merge(const SelectionBin& other) {
    rows += other.rows;
    labelled += other.labelled;
    for (const std::size_t predicted : {0U, 1U}) {
        for (const std::size_t label : {0U, 1U}) {
            decisions[predicted][label] += other.decisions[predicted][label];
        }
    }
    absolute.merge(other.absolute);
    squared.merge(other.squared);
    percentage.merge(other.percentage);
    with_percentage += other.with_percentage;
}

SelectionBin& SelectionBins::at(std::uint8_t code) {
    if (code >= bins_.size()) {
        bins_.resize(code + 1U);
    }
    return bins_[code];
}

void SelectionBins::merge(const SelectionBins& other) {
    for (std::size_t code = 0; code < other.bins_.size(); ++code) {
        at(static_cast<std::uint8_t>(code)).merge(other.bins_[code]);
    }
}

Estimate SelectionBins::weighted(std::string_view metric) const {
    Weighted sums;
    std::optional<SelectionBin> whole;  // The last bin with enough labels.
    SelectionBin open;                  // What is put together until there are enough.
    std::uint64_t labelled = 0;
    for (const SelectionBin& bin : bins_) {
        open.merge(bin);
        labelled += bin.labelled;
        if (open.labelled >= kLabelledMin) {
            if (whole) {
                sums.add(*whole);
            }
            whole = std::exchange(open, {});
        }
    }
    if (!whole) {
        return {.n = labelled,
                .reason = labelled == 0 ? reasons::kNoLabels : reasons::kTooFewLabels};
    }
    whole->merge(open);
    sums.add(*whole);
    const auto ratio = sums.ratio(metric);
    if (!ratio || !(ratio->second > 0.0)) {
        return {.n = labelled,
                .reason = ratio ? reasons::kEmptyDenominator : reasons::kNotWeighted};
    }
    const double value = ratio->first / ratio->second;
    return {.value = metric == "rmse" ? std::sqrt(value) : value, .n = labelled};
}

void LabelSplit::merge(const LabelSplit& other) {
    for (std::size_t code = 0; code < labelled.size(); ++code) {
        labelled[code] += other.labelled[code];
        unlabelled[code] += other.unlabelled[code];
    }
}

std::optional<stats::Shift> code_shift(std::span<const std::uint64_t> reference,
                                       std::span<const std::uint64_t> current,
                                       bool ordered) {
    const stats::PooledCounts table = ordered
                                          ? stats::pool_neighbours(reference, current, kExpectedMin)
                                          : stats::pool_rare(reference, current, kExpectedMin);
    return table.reference.size() < 2
               ? std::nullopt
               : std::optional(stats::shift_of_counts(table.reference, table.current, kConfidence));
}

std::vector<std::optional<LabelBias>> label_bias(std::span<const LabelSplit> columns,
                                                 std::span<const std::uint8_t> ordered) {
    std::vector<std::optional<LabelBias>> out(columns.size());
    std::vector<std::size_t> told;
    std::vector<double> p_values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto shift = code_shift(columns[i].labelled, columns[i].unlabelled, ordered[i] != 0);
        if (shift) {
            out[i] = LabelBias{.effect = shift->effect};
            told.push_back(i);
            p_values.push_back(shift->p_value);
        }
    }
    const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
    for (std::size_t i = 0; i < told.size(); ++i) {
        LabelBias& bias = *out[told[i]];
        bias.p_adjusted = adjusted[i];
        bias.biased = bias.p_adjusted < kLevel && bias.effect > kMargin;
    }
    return out;
}

}  // namespace aiml042::metrics
