// Distances of a column's distribution from a reference's, and the shares of values a reference did
// not have.

#include <cmath>
#include <vector>

#include "metrics/column_shift.h"
#include "metrics/column_state.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/reference_column.h"
#include "stats/interval.h"
#include "stats/share_distance.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

namespace {

/// An Estimate of `value(distance)` over the bins of the reference.
template <typename Value>
Estimate of_bins(const State& state, const FinishOptions& options, const Value& value) {
    const auto& current = as<ColumnBins>(state);
    const ReferenceColumn* reference = options.family.reference.get();
    if (reference == nullptr) {
        return {.reason = reasons::kNoReference};
    }
    const ColumnCounts counts = count_bins(*reference, current);
    const std::uint64_t n = counts.rows();
    if (n == 0 || reference->n() == 0) {
        return {.n = n, .reason = n == 0 ? reasons::kNoValues : reasons::kNoReferenceValues};
    }
    Estimate out{.n = n};
    value(stats::distance_of_counts(counts.reference, counts.current), counts, out);
    if (!out.value && out.reason.empty()) {
        out.reason = reasons::kEmptyBin;
    }
    return out;
}

template <auto Member>
Estimate distance(const State& state, const FinishOptions& options) {
    return of_bins(
        state, options, [](const stats::ShareDistance& all, const ColumnCounts&, Estimate& out) {
            out.value = all.*Member;
        });
}

Estimate js_distance(const State& state, const FinishOptions& options) {
    return of_bins(
        state, options, [](const stats::ShareDistance& all, const ColumnCounts&, Estimate& out) {
            out.value = all.js_distance();
        });
}

Estimate chi2(const State& state, const FinishOptions& options) {
    return of_bins(
        state, options, [](const stats::ShareDistance& all, const ColumnCounts&, Estimate& out) {
            out.value = all.chi2;
            out.p_value = all.chi2_p_value();
        });
}

Estimate psi_debiased(const State& state, const FinishOptions& options) {
    return of_bins(state,
                   options,
                   [&](const stats::ShareDistance&, const ColumnCounts& counts, Estimate& out) {
                       const auto shift = shift_of(counts, options.confidence.value_or(0.95));
                       if (!shift) {
                           out.reason = reasons::kOneBin;
                           return;
                       }
                       out.value = shift->effect;
                       out.p_value = shift->p_value;
                       if (options.confidence) {
                           out.interval = shift->interval;
                       }
                   });
}

Estimate share_of(std::uint64_t part,
                  std::uint64_t n,
                  std::optional<double> confidence,
                  std::string_view empty_reason) {
    if (n == 0) {
        return {.reason = empty_reason};
    }
    Estimate out{.value = static_cast<double>(part) / static_cast<double>(n), .n = n};
    if (confidence) {
        out.interval =
            stats::wilson(static_cast<double>(part), static_cast<double>(n), *confidence);
    }
    return out;
}

Estimate missing_rate(const State& state, const FinishOptions& options) {
    const auto& current = as<ColumnBins>(state);
    const std::uint64_t n = current.numbers() + current.texts().total() + current.missing();
    return share_of(current.missing(), n, options.confidence, reasons::kNoEvents);
}

Estimate new_category_rate(const State& state, const FinishOptions& options) {
    const auto& current = as<ColumnBins>(state);
    const ReferenceColumn* reference = options.family.reference.get();
    if (reference == nullptr || reference->kind() == ReferenceColumn::Kind::kNumeric) {
        return {.reason = reference == nullptr ? reasons::kNoReference : reasons::kNotCategorical};
    }
    std::uint64_t unseen = 0;
    const auto counts = current.texts().all();
    for (std::uint32_t code = 0; code < counts.size(); ++code) {
        unseen += reference->texts().of(code) == 0 ? counts[code] : 0;
    }
    return share_of(unseen, current.texts().total(), options.confidence, reasons::kNoValues);
}

/// An Estimate from the numbers themselves.
template <typename Fill>
Estimate of_values(const State& state, const FinishOptions& options, const Fill& fill) {
    const auto& current = as<ColumnValues>(state);
    const ReferenceColumn* reference = options.family.reference.get();
    if (reference == nullptr) {
        return {.reason = reasons::kNoReference};
    }
    if (reference->kind() == ReferenceColumn::Kind::kCategorical) {
        return {.reason = reasons::kNotNumeric};
    }
    const std::vector<double>& numbers = current.numbers();
    if (numbers.empty() || reference->n() == 0) {
        return {.n = numbers.size(),
                .reason = numbers.empty() ? reasons::kNoValues : reasons::kNoReferenceValues};
    }
    Estimate out{.n = numbers.size()};
    fill(*reference, numbers, out);
    return out;
}

Estimate ks(const State& state, const FinishOptions& options) {
    return of_values(
        state,
        options,
        [](const ReferenceColumn& reference, const std::vector<double>& numbers, Estimate& out) {
            out.value = stats::compare_sorted(reference.values(), numbers).ks;
            out.p_value = stats::ks_p_value(*out.value, reference.values(), numbers);
            if (reference.rank_error() > 0.0) {
                out.error_bound = reference.rank_error();
            }
        });
}

Estimate wasserstein(const State& state, const FinishOptions& options) {
    return of_values(
        state,
        options,
        [](const ReferenceColumn& reference, const std::vector<double>& numbers, Estimate& out) {
            out.value = stats::compare_sorted(reference.values(), numbers).wasserstein;
        });
}

/// `value` over the reference's interquartile range (or its root).
Estimate scaled(const State& state, const FinishOptions& options, bool energy) {
    return of_values(
        state,
        options,
        [&](const ReferenceColumn& reference, const std::vector<double>& numbers, Estimate& out) {
            const auto range = reference.interquartile_range();
            if (!range) {
                out.reason = reasons::kNoSpread;
                return;
            }
            const stats::TwoSample two = stats::compare_sorted(reference.values(), numbers);
            out.value = energy ? two.energy / std::sqrt(*range) : two.wasserstein / *range;
        });
}

Estimate wasserstein_scaled(const State& state, const FinishOptions& options) {
    return scaled(state, options, false);
}

Estimate energy_scaled(const State& state, const FinishOptions& options) {
    return scaled(state, options, true);
}

Estimate mann_whitney(const State& state, const FinishOptions& options) {
    return of_values(
        state,
        options,
        [](const ReferenceColumn& reference, const std::vector<double>& numbers, Estimate& out) {
            const stats::TwoSample two = stats::compare_sorted(reference.values(), numbers);
            out.value = two.share_above;
            out.p_value =
                stats::mann_whitney_p_value(two, reference.values().size(), numbers.size());
        });
}

struct Words {
    std::string_view name;
    std::string_view title;
    std::string_view formula;
    std::string_view source = {};
    std::string_view unit = {};
    std::string_view alias = {};
    std::string_view interval = {};
};

constexpr MetricSpec drift_spec(const Words& words,
                                std::optional<double> max,
                                const Family& family,
                                Finish finish,
                                int direction = -1) {
    return {.name = words.name,
            .alias = words.alias,
            .title = words.title,
            .group = "drift",
            .unit = words.unit,
            .min = 0.0,
            .max = max,
            .direction = direction,
            .tasks = static_cast<std::uint32_t>(TaskBit::kAny),
            .family = &family,
            .formula = words.formula,
            .source = words.source,
            .interval = words.interval,
            .finish = finish};
}

using Distance = stats::ShareDistance;

constexpr MetricSpec kMetrics[] = {
    drift_spec(
        {.name = "psi",
         .title = "Population stability index",
         .formula = "sum of (q - p) ln(q / p) over bins, p and q the shares of reference and "
                    "current values, each at least 1e-4; numeric: bins (lo, hi] between the "
                    "reference's deciles, equal ones once; categorical: its categories and "
                    "one bin for all new ones; missing values left out",
         .source = "Lewis (1994)"},
        std::nullopt,
        kColumnBinsFamily,
        distance<&Distance::psi>),
    drift_spec({.name = "psi_raw",
                .title = "Population stability index without a floor",
                .formula = "as psi, shares as they are; none where a bin is empty on one side"},
               std::nullopt,
               kColumnBinsFamily,
               distance<&Distance::psi_raw>),
    drift_spec({.name = "psi_debiased",
                .title = "Population stability index beyond chance",
                .formula = "psi of shares with half a row more in each bin, less (bins - 1)(1/n + "
                           "1/m), at least 0; bins that are expected to hold fewer than 5 rows are "
                           "put together, missing values have one; its p-value: that psi / (1/n + "
                           "1/m) is chi-square with bins - 1 degrees under no change",
                .source = "Yurdakul (2018)",
                .interval = "non-central chi-square, inverted"},
               std::nullopt,
               kColumnBinsFamily,
               psi_debiased),
    drift_spec({.name = "kl",
                .title = "Kullback-Leibler divergence",
                .formula = "sum of q ln(q / p), bins and shares as for psi",
                .source = "Kullback and Leibler (1951)",
                .unit = "nats"},
               std::nullopt,
               kColumnBinsFamily,
               distance<&Distance::kl>),
    drift_spec({.name = "js",
                .title = "Jensen-Shannon divergence",
                .formula = "KL(p | m) / 2 + KL(q | m) / 2, m = (p + q) / 2, bins as for psi, no "
                           "floor",
                .source = "Lin (1991)",
                .unit = "nats",
                .alias = "js_divergence"},
               0.6931471805599453,
               kColumnBinsFamily,
               distance<&Distance::js>),
    drift_spec({.name = "js_distance",
                .title = "Jensen-Shannon distance",
                .formula = "sqrt(js / ln 2)",
                .source = "Endres and Schindelin (2003)"},
               1.0,
               kColumnBinsFamily,
               js_distance),
    drift_spec({.name = "hellinger",
                .title = "Hellinger distance",
                .formula = "sqrt(sum of (sqrt p - sqrt q)^2 / 2), bins as for psi, no floor",
                .source = "Hellinger (1909)"},
               1.0,
               kColumnBinsFamily,
               distance<&Distance::hellinger>),
    drift_spec({.name = "tvd",
                .title = "Total variation distance",
                .formula = "sum of |p - q| / 2, bins as for psi, no floor"},
               1.0,
               kColumnBinsFamily,
               distance<&Distance::tvd>),
    drift_spec(
        {.name = "chi2",
         .title = "Chi-square of two samples",
         .formula = "Pearson's statistic of the 2 x k table of counts, bins as for psi, empty "
                    "columns dropped, no correction; p-value with k - 1 degrees",
         .source = "Pearson (1900)"},
        std::nullopt,
        kColumnBinsFamily,
        chi2),
    drift_spec({.name = "missing_rate",
                .title = "Missing values",
                .formula = "events without a value of the column / events",
                .unit = "ratio",
                .interval = "Wilson"},
               1.0,
               kColumnBinsFamily,
               missing_rate),
    drift_spec({.name = "new_category_rate",
                .title = "New categories",
                .formula = "texts that the reference does not have / texts",
                .unit = "ratio",
                .interval = "Wilson"},
               1.0,
               kColumnBinsFamily,
               new_category_rate),
    drift_spec(
        {.name = "ks",
         .title = "Kolmogorov-Smirnov distance",
         .formula = "largest distance of the distribution functions of reference and current "
                    "numbers; p-value: exact with its ties up to n m = 10,000, else of one "
                    "sample of round(n m / (n + m))",
         .source = "Smirnov (1939)"},
        1.0,
        kColumnValuesFamily,
        ks),
    drift_spec({.name = "wasserstein",
                .title = "Wasserstein distance",
                .formula = "integral of |F - G| over the numbers",
                .source = "Vallender (1974)",
                .unit = "column unit"},
               std::nullopt,
               kColumnValuesFamily,
               wasserstein),
    drift_spec({.name = "wasserstein_scaled",
                .title = "Wasserstein distance in interquartile ranges",
                .formula = "wasserstein / (0.75 - 0.25 quantile of the reference)"},
               std::nullopt,
               kColumnValuesFamily,
               wasserstein_scaled),
    drift_spec({.name = "energy",
                .title = "Energy distance",
                .formula = "sqrt(2 integral of (F - G)^2) / sqrt(0.75 - 0.25 quantile of the "
                           "reference)",
                .source = "Szekely and Rizzo (2013)"},
               std::nullopt,
               kColumnValuesFamily,
               energy_scaled),
    drift_spec({.name = "mann_whitney",
                .title = "Probability of a larger value",
                .formula = "P(current > reference) + P(equal) / 2; p-value two-sided, normal with "
                           "corrections for ties and continuity",
                .source = "Mann and Whitney (1947)"},
               1.0,
               kColumnValuesFamily,
               mann_whitney,
               0),
};

}  // namespace

std::span<const MetricSpec> drift_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
