#include "stats/share_distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"
#include "stats/chi_squared.h"

namespace aiml042::stats {

namespace {

constexpr double kShareMin = 1e-4;

/// x ln(x / m), 0 at 0.
double entropy_term(double x, double m) {
    return x > 0.0 ? x * std::log(x / m) : 0.0;
}

}  // namespace

double ShareDistance::js_distance() const {
    return std::sqrt(std::max(0.0, js) / std::numbers::ln2);
}

std::optional<double> ShareDistance::chi2_p_value() const {
    return degrees == 0 ? std::nullopt
                        : std::optional(chi_squared_survival(chi2, static_cast<double>(degrees)));
}

ShareDistance distance_of_counts(std::span<const std::uint64_t> reference,
                                 std::span<const std::uint64_t> current) {
    AIML_CHECK(reference.size() == current.size());
    const auto n =
        static_cast<double>(std::accumulate(reference.begin(), reference.end(), std::uint64_t{0}));
    const auto m =
        static_cast<double>(std::accumulate(current.begin(), current.end(), std::uint64_t{0}));
    AIML_CHECK(n > 0.0 && m > 0.0);
    ShareDistance out;
    double raw = 0.0;
    double roots = 0.0;
    bool empty_bin = false;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto a = static_cast<double>(reference[i]);
        const auto b = static_cast<double>(current[i]);
        const double p = a / n;
        const double q = b / m;
        const double floored_p = std::max(p, kShareMin);
        const double floored_q = std::max(q, kShareMin);
        const double ratio = std::log(floored_q / floored_p);
        out.psi += (floored_q - floored_p) * ratio;
        out.kl += floored_q * ratio;
        empty_bin = empty_bin || a == 0.0 || b == 0.0;
        raw += empty_bin ? 0.0 : (q - p) * std::log(q / p);
        const double middle = 0.5 * (p + q);
        out.js += 0.5 * (entropy_term(p, middle) + entropy_term(q, middle));
        const double root = std::sqrt(p) - std::sqrt(q);
        roots += root * root;
        out.tvd += 0.5 * std::fabs(p - q);
        if (a + b > 0.0) {
            const double expected = n * (a + b) / (n + m);
            const double miss = a - expected;
            out.chi2 += miss * miss * (1.0 / expected + 1.0 / (a + b - expected));
            ++out.degrees;
        }
    }
    out.js = std::max(0.0, out.js);
    out.hellinger = std::sqrt(0.5 * roots);
    out.degrees = out.degrees == 0 ? 0 : out.degrees - 1;
    if (!empty_bin) {
        out.psi_raw = raw;
    }
    return out;
}

}  // namespace aiml042::stats
