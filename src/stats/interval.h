// Confidence intervals with their methods. Each takes the confidence as a share in (0, 1), e.g.
// 0.95, and is two-sided.
//
// What "no value" means is said at each function. Pure; quantiles of distributions by Boost.Math.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace aiml042::stats {

using Interval = std::pair<double, double>;

/// Quantile of the standard normal distribution such that |Z| stays below it with probability
/// `confidence`.
[[nodiscard]] double normal_quantile(double confidence);

/// The same of Student's t with `degrees` > 0 degrees of freedom.
[[nodiscard]] double student_quantile(double confidence, double degrees);

/// Wilson's score interval of a share `successes` / `n`, n > 0. E. B. Wilson (1927).
[[nodiscard]] Interval wilson(double successes, double n, double confidence);

/// Garwood's exact interval of the mean of a Poisson count. F. Garwood (1936).
[[nodiscard]] Interval poisson(std::uint64_t count, double confidence);

/// Mean plus and minus Student's t times s / sqrt(n). `variance` is the sample's (n - 1). Empty
/// below two values and where all are equal: nothing is known of their spread then.
[[nodiscard]] std::optional<Interval> mean_interval(double mean,
                                                    double variance,
                                                    std::uint64_t n,
                                                    double confidence);

/// value -+ t * se on the logit scale, back on (0, 1): for statistics in (0, 1) whose error shrinks
/// near the ends. Empty unless 0 < value < 1 and 0 < se < infinity. `quantile` is the multiplier (z
/// or t).
[[nodiscard]] std::optional<Interval> logit_interval(double value, double se, double quantile);

/// The same on Fisher's scale atanh, for statistics in (-1, 1).
[[nodiscard]] std::optional<Interval> fisher_interval(double value, double se, double quantile);

/// ROC AUC of `positives` and `negatives` rows with DeLong's error: logit scale, Student's t with
/// the smaller class - 1 degrees. Below 30 rows in the smaller class or from AUC 0.95 up that is
/// too narrow (measured coverage 88 to 92 %), so the answer is widened to hold Newcombe's score
/// interval too (R. G. Newcombe 2006, method 5), which alone is used where DeLong's error is zero
/// or unknown.
[[nodiscard]] Interval auc_interval(double auc,
                                    std::optional<double> se,
                                    std::uint64_t positives,
                                    std::uint64_t negatives,
                                    double confidence);

/// Average precision on the logit scale, standard error 1 / sqrt(positives * AP * (1 - AP)) there
/// (K. Boyd, K. H. Eng, C. D. Page 2013), with Student's t of positives - 1 degrees: with z it is
/// too narrow for few positives. A value nearer to 0 or 1 than half a positive is open to that
/// side, and one positive says nothing. Simulated coverage at 95 % (2 to 300 positives, prevalence
/// 0.1 to 50 %, AUC 0.6 to 0.97): 90 to 100 %, below 93 % only at 0.1 % prevalence.
[[nodiscard]] Interval average_precision_interval(double value,
                                                  std::uint64_t positives,
                                                  double confidence);

/// 0-based ranks [lo, hi] of the order statistics that hold quantile q of the distribution behind n
/// values with at least the confidence asked for (binomial). Empty when n is too small for that.
[[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> quantile_ranks(
    std::uint64_t n, double q, double confidence);

}  // namespace aiml042::stats
