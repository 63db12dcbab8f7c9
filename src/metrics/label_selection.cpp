#include "metrics/label_selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "metrics/column_codes.h"
#include "metrics/reasons.h"
#include "stats/multiplicity.h"

namespace aiml042::metrics {

namespace {

constexpr double kLabelledMin = 10.0;
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

    void add(const SelectionBin& bin, double weight) {
        rows += weight * static_cast<double>(bin.labelled);
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

/// What a labelled row of each bin counts for; none where too few rows have labels. Bins take the
/// weight of the first group of neighbours with enough labels, the last ones that of the group
/// before them.
std::vector<double> weights_of(std::span<const SelectionBin> bins) {
    struct Group {
        std::size_t end = 0;
        double rows = 0.0;
        double labelled = 0.0;
    };

    std::vector<Group> groups(1);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        if (groups.back().labelled >= kLabelledMin) {
            groups.emplace_back();
        }
        groups.back().end = i + 1;
        groups.back().rows += static_cast<double>(bins[i].rows);
        groups.back().labelled += static_cast<double>(bins[i].labelled);
    }
    if (groups.size() > 1 && groups.back().labelled < kLabelledMin) {
        const Group rest = groups.back();
        groups.pop_back();
        groups.back() = {
            rest.end, groups.back().rows + rest.rows, groups.back().labelled + rest.labelled};
    }
    std::vector<double> out;
    for (const Group& group : groups) {
        if (group.labelled < kLabelledMin) {
            return {};
        }
        out.resize(group.end, group.rows / group.labelled);
    }
    return out;
}

/// Pairs of a positive above a negative, half of those in one bin, and all pairs; of rows with a
/// score.
std::pair<double, double> pairs_of(std::span<const SelectionBin> bins,
                                   std::span<const double> weights) {
    double above = 0.0;
    double positives = 0.0;
    double negatives = 0.0;
    const std::size_t end = std::min<std::size_t>(bins.size(), ColumnCodes::kRare);
    for (std::size_t code = ColumnCodes::kMissing + 1U; code < end; ++code) {
        const auto& decisions = bins[code].decisions;
        const auto here = [&](std::size_t label) {
            return weights[code] * static_cast<double>(decisions[0][label] + decisions[1][label]);
        };
        above += here(1) * (negatives + 0.5 * here(0));
        positives += here(1);
        negatives += here(0);
    }
    return {above, positives * negatives};
}

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
    std::uint64_t labelled = 0;
    for (const SelectionBin& bin : bins_) {
        labelled += bin.labelled;
    }
    const std::vector<double> weights = weights_of(bins_);
    if (weights.empty()) {
        return {.n = labelled,
                .reason = labelled == 0 ? reasons::kNoLabels : reasons::kTooFewLabels};
    }
    Weighted sums;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        sums.add(bins_[i], weights[i]);
    }
    const bool ranks = metric == "roc_auc";
    const auto ratio = ranks ? std::optional(pairs_of(bins_, weights)) : sums.ratio(metric);
    AIML_CHECK(ratio.has_value());
    if (!(ratio->second > 0.0)) {
        return {.n = labelled, .reason = ranks ? reasons::kOneClass : reasons::kEmptyDenominator};
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
