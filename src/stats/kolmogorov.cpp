#include "stats/kolmogorov.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>

#include "base/check.h"

namespace aiml042::stats {

namespace {

constexpr std::uint64_t kMatrixRowsMax = 140;
constexpr double kLowReach = 1.4;     // n d^1.5 up to which the expansion is not good enough.
constexpr double kMatrixReach = 4.0;  // n d^2 up to which the matrix is small.
constexpr double kTailReach = 2.2;    // n d^2 from which the one-sided tail, doubled, is exact.
constexpr std::uint64_t kTailRowsMax = 100'000;

/// A square matrix times 10^exponent.
struct Power {
    std::size_t size = 0;
    std::vector<double> cells;
    int exponent = 0;
};

Power product(const Power& a, const Power& b) {
    Power out{a.size, std::vector<double>(a.size * a.size, 0.0), a.exponent + b.exponent};
    for (std::size_t i = 0; i < a.size; ++i) {
        for (std::size_t k = 0; k < a.size; ++k) {
            const double factor = a.cells[i * a.size + k];
            for (std::size_t j = 0; j < a.size; ++j) {
                out.cells[i * a.size + j] += factor * b.cells[k * a.size + j];
            }
        }
    }
    const std::size_t middle = (a.size / 2) * a.size + a.size / 2;
    if (out.cells[middle] > 1e140) {
        std::ranges::for_each(out.cells, [](double& cell) { cell *= 1e-140; });
        out.exponent += 140;
    }
    return out;
}

Power to_the(Power base, std::uint64_t n) {
    Power out{base.size, std::vector<double>(base.size * base.size, 0.0), 0};
    for (std::size_t i = 0; i < base.size; ++i) {
        out.cells[i * base.size + i] = 1.0;
    }
    while (n > 0) {
        if ((n & 1) != 0) {
            out = product(out, base);
        }
        base = product(base, base);
        n >>= 1;
    }
    return out;
}

/// P(D < d): Durbin's matrix, of 2 ceil(n d) - 1 rows.
double matrix_distribution(double d, std::uint64_t n) {
    const double reach = static_cast<double>(n) * d;
    const auto k = static_cast<std::size_t>(reach) + 1;
    const std::size_t m = 2 * k - 1;
    const double h = static_cast<double>(k) - reach;
    Power start{m, std::vector<double>(m * m, 0.0), 0};
    auto cell = [&](std::size_t i, std::size_t j) -> double& { return start.cells[i * m + j]; };
    for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < std::min(m, i + 2); ++j) {
            cell(i, j) = 1.0;
        }
    }
    for (std::size_t i = 0; i < m; ++i) {
        cell(i, 0) -= std::pow(h, static_cast<double>(i + 1));
        cell(m - 1, i) -= std::pow(h, static_cast<double>(m - i));
    }
    cell(m - 1, 0) += 2.0 * h - 1.0 > 0.0 ? std::pow(2.0 * h - 1.0, static_cast<double>(m)) : 0.0;
    for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < std::min(m, i + 2); ++j) {
            cell(i, j) *= std::exp(-boost::math::lgamma(static_cast<double>(i + 2 - j)));
        }
    }
    const Power raised = to_the(std::move(start), n);
    double value = raised.cells[(k - 1) * m + k - 1];
    int exponent = raised.exponent;
    for (std::uint64_t i = 1; i <= n; ++i) {
        value = value * static_cast<double>(i) / static_cast<double>(n);
        if (value < 1e-140) {
            value *= 1e140;
            exponent -= 140;
        }
    }
    return value * std::pow(10.0, exponent);
}

/// P(D+ >= d), Smirnov's sum.
double one_sided_survival(double d, std::uint64_t n) {
    const auto size = static_cast<double>(n);
    const auto last = static_cast<std::uint64_t>(std::floor(size * (1.0 - d)));
    double log_choose = 0.0;
    double sum = 0.0;
    for (std::uint64_t j = 0; j <= last && j < n; ++j) {
        const auto at = static_cast<double>(j);
        if (j > 0) {
            log_choose += std::log((size - at + 1.0) / at);
        }
        const double above = 1.0 - d - at / size;
        if (above > 0.0) {
            sum += std::exp(log_choose + (at - 1.0) * std::log(d + at / size) +
                            (size - at) * std::log(above));
        }
    }
    return std::min(1.0, d * sum);
}

