#include "stats/interval.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "base/check.h"

namespace aiml042::stats {

namespace {

namespace bm = boost::math;
using Policy = bm::policies::policy<bm::policies::promote_double<false>>;

double logistic(double x) {
    return x >= 0.0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x));
}

/// Hanley and McNeil's variance of an AUC of `theta`, with both class sizes in the correction
/// replaced by their mean.
double newcombe_variance(double theta, double positives, double negatives) {
    const double star = (positives + negatives) / 2.0 - 1.0;
    const double factor = 1.0 + star * (1.0 - theta) / (2.0 - theta) + star * theta / (1.0 + theta);
    return theta * (1.0 - theta) * factor / (positives * negatives);
}

/// The end of Newcombe's interval between `auc` and `limit` (0 or 1): where |auc - theta| = z *
/// se(theta).
double newcombe_end(double auc, double limit, double positives, double negatives, double z) {
    double inside = auc;
    double outside = limit;
    for (int i = 0; i < 60; ++i) {
        const double theta = 0.5 * (inside + outside);
        const double reach = z * std::sqrt(newcombe_variance(theta, positives, negatives));
        (std::fabs(auc - theta) < reach ? inside : outside) = theta;
    }
    return outside;
}

}  // namespace

double normal_quantile(double confidence) {
    AIML_CHECK(confidence > 0.0 && confidence < 1.0);
    return bm::quantile(
        bm::complement(bm::normal_distribution<double, Policy>(), (1.0 - confidence) / 2.0));
}

double student_quantile(double confidence, double degrees) {
    AIML_CHECK(confidence > 0.0 && confidence < 1.0 && degrees > 0.0);
    const bm::students_t_distribution<double, Policy> student(degrees);
    return bm::quantile(bm::complement(student, (1.0 - confidence) / 2.0));
}

Interval wilson(double successes, double n, double confidence) {
    AIML_CHECK(n > 0.0);
    const double z = normal_quantile(confidence);
    const double share = successes / n;
    const double z2 = z * z;
    const double centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    const double half =
        z / (1.0 + z2 / n) * std::sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n));
    return {std::max(0.0, std::min(centre - half, share)),
            std::min(1.0, std::max(centre + half, share))};
}

Interval poisson(std::uint64_t count, double confidence) {
    const double tail = (1.0 - confidence) / 2.0;
    const auto k = static_cast<double>(count);
    using Gamma = bm::gamma_distribution<double, Policy>;
    const double lower = count == 0 ? 0.0 : bm::quantile(Gamma(k), tail);
    return {lower, bm::quantile(bm::complement(Gamma(k + 1.0), tail))};
}

std::optional<Interval> mean_interval(double mean,
                                      double variance,
                                      std::uint64_t n,
                                      double confidence) {
    if (n < 2 || !std::isfinite(mean) || !std::isfinite(variance) || variance <= 0.0) {
        return std::nullopt;
    }
    const auto count = static_cast<double>(n);
    const double half = student_quantile(confidence, count - 1.0) * std::sqrt(variance / count);
    return Interval{mean - half, mean + half};
}

std::optional<Interval> logit_interval(double value, double se, double quantile) {
    if (!(value > 0.0 && value < 1.0) || !(se > 0.0) || !std::isfinite(se)) {
        return std::nullopt;
    }
    const double centre = std::log(value / (1.0 - value));
    const double half = quantile * se / (value * (1.0 - value));
    return Interval{logistic(centre - half), logistic(centre + half)};
}

std::optional<Interval> fisher_interval(double value, double se, double quantile) {
    if (!(value > -1.0 && value < 1.0) || !(se > 0.0) || !std::isfinite(se)) {
        return std::nullopt;
    }
    const double centre = std::atanh(value);
    const double half = quantile * se / (1.0 - value * value);
    return Interval{std::tanh(centre - half), std::tanh(centre + half)};
}

Interval auc_interval(double auc,
                      std::optional<double> se,
                      std::uint64_t positives,
                      std::uint64_t negatives,
                      double confidence) {
    const std::uint64_t smaller = std::min(positives, negatives);
    std::optional<Interval> delong;
    if (se.has_value() && *se > 0.0 && smaller >= 2) {
        delong = logit_interval(
            auc, *se, student_quantile(confidence, static_cast<double>(smaller - 1)));
    }
    if (delong && smaller >= 30 && auc < 0.95 && auc > 0.05) {
        return *delong;
    }
    const auto p = static_cast<double>(positives);
    const auto n = static_cast<double>(negatives);
    const double z = normal_quantile(confidence);
    Interval both{newcombe_end(auc, 0.0, p, n, z), newcombe_end(auc, 1.0, p, n, z)};
    if (delong) {
        both = {std::min(both.first, delong->first), std::max(both.second, delong->second)};
    }
    return both;
}

Interval average_precision_interval(double value, std::uint64_t positives, double confidence) {
    AIML_CHECK(positives > 0);
    if (positives == 1) {
        return {0.0, 1.0};
    }
    const auto p = static_cast<double>(positives);
    const double least = 0.5 / (p + 1.0);
    const double inside = std::clamp(value, least, 1.0 - least);
    const double centre = std::log(inside / (1.0 - inside));
    const double half =
        student_quantile(confidence, p - 1.0) / std::sqrt(p * inside * (1.0 - inside));
    return {value < least ? 0.0 : logistic(centre - half),
            value > 1.0 - least ? 1.0 : logistic(centre + half)};
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> quantile_ranks(std::uint64_t n,
                                                                      double q,
                                                                      double confidence) {
    if (n == 0 || q <= 0.0 || q >= 1.0) {
        return std::nullopt;
    }
    const double tail = (1.0 - confidence) / 2.0;
    const auto count = static_cast<double>(n);
    // X = number of values below the quantile, binomial(n, q).
    double lo = 0.0;
    double hi = 0.0;
    if (n > 100'000) {
        const double half = normal_quantile(confidence) * std::sqrt(count * q * (1.0 - q)) + 0.5;
        lo = std::floor(count * q - half);
        hi = std::ceil(count * q + half);
    } else {
        using Rounded =
            bm::policies::policy<bm::policies::promote_double<false>,
                                 bm::policies::discrete_quantile<bm::policies::integer_round_down>>;
        const bm::binomial_distribution<double, Rounded> below(count, q);
        // The largest lo with P(X <= lo) <= tail, the smallest hi with P(X > hi) <= tail, from a
        // start nearby.
        lo = std::floor(bm::quantile(below, tail));
        while (lo >= 0.0 && bm::cdf(below, lo) > tail) {
            lo -= 1.0;
        }
        while (lo + 1.0 < count && bm::cdf(below, lo + 1.0) <= tail) {
            lo += 1.0;
        }
        hi = std::ceil(bm::quantile(bm::complement(below, tail)));
        while (hi > 0.0 && bm::cdf(bm::complement(below, hi - 1.0)) <= tail) {
            hi -= 1.0;
        }
        while (hi < count && bm::cdf(bm::complement(below, hi)) > tail) {
            hi += 1.0;
        }
    }
    // The quantile lies in [x[lo], x[hi]] unless X <= lo or X > hi: at least lo + 1 and at most hi
    // values are below it.
    if (lo < 0.0 || hi > count - 1.0) {
        return std::nullopt;
    }
    return std::pair{static_cast<std::uint64_t>(lo), static_cast<std::uint64_t>(hi)};
}

}  // namespace aiml042::stats
