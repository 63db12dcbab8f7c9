#include "stats/area_under_curve.h"

#include <algorithm>

#include "base/check.h"

namespace aiml042::stats {

namespace {

/// Mean of where each of `these` stands among `others`, and the variance of that mean.
AreaUnderCurve placed(std::span<const double> these, std::span<const double> others) {
    double sum = 0.0;
    double squares = 0.0;
    for (const double x : these) {
        const auto below = std::ranges::lower_bound(others, x) - others.begin();
        const auto up_to = std::ranges::upper_bound(others, x) - others.begin();
        const double place =
            0.5 * static_cast<double>(below + up_to) / static_cast<double>(others.size());
        sum += place;
        squares += place * place;
    }
    const auto n = static_cast<double>(these.size());
    const double mean = sum / n;
    return {mean, n > 1.0 ? std::max(0.0, squares / n - mean * mean) / (n - 1.0) : 0.0};
}

}  // namespace

AreaUnderCurve area_under_curve(std::span<const double> negatives,
                                std::span<const double> positives) {
    AIML_CHECK(!negatives.empty() && !positives.empty());
    AreaUnderCurve out = placed(positives, negatives);
    out.variance += placed(negatives, positives).variance;
    return out;
}

}  // namespace aiml042::stats
