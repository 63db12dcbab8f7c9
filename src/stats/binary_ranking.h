// What the order of scores says about two classes: ROC AUC with DeLong's standard error, average
// precision, KS.
//
// Inputs are all scores of each class, sorted; ties count half. Sums are integers, so the answers
// depend on the scores alone. Cost: one walk over both vectors, about 10 ns per score.
// Sources: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988); X. Sun, W. Xu (2014);
// DEFINITIONS.json.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stats/score_histogram.h"

namespace aiml042::stats {

/// Both classes must be non-empty for every field.
struct BinaryRanking {
    double roc_auc = 0.0;              // P(positive above negative) + P(equal) / 2.
    std::optional<double> roc_auc_se;  // DeLong's; empty unless both classes have two rows.
    double average_precision = 0.0;
    double ks = 0.0;  // Largest distance of the two empirical distribution functions.
    // From histograms: each true value is within this of the one above. Zero from sorted scores.
    double roc_auc_bound = 0.0;
    double average_precision_bound = 0.0;
    double ks_bound = 0.0;
};

/// Both ascending and not empty, at most 2^31 scores each.
[[nodiscard]] BinaryRanking rank_sorted(std::span<const double> positives,
                                        std::span<const double> negatives);

/// From bins, ascending; both classes must occur. The standard error takes each bin as one tie.
[[nodiscard]] BinaryRanking rank_bins(std::span<const ScoreHistogram::Bin> bins);

}  // namespace aiml042::stats
