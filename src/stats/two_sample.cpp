#include "stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/check.h"
#include "stats/kolmogorov.h"

namespace aiml042::stats {

namespace {

constexpr double kExactPairsMax = 10'000.0;

/// Calls visit(value, equal in a, equal in b) for every distinct value of both, ascending.
template <typename Visitor>
void for_each_value(std::span<const double> a, std::span<const double> b, Visitor&& visit) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        const double value = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const std::size_t i_start = i;
        const std::size_t j_start = j;
        while (i < a.size() && a[i] == value) {
            ++i;
        }
        while (j < b.size() && b[j] == value) {
            ++j;
        }
        visit(value, i - i_start, j - j_start);
    }
}

}  // namespace

TwoSample compare_sorted(std::span<const double> a, std::span<const double> b) {
    AIML_CHECK(!a.empty() && !b.empty());
    const auto n = static_cast<double>(a.size());
    const auto m = static_cast<double>(b.size());
    TwoSample out;
    double integral = 0.0;
    double square = 0.0;
    double above = 0.0;
    std::size_t below_a = 0;
    std::size_t below_b = 0;
    double gap = 0.0;
    double last = std::min(a.front(), b.front());
    for_each_value(a, b, [&](double value, std::size_t in_a, std::size_t in_b) {
        const double step = value - last;
        integral += gap * step;
        square += gap * gap * step;
        above += static_cast<double>(in_b) *
                 (static_cast<double>(below_a) + 0.5 * static_cast<double>(in_a));
        const auto equal = static_cast<double>(in_a + in_b);
        out.tied += equal * (equal * equal - 1.0);
        below_a += in_a;
        below_b += in_b;
        gap = std::fabs(static_cast<double>(below_a) / n - static_cast<double>(below_b) / m);
        out.ks = std::max(out.ks, gap);
        last = value;
    });
    out.wasserstein = integral;
    out.energy = std::sqrt(2.0 * square);
    out.share_above = above / (n * m);
    return out;
}

double ks_p_value(double ks, std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<double>(a.size());
    const auto m = static_cast<double>(b.size());
    if (n * m > kExactPairsMax) {
        return kolmogorov_survival(ks, static_cast<std::uint64_t>(std::nearbyint(n * m / (n + m))));
    }
    std::vector<std::uint64_t> ends;
    std::uint64_t end = 0;
    for_each_value(a, b, [&](double, std::size_t in_a, std::size_t in_b) {
        end += in_a + in_b;
        ends.push_back(end);
    });
    return smirnov_exact_survival(ks, a.size(), b.size(), ends);
}

double mann_whitney_p_value(const TwoSample& two, std::uint64_t n, std::uint64_t m) {
    const auto a = static_cast<double>(n);
    const auto b = static_cast<double>(m);
    const double all = a + b;
    const double variance = a * b / 12.0 * (all + 1.0 - two.tied / (all * (all - 1.0)));
    if (!(variance > 0.0)) {
        return 1.0;
    }
    const double away = std::fabs(two.share_above - 0.5) * a * b - 0.5;
    return std::min(1.0, std::erfc(away / std::sqrt(2.0 * variance)));
}

}  // namespace aiml042::stats
