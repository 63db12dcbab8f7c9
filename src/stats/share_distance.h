// Distances of two distributions over the same bins, from their counts.
//
// p are the shares of the reference, q those of the current data; logarithms natural.
// Definitions: DEFINITIONS.json, "drift". Pure; one pass over the bins.

#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace aiml042::stats {

struct ShareDistance {
    double psi = 0.0;               // Sum of (q - p) ln(q / p), shares at least 1e-4.
    std::optional<double> psi_raw;  // Without that floor; empty where a bin has no rows.
    double kl = 0.0;                // Sum of q ln(q / p), shares at least 1e-4.
    double js = 0.0;                // Jensen-Shannon divergence, in [0, ln 2].
    double hellinger = 0.0;         // In [0, 1].
    double tvd = 0.0;               // Total variation distance, in [0, 1].
    double chi2 = 0.0;              // Pearson's of the 2 x k table, without correction.
    std::uint32_t degrees = 0;      // Bins with rows on either side, less one.

    /// sqrt(js / ln 2), in [0, 1].
    [[nodiscard]] double js_distance() const;

    /// P(chi-square of `degrees` >= chi2); empty without degrees.
    [[nodiscard]] std::optional<double> chi2_p_value() const;
};

/// One count per bin on each side; both sides have rows.
[[nodiscard]] ShareDistance distance_of_counts(std::span<const std::uint64_t> reference,
                                               std::span<const std::uint64_t> current);

}  // namespace aiml042::stats
