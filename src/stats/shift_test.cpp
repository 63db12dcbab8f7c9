#include "stats/shift_test.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "base/check.h"
#include "stats/chi_squared.h"

namespace aiml042::stats {

namespace {

namespace bm = boost::math;
using Policy = bm::policies::policy<bm::policies::promote_double<false>>;
using ChiSquared = bm::chi_squared_distribution<double, Policy>;
using NonCentral = bm::non_central_chi_squared_distribution<double, Policy>;

constexpr double kNormalFrom = 1'000.0;  // Statistics whose distribution is as good as normal.
constexpr double kPower = 0.8;

double total(std::span<const std::uint64_t> counts) {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

/// Population stability index of shares with half a row more in each bin.
double smoothed_index(std::span<const std::uint64_t> reference,
                      std::span<const std::uint64_t> current,
                      double n,
                      double m) {
    const double half_all = 0.5 * static_cast<double>(reference.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double p = (static_cast<double>(reference[i]) + 0.5) / (n + half_all);
        const double q = (static_cast<double>(current[i]) + 0.5) / (m + half_all);
        sum += (q - p) * std::log(q / p);
    }
    return sum;
}

/// The non-centrality at which P(X <= x) is `share`; 0 where it is lower already without one.
double non_centrality(double x, double degrees, double share) {
    if (bm::cdf(ChiSquared(degrees), x) <= share) {
        return 0.0;
    }
    double low = 0.0;
    double high = std::max(1.0, x);
    while (bm::cdf(NonCentral(degrees, high), x) > share) {
        low = high;
        high *= 2.0;
    }
    for (int i = 0; i < 60 && high - low > 1e-12 * high; ++i) {
        const double middle = 0.5 * (low + high);
        (bm::cdf(NonCentral(degrees, middle), x) > share ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

/// Both ends of the non-centrality behind a statistic.
Interval non_centralities(double x, double degrees, double confidence) {
    const double tail = (1.0 - confidence) / 2.0;
    if (x <= kNormalFrom) {
        return {non_centrality(x, degrees, 1.0 - tail), non_centrality(x, degrees, tail)};
    }
    // (x - degrees - c)^2 = z^2 2 (degrees + 2 c), solved for c.
    const double z = normal_quantile(confidence);
    const double above = x - degrees;
    const double middle = above + 2.0 * z * z;
    const double half = z * std::sqrt(4.0 * above + 4.0 * z * z + 2.0 * degrees);
    return {std::max(0.0, middle - half), middle + half};
}

/// One drawing of the smaller sample's places among all values, and the index it gives.
class Draw {
  public:
    Draw(std::span<const double> reference, std::span<const double> current, std::uint32_t bins)
        : n_(reference.size()), m_(current.size()), bins_(bins) {
        pooled_.resize(n_ + m_);
        std::merge(
            reference.begin(), reference.end(), current.begin(), current.end(), pooled_.begin());
    }

    /// The index of the samples as they are.
    double observed(std::span<const double> reference, std::span<const double> current) {
        return index([&](std::size_t k) { return reference[k]; },
                     [&](double edge) { return count_up_to(reference, edge); },
                     [&](double edge) { return count_up_to(current, edge); });
    }

    double next() {
        draw_places();
        const bool drew_reference = n_ <= m_;
        std::size_t passed = 0;
        const auto value_of = [&](std::size_t k) {
            if (drew_reference) {
                return pooled_[places_[k]];
            }
            passed = 0;
            while (passed < places_.size() && places_[passed] <= k + passed) {
                ++passed;
            }
            return pooled_[k + passed];
        };
        const auto drawn_up_to = [&](double edge) {
            return static_cast<std::uint64_t>(
                std::ranges::lower_bound(places_, count_up_to(pooled_, edge)) - places_.begin());
        };
        const auto others_up_to = [&](double edge) {
            return count_up_to(pooled_, edge) - drawn_up_to(edge);
        };
        return drew_reference ? index(value_of, drawn_up_to, others_up_to)
                              : index(value_of, others_up_to, drawn_up_to);
    }

  private:
    static std::uint64_t count_up_to(std::span<const double> sorted, double edge) {
        return static_cast<std::uint64_t>(std::ranges::upper_bound(sorted, edge) - sorted.begin());
    }

    /// R. W. Floyd's sample without replacement, ascending.
    void draw_places() {
        const std::size_t all = n_ + m_;
        const std::size_t count = std::min(n_, m_);
        places_.clear();
        for (std::size_t j = all - count; j < all; ++j) {
            std::size_t place = std::uniform_int_distribution<std::size_t>(0, j)(random_);
            auto at = std::ranges::lower_bound(places_, place);
            if (at != places_.end() && *at == place) {
                place = j;
                at = places_.end();
            }
            places_.insert(at, place);
        }
    }

    /// The index over the bins between a reference's quantiles, linear between neighbours.
    template <typename ValueOf, typename UpTo, typename CurrentUpTo>
    double index(const ValueOf& value_of, const UpTo& up_to, const CurrentUpTo& current_up_to) {
        reference_counts_.clear();
        current_counts_.clear();
        std::uint64_t reference_before = 0;
        std::uint64_t current_before = 0;
        const auto close = [&](std::uint64_t reference_now, std::uint64_t current_now) {
            if (reference_now > reference_before || current_now > current_before) {
                reference_counts_.push_back(reference_now - reference_before);
                current_counts_.push_back(current_now - current_before);
                reference_before = reference_now;
                current_before = current_now;
            }
        };
        for (std::uint32_t i = 1; i < bins_; ++i) {
            const double at = static_cast<double>(n_ - 1) * i / bins_;
            const auto k = static_cast<std::size_t>(at);
            const double low = value_of(k);
            const double high = k + 1 < n_ ? value_of(k + 1) : low;
            const double edge = low + (at - static_cast<double>(k)) * (high - low);
            close(up_to(edge), current_up_to(edge));
        }
        close(n_, m_);
        return smoothed_index(
            reference_counts_, current_counts_, static_cast<double>(n_), static_cast<double>(m_));
    }

    std::size_t n_;
    std::size_t m_;
    std::uint32_t bins_;
    std::vector<double> pooled_;
    std::vector<std::size_t> places_;
    std::vector<std::uint64_t> reference_counts_;
    std::vector<std::uint64_t> current_counts_;
    std::mt19937_64 random_{0x9e3779b97f4a7c15ULL};
};

/// Smallest expected count of a bin under no change.
class Expected {
  public:
    Expected(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current) {
        const double n = total(reference);
        const double m = total(current);
        smaller_share_ = std::min(n, m) / (n + m);
    }

    [[nodiscard]] double of(std::uint64_t reference, std::uint64_t current) const {
        return static_cast<double>(reference + current) * smaller_share_;
    }

  private:
    double smaller_share_ = 0.0;
};

void add_bin(PooledCounts& out, std::uint64_t reference, std::uint64_t current) {
    out.reference.push_back(reference);
    out.current.push_back(current);
}

void add_to_last(PooledCounts& out, std::uint64_t reference, std::uint64_t current) {
    if (!out.reference.empty()) {
        out.reference.back() += reference;
        out.current.back() += current;
    }
}

PooledCounts or_nothing(PooledCounts out) {
    return out.reference.size() >= 2 ? std::move(out) : PooledCounts{};
}

}  // namespace

Shift shift_of_counts(std::span<const std::uint64_t> reference,
                      std::span<const std::uint64_t> current,
                      double confidence) {
    AIML_CHECK(reference.size() == current.size());
    const double n = total(reference);
    const double m = total(current);
    AIML_CHECK(n > 0.0 && m > 0.0);
    if (reference.size() < 2) {
        return {};
    }
    const double degrees = static_cast<double>(reference.size()) - 1.0;
    const double scale = 1.0 / n + 1.0 / m;
    const double statistic = smoothed_index(reference, current, n, m) / scale;
    const Interval ends = non_centralities(statistic, degrees, confidence);
    return {.effect = std::max(0.0, statistic - degrees) * scale,
            .interval = {ends.first * scale, ends.second * scale},
            .p_value = chi_squared_survival(statistic, degrees),
            .degrees = static_cast<std::uint32_t>(reference.size() - 1)};
}

double permuted_p_value(std::span<const double> reference,
                        std::span<const double> current,
                        std::uint32_t bins) {
    AIML_CHECK(!reference.empty() && !current.empty() && bins > 0);
    constexpr std::uint32_t kDrawsMax = 19'999;
    constexpr std::uint32_t kReachedMax = 100;
    Draw draw(reference, current, bins);
    const double observed = draw.observed(reference, current) - 1e-12;
    std::uint32_t reached = 0;
    for (std::uint32_t i = 1; i <= kDrawsMax; ++i) {
        reached += draw.next() >= observed ? 1U : 0U;
        if (reached == kReachedMax) {
            return static_cast<double>(reached) / i;
        }
    }
    return (reached + 1.0) / (kDrawsMax + 1.0);
}

double fisher_exact(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    const std::uint64_t row = a + b;
    const std::uint64_t column = a + c;
    const std::uint64_t all = row + c + d;
    const auto log_factorial = [](std::uint64_t x) {
        return boost::math::lgamma(static_cast<double>(x) + 1.0);
    };
    const auto log_choose = [&](std::uint64_t from, std::uint64_t of) {
        return log_factorial(from) - log_factorial(of) - log_factorial(from - of);
    };
    const std::uint64_t least = row + column > all ? row + column - all : 0;
    const std::uint64_t most = std::min(row, column);
    const auto log_chance = [&](std::uint64_t x) {
        return log_choose(row, x) + log_choose(all - row, column - x) - log_choose(all, column);
    };
    const double own = log_chance(a) + 1e-7;  // As likely, but for rounding.
    double sum = 0.0;
    for (std::uint64_t x = least; x <= most; ++x) {
        const double chance = log_chance(x);
        sum += chance <= own ? std::exp(chance) : 0.0;
    }
    return std::min(1.0, sum);
}

PooledCounts pool_neighbours(std::span<const std::uint64_t> reference,
                             std::span<const std::uint64_t> current,
                             double least) {
    const Expected expected(reference, current);
    PooledCounts out;
    std::uint64_t in_reference = 0;
    std::uint64_t in_current = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        in_reference += reference[i];
        in_current += current[i];
        if (expected.of(in_reference, in_current) >= least) {
            add_bin(out, in_reference, in_current);
            in_reference = in_current = 0;
        }
    }
    add_to_last(out, in_reference, in_current);
    return or_nothing(std::move(out));
}

PooledCounts pool_rare(std::span<const std::uint64_t> reference,
                       std::span<const std::uint64_t> current,
                       double least) {
    const Expected expected(reference, current);
    PooledCounts out;
    std::uint64_t rare_reference = 0;
    std::uint64_t rare_current = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (expected.of(reference[i], current[i]) >= least) {
            add_bin(out, reference[i], current[i]);
        } else {
            rare_reference += reference[i];
            rare_current += current[i];
        }
    }
    if (expected.of(rare_reference, rare_current) >= least) {
        add_bin(out, rare_reference, rare_current);
    } else {
        add_to_last(out, rare_reference, rare_current);
    }
    return or_nothing(std::move(out));
}

std::optional<std::uint64_t> rows_needed(double effect,
                                         std::uint32_t degrees,
                                         double alpha,
                                         std::uint64_t reference_rows) {
    AIML_CHECK(effect > 0.0 && degrees > 0 && alpha > 0.0 && alpha < 1.0 && reference_rows > 0);
    const auto df = static_cast<double>(degrees);
    const double critical = bm::quantile(bm::complement(ChiSquared(df), alpha));
    const double inverse = effect / non_centrality(critical, df, 1.0 - kPower) -
                           1.0 / static_cast<double>(reference_rows);
    if (!(inverse > 1e-12)) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(std::ceil(1.0 / inverse));
}

}  // namespace aiml042::stats
