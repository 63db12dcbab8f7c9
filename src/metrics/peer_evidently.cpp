// Evidently: a test where the reference has at most 1,000 values, a distance against a fixed
// threshold beyond, whatever the number of current values.

#include <cmath>

#include "metrics/peer_sides.h"
#include "stats/chi_squared.h"
#include "stats/equal_width.h"
#include "stats/kolmogorov.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

namespace {

using Verdict = PeerDrift::Verdict;

constexpr double kTestedUpTo = 1'000.0;  // Values of the reference.
constexpr std::size_t kFewValues = 5;    // Numbers of so many values are categories.
constexpr std::size_t kBinnedAbove = 20;
constexpr double kSpreadMin = 0.001;
constexpr double kShareMin = 1e-4;
constexpr double kSmallShare = 1e-6;
constexpr double kExactRowsMax = 10'000.0;  // Of either side.

Verdict verdict_if(bool drifted) {
    return drifted ? Verdict::kDrift : Verdict::kNoDrift;
}

/// Two-sided p-value as if no two values were equal: exact up to 10,000 values a side.
double ks_p_value(double ks, const PeerSides& sides) {
    const double larger = std::max(sides.n(), sides.m());
    if (larger > kExactRowsMax) {
        return stats::kolmogorov_survival(
            ks, static_cast<std::uint64_t>(std::nearbyint(sides.pair_n())));
    }
    if (ks == 0.0) {
        return 1.0;
    }
    const auto smaller = static_cast<std::uint64_t>(std::min(sides.n(), sides.m()));
    std::vector<std::uint64_t> ends;
    for (std::uint64_t i = 1; i <= smaller + static_cast<std::uint64_t>(larger); ++i) {
        ends.push_back(i);
    }
    return stats::smirnov_exact_survival(ks, smaller, static_cast<std::uint64_t>(larger), ends);
}

PeerDrift of_p_value(std::string_view method, double p_value, bool or_equal) {
    constexpr double kLevel = 0.05;
    return {.method = method,
            .value = p_value,
            .threshold = kLevel,
            .drifted_when = or_equal ? "value <= threshold" : "value < threshold",
            .verdict = verdict_if(or_equal ? p_value <= kLevel : p_value < kLevel)};
}

PeerDrift of_distance(std::string_view method, double value) {
    constexpr double kDistance = 0.1;
    return {.method = method,
            .value = value,
            .threshold = kDistance,
            .drifted_when = "value >= threshold",
            .verdict = verdict_if(value >= kDistance)};
}

PeerDrift tested_categories(const PeerSides& sides, const PeerSides::Different& different) {
    const PeerCounts counts = sides.by_value();
    if (different.both > 2) {
        const double chi2 = one_sample_chi2(counts, sides.n(), sides.m());
        const double p = std::isinf(chi2)
                             ? 0.0
                             : stats::chi_squared_survival(
                                   chi2, static_cast<double>(counts.reference.size() - 1));
        PeerDrift out = of_p_value("chisquare", p, false);
        if (std::isfinite(chi2)) {
            out.others.emplace_back("statistic", chi2);
        }
        out.why =
            "Evidently takes the reference's shares as known without error and judges each column "
            "alone; ours has the noise of both sides, adjusts for all columns and asks for a shift "
            "that matters.";
        return out;
    }
    double p = 1.0;
    if (different.both == 2) {
        const double before = counts.reference.back() / sides.n();
        const double now = counts.current.back() / sides.m();
        const double pooled =
            (counts.reference.back() + counts.current.back()) / (sides.n() + sides.m());
        const double z = (before - now) / std::sqrt(pooled * (1.0 - pooled) / sides.pair_n());
        p = std::erfc(std::fabs(z) / std::sqrt(2.0));
    }
    PeerDrift out = of_p_value("z", p, false);
    out.why =
        "Evidently judges each column alone at 5 %, so one of 20 still columns is named, and any "
        "difference is enough with many rows; ours adjusts for all columns and asks for a shift "
        "that matters.";
    return out;
}

PeerDrift tested_numbers(const PeerSides& sides) {
    const double ks = stats::compare_sorted(sides.before(), sides.now()).ks;
    PeerDrift out = of_p_value("ks", ks_p_value(ks, sides), true);
    out.others.emplace_back("statistic", ks);
    out.why =
        "Evidently judges each column alone at 5 %, so one of 20 still columns is named, takes "
        "equal values for different ones and ignores how far the values moved; ours adjusts for "
        "all columns and asks for a shift that matters.";
    return out;
}

/// Its index of population stability, with its filling of empty bins.
double psi_of(const PeerSides& sides) {
    PeerCounts counts =
        sides.numeric() && sides.different(kBinnedAbove + 1).before > kBinnedAbove
            ? sides.between(stats::equal_width_edges(
                  sides.lowest(),
                  sides.highest(),
                  stats::sturges_bins(static_cast<std::uint64_t>(sides.n() + sides.m()),
                                      sides.highest() - sides.lowest())))
            : sides.by_value();
    counts = counts.shares(sides.n(), sides.m());
    const auto fill = [](std::vector<double>& shares) {
        double smallest = 1.0;
        for (const double share : shares) {
            smallest = share > 0.0 ? std::min(smallest, share) : smallest;
        }
        for (double& share : shares) {
            if (share == 0.0) {
                share = smallest <= kShareMin ? smallest * kSmallShare : kShareMin;
            }
        }
    };
    fill(counts.reference);
    fill(counts.current);
    double psi = 0.0;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        psi += (counts.reference[i] - counts.current[i]) *
               std::log(counts.reference[i] / counts.current[i]);
    }
    return psi;
}

}  // namespace

PeerDrift evidently_drift(const PeerSides& sides) {
    const PeerSides::Different different = sides.different(kFewValues + 1);
    const bool categories = !sides.numeric() || different.both <= kFewValues;
    PeerDrift out;
    if (sides.n() <= kTestedUpTo) {
        out = categories ? tested_categories(sides, different) : tested_numbers(sides);
    } else if (categories) {
        out = of_distance("jensenshannon", peer_js_distance(sides.by_value()));
        out.why =
            "Evidently compares the distance with a fixed 0.1 however few current rows there are, "
            "so chance alone exceeds it in small windows, and a rare category that triples does "
            "not; ours tests first and looks at every share.";
    } else {
        const double deviation = std::max(stats::spread_of(sides.before()).deviation, kSpreadMin);
        out =
            of_distance("wasserstein",
                        stats::compare_sorted(sides.before(), sides.now()).wasserstein / deviation);
        out.why =
            "Evidently compares the mean move, in standard deviations of the reference, with a "
            "fixed 0.1: chance alone exceeds it with few current rows, one outlier moves it, and "
            "missing values are not in it; ours subtracts chance, tests, and counts in deciles.";
    }
    out.others.emplace_back("psi", psi_of(sides));
    return out;
}

}  // namespace aiml042::metrics
