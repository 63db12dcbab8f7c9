// whylogs: for numbers Kolmogorov-Smirnov read at 100 quantiles of each side, for texts a
// chi-square whose expected counts are cut to integers; 5 % is drift, 15 % possible drift.

#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/peer_sides.h"
#include "stats/chi_squared.h"
#include "stats/kolmogorov.h"

namespace aiml042::metrics {

namespace {

using Verdict = PeerDrift::Verdict;

constexpr double kDrift = 0.05;
constexpr double kPossible = 0.15;
constexpr std::size_t kQuantiles = 100;
constexpr double kBucketsMax = 30.0;
constexpr double kRowsPerBucket = 4.0;
constexpr double kBeyond = 1e-7;  // By which the last bucket reaches past the largest value.

Verdict verdict_of(double p_value) {
    if (p_value < kDrift) {
        return Verdict::kDrift;
    }
    return p_value < kPossible ? Verdict::kPossibleDrift : Verdict::kNoDrift;
}

/// Share of values below x.
double below(std::span<const double> ascending, double x) {
    return static_cast<double>(std::ranges::lower_bound(ascending, x) - ascending.begin()) /
           static_cast<double>(ascending.size());
}

double ks_of_quantiles(const PeerSides& sides) {
    double largest = 0.0;
    for (const std::span<const double> values : {sides.before(), sides.now()}) {
        const std::size_t n = values.size();
        for (std::size_t i = 0; i < kQuantiles; ++i) {
            const double x = values[std::min(n - 1, i * n / (kQuantiles - 1))];
            largest =
                std::max(largest, std::fabs(below(sides.before(), x) - below(sides.now(), x)));
        }
    }
    return largest;
}

double hellinger_of(const PeerSides& sides) {
    const double start = sides.lowest();
    const double end = sides.highest() + std::fabs(sides.highest()) * kBeyond;
    const double buckets =
        std::max(2.0, std::min(std::ceil((sides.n() + sides.m()) / kRowsPerBucket), kBucketsMax));
    const double width = (end - start) / buckets;
    double squares = 0.0;
    double before = 0.0;
    double now = 0.0;
    const auto add = [&](double up_to_before, double up_to_now) {
        const double gap = std::sqrt(up_to_before - before) - std::sqrt(up_to_now - now);
        squares += gap * gap;
        before = up_to_before;
        now = up_to_now;
    };
    for (double i = 0.0; i <= buckets; i += 1.0) {
        const double edge = start + i * width;
        add(below(sides.before(), edge), below(sides.now(), edge));
    }
    add(1.0, 1.0);
    return std::sqrt(squares / 2.0);
}

PeerDrift of_p_value(std::string_view method, double statistic, double p_value) {
    PeerDrift out{.method = method,
                  .value = p_value,
                  .threshold = kDrift,
                  .drifted_when = "value < threshold",
                  .verdict = verdict_of(p_value)};
    if (std::isfinite(statistic)) {
        out.others.emplace_back("statistic", statistic);
    }
    return out;
}

PeerDrift of_texts(const PeerSides& sides) {
    const PeerCounts counts = sides.by_value();
    double chi2 = 0.0;
    double categories = 0.0;  // Of the current data.
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        categories += counts.current[i] > 0.0 ? 1.0 : 0.0;
        const double expected = std::floor(counts.reference[i] / sides.n() * sides.m());
        if (expected == 0.0) {
            chi2 = std::numeric_limits<double>::infinity();
            break;
        }
        chi2 += (counts.current[i] - expected) * (counts.current[i] - expected) / expected;
    }
    const double p =
        std::isinf(chi2) ? 0.0 : stats::chi_squared_survival(chi2, std::max(1.0, categories - 1.0));
    PeerDrift out = of_p_value("chi-square", chi2, p);
    out.why =
        "whylogs takes the reference's shares as known, cuts expected counts to integers and calls "
        "any category that the reference lacks, or that is expected less than once, certain drift; "
        "ours has the noise of both sides and puts rare categories together.";
    return out;
}

}  // namespace

PeerDrift whylogs_drift(const PeerSides& sides) {
    if (!sides.numeric()) {
        return of_texts(sides);
    }
    const double ks = ks_of_quantiles(sides);
    const double rows = std::max(1.0, std::nearbyint(sides.pair_n()));
    PeerDrift out =
        of_p_value("ks", ks, stats::kolmogorov_survival(ks, static_cast<std::uint64_t>(rows)));
    out.others.emplace_back("hellinger", hellinger_of(sides));
    out.why =
        "whylogs judges each column alone at 5 %, so one of 20 still columns is named, reads the "
        "distance at 100 quantiles of a sketch, and with many rows calls any difference drift; "
        "ours adjusts for all columns and asks for a shift that matters.";
    return out;
}

}  // namespace aiml042::metrics
