// Which share of what is waited for has come by an age, told from what came and from what is still
// waited for.
//
// Product-limit estimate: what is still waited for is known to take longer than its age. Those that
// never come are a share that the curve stays below. Cost: a sort. Pure. Sources: E. L. Kaplan,
// P. Meier (1958); M. Greenwood (1926).

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/interval.h"
#include "stats/log_linear_histogram.h"

namespace aiml042::stats {

class LifeTable {
  public:
    struct Waiting {
        double age = 0.0;  // At least 0.
        std::uint64_t count = 0;
    };

    /// `came` are delays, at least 0; those of a bin count as its middle. `waiting` in any order.
    /// Where some still wait and fewer than `risk_min` are left to tell of an age, the curve ends.
    static LifeTable fit(const LogLinearHistogram& came,
                         std::vector<Waiting> waiting,
                         std::uint64_t risk_min = 1);

    /// Whether anything has come.
    [[nodiscard]] bool empty() const { return steps_.empty(); }

    /// The share that has come by an age, in [0, 1]; beyond age_max() that by then.
    [[nodiscard]] double share_at(double age) const;

    [[nodiscard]] double share_finally() const { return share_at(age_max_); }

    /// Nothing is known of longer ages.
    [[nodiscard]] double age_max() const { return age_max_; }

    /// Of several ages, with their counts: the mean of share_at() as a part of share_finally().
    struct Completeness {
        double value = 0.0;
        Interval interval = {};  // Log scale, delta method; within [0, 1].
    };

    /// Empty where nothing has come, or without counts.
    [[nodiscard]] std::optional<Completeness> completeness(const std::vector<Waiting>& ages,
                                                           double confidence) const;

    /// How many of those that wait are to be expected yet.
    [[nodiscard]] double to_come(const std::vector<Waiting>& waiting) const;

    /// The age by which `share` of those that will come have come; empty where nothing has.
    [[nodiscard]] std::optional<double> age_of(double share) const;

  private:
    struct Step {
        double age = 0.0;
        double left = 1.0;      // Share that has not come after this age.
        double variance = 0.0;  // Greenwood's sum: the variance of the logarithm of `left`.
    };

    [[nodiscard]] Step step_at(double age) const;

    std::vector<Step> steps_;  // Ages ascending.
    double age_max_ = 0.0;
};

}  // namespace aiml042::stats
