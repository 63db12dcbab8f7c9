#include "stats/logistic_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace aiml042::stats {

namespace {

constexpr int kStepsMax = 100;
constexpr int kHalvingsMax = 40;
constexpr double kStepEnough = 1e-6;    // In standard errors; the next step is the square of it.
constexpr double kLogRounding = 1e-12;  // Of the logarithm of the likelihood, relative.

/// The likelihood at a point, what its slope is there, and the information.
struct Likelihood {
    double log = 0.0;
    double gradient_a = 0.0;
    double gradient_b = 0.0;
    double information_aa = 0.0;
    double information_ab = 0.0;
    double information_bb = 0.0;

    [[nodiscard]] double determinant() const {
        return information_aa * information_bb - information_ab * information_ab;
    }
};

/// Of a + b (x - centre).
Likelihood likelihood_at(std::span<const LogisticGroup> groups, double centre, double a, double b) {
    long double sums[6] = {};
    for (const LogisticGroup& group : groups) {
        const double x = group.x - centre;
        const double eta = a + b * x;
        const double small = std::exp(-std::fabs(eta));
        const double p = (eta >= 0.0 ? 1.0 : small) / (1.0 + small);
        const double weight = group.n * small / ((1.0 + small) * (1.0 + small));
        const double residual = group.positives - group.n * p;
        sums[0] += static_cast<long double>(group.positives * eta -
                                            group.n * (std::max(eta, 0.0) + std::log1p(small)));
        sums[1] += static_cast<long double>(residual);
        sums[2] += static_cast<long double>(residual * x);
        sums[3] += static_cast<long double>(weight);
        sums[4] += static_cast<long double>(weight * x);
        sums[5] += static_cast<long double>(weight * x * x);
    }
    return {static_cast<double>(sums[0]),
            static_cast<double>(sums[1]),
            static_cast<double>(sums[2]),
            static_cast<double>(sums[3]),
            static_cast<double>(sums[4]),
            static_cast<double>(sums[5])};
}

/// Totals of the groups, and why there is no fit.
struct Outline {
    double n = 0.0;
    double positives = 0.0;
    double mean = 0.0;
    LogisticFault fault = LogisticFault::kNone;
};

Outline outline_of(std::span<const LogisticGroup> groups) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Outline out;
    double positive_min = kInfinity;
    double positive_max = -kInfinity;
    double negative_min = kInfinity;
    double negative_max = -kInfinity;
    long double sum = 0.0L;
    for (const LogisticGroup& group : groups) {
        out.n += group.n;
        out.positives += group.positives;
        sum += static_cast<long double>(group.n * group.x);
        if (group.positives > 0.0) {
            positive_min = std::min(positive_min, group.x);
            positive_max = std::max(positive_max, group.x);
        }
        if (group.positives < group.n) {
            negative_min = std::min(negative_min, group.x);
            negative_max = std::max(negative_max, group.x);
        }
    }
    if (out.positives == 0.0 || out.positives == out.n) {
        out.fault = LogisticFault::kOneClass;
        return out;
    }
    out.mean = static_cast<double>(sum / static_cast<long double>(out.n));
    if (std::min(positive_min, negative_min) == std::max(positive_max, negative_max)) {
        out.fault = LogisticFault::kNoVariance;
    } else if (negative_max <= positive_min || positive_max <= negative_min) {
        out.fault = LogisticFault::kSeparated;
    }
    return out;
}

}  // namespace

LogisticAnswer fit_logistic(std::span<const LogisticGroup> groups) {
    const Outline outline = outline_of(groups);
    if (outline.fault != LogisticFault::kNone) {
        return {.fault = outline.fault};
    }
    double a = std::log(outline.positives / (outline.n - outline.positives));
    double b = 0.0;
    Likelihood here = likelihood_at(groups, outline.mean, a, b);
    bool done = false;
    for (int i = 0; i < kStepsMax && !done; ++i) {
        const double determinant = here.determinant();
        if (!(determinant > 0.0)) {
            return {.fault = LogisticFault::kNotConverged};
        }
        double step_a =
            (here.information_bb * here.gradient_a - here.information_ab * here.gradient_b) /
            determinant;
        double step_b =
            (here.information_aa * here.gradient_b - here.information_ab * here.gradient_a) /
            determinant;
        const double squared_step = here.gradient_a * step_a + here.gradient_b * step_b;
        done = squared_step <= kStepEnough * kStepEnough;
        // The likelihood is concave: a step that overshoots is halved until it climbs.
        const double enough = here.log - kLogRounding * std::fabs(here.log);
        Likelihood next = likelihood_at(groups, outline.mean, a + step_a, b + step_b);
        for (int h = 0; !done && h < kHalvingsMax && !(next.log >= enough); ++h) {
            step_a /= 2.0;
            step_b /= 2.0;
            next = likelihood_at(groups, outline.mean, a + step_a, b + step_b);
        }
        a += step_a;
        b += step_b;
        here = next;
    }
    const double determinant = here.determinant();
    if (!done || !(determinant > 0.0) || !std::isfinite(a) || !std::isfinite(b)) {
        return {.fault = LogisticFault::kNotConverged};
    }
    const double variance_a = here.information_bb / determinant;
    const double variance_b = here.information_aa / determinant;
    const double covariance = -here.information_ab / determinant;
    const double c = outline.mean;
    LogisticAnswer out;
    out.fit.slope = b;
    out.fit.intercept = a - b * c;
    out.fit.slope_se = std::sqrt(variance_b);
    out.fit.intercept_se =
        std::sqrt(std::max(0.0, variance_a - 2.0 * c * covariance + c * c * variance_b));
    return out;
}

}  // namespace aiml042::stats