/// P(D < d): Pelz and Good's expansion in 1 / sqrt(n).
double expanded_distribution(double d, std::uint64_t n) {
    using std::numbers::pi;
    const double root = std::sqrt(static_cast<double>(n));
    const double z = root * d;
    const double z2 = z * z;
    const double z4 = z2 * z2;
    const double z6 = z4 * z2;
    const double pi2 = pi * pi;
    std::array<double, 4> k{};
    constexpr int kTerms = 20;
    for (int i = kTerms; i >= 0; --i) {
        const double h = (i + 0.5) * (i + 0.5) * pi2;  // (k + 1/2)^2 pi^2, for k and -k - 1.
        const double e = 2.0 * std::exp(-h / (2.0 * z2));
        k[0] += e;
        k[1] += e * (h - z2);
        k[2] += e * (6.0 * z6 + 2.0 * z4 + h * (2.0 * z4 - 5.0 * z2) + h * h * (1.0 - 2.0 * z2));
        k[3] += e * (h * h * h * (5.0 - 30.0 * z2) + h * h * (-60.0 * z2 + 212.0 * z4) +
                     h * (135.0 * z4 - 96.0 * z6) - 30.0 * z6 - 90.0 * z4 * z4);
    }
    double even2 = 0.0;
    double even3 = 0.0;
    for (int i = kTerms; i > 0; --i) {
        const double h = pi2 * i * i;
        const double e = 2.0 * std::exp(-h / (2.0 * z2));
        even2 += e * h;
        even3 += e * h * (3.0 * z2 - h);
    }
    const double half = std::sqrt(pi / 2.0);
    const double k0 = half / z * k[0];  // sqrt(2 pi) / z over one sign of k.
    const double k1 = half / (6.0 * z4) * k[1];
    const double k2 = half / (72.0 * z6 * z) * k[2] - half / (36.0 * z2 * z) * even2;
    const double k3 = half / (6480.0 * z6 * z4) * k[3] + half / (216.0 * z6) * even3;
    return k0 + k1 / root + k2 / (root * root) + k3 / (root * root * root);
}

}  // namespace

double kolmogorov_survival(double d, std::uint64_t n) {
    AIML_CHECK(n > 0);
    const auto size = static_cast<double>(n);
    if (d >= 1.0) {
        return 0.0;
    }
    if (2.0 * size * d <= 1.0) {
        return 1.0;  // D is at least 1 / 2n.
    }
    const double reach = size * d * d;
    const bool tail = d >= 0.5 || reach >= (n <= kMatrixRowsMax ? kMatrixReach : kTailReach);
    if (tail && n <= kTailRowsMax) {
        return std::min(1.0, 2.0 * one_sided_survival(d, n));
    }
    if (tail) {
        const double moved = d + 1.0 / (6.0 * size);
        return std::min(1.0, 2.0 * std::exp(-2.0 * size * moved * moved));
    }
    const bool low = n <= kTailRowsMax && reach <= kLowReach * std::sqrt(d);
    const double below =
        n <= kMatrixRowsMax || low ? matrix_distribution(d, n) : expanded_distribution(d, n);
    return std::clamp(1.0 - below, 0.0, 1.0);
}

double smirnov_exact_survival(double d,
                              std::uint64_t n,
                              std::uint64_t m,
                              std::span<const std::uint64_t> group_ends) {
    AIML_CHECK(n > 0 && m > 0 && !group_ends.empty() && group_ends.back() == n + m);
    const auto a = static_cast<double>(n);
    const auto b = static_cast<double>(m);
    const double limit = d - 1e-12;
    // inside[i]: probability that i of the values so far are of the first sample and that no
    // distance up to here reached d.
    std::vector<double> inside(n + 1, 0.0);
    inside[0] = 1.0;
    double reached = 0.0;
    auto end = group_ends.begin();
    for (std::uint64_t t = 1; t <= n + m; ++t) {
        const auto left = static_cast<double>(n + m - t + 1);
        const std::uint64_t most = std::min(t, n);
        for (std::uint64_t i = most + 1; i-- > 0;) {
            const std::uint64_t others = t - 1 - std::min(i, t - 1);
            const double stays =
                i <= t - 1 && others < m ? inside[i] * static_cast<double>(m - others) / left : 0.0;
            const double comes =
                i > 0 ? inside[i - 1] * static_cast<double>(n - (i - 1)) / left : 0.0;
            inside[i] = stays + comes;
        }
        if (t != *end) {
            continue;
        }
        ++end;
        for (std::uint64_t i = t > m ? t - m : 0; i <= most; ++i) {
            if (std::fabs(static_cast<double>(i) / a - static_cast<double>(t - i) / b) >= limit) {
                reached += inside[i];
                inside[i] = 0.0;
            }
        }
    }
    return std::min(1.0, reached);
}

}  // namespace aiml042::stats
