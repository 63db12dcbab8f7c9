// Azure ML model monitoring: the Jensen-Shannon distance, base 2, on Sturges' number of equal bins
// over both sides, above 0.1.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "metrics/peer_sides.h"
#include "stats/equal_width.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

namespace {

constexpr double kDistance = 0.1;
constexpr double kSpreadMin = 0.001;

/// Edges lowest + i width, as it computes them: the last one may fall short of the highest value.
std::vector<double> edges_of(const PeerSides& sides) {
    const double lowest = sides.lowest();
    const double highest = sides.highest();
    if (lowest == highest) {
        return {std::min(lowest, lowest * 1.01), std::max(lowest, lowest * 1.01)};
    }
    const double bins = std::ceil(std::log2(std::min(sides.n(), sides.m())) + 1.0);
    std::vector<double> edges;
    for (double i = 0.0; i <= bins; i += 1.0) {
        edges.push_back(lowest + i * ((highest - lowest) / bins));
    }
    return edges;
}

/// One row more in every bin; the shares then add up to more than 1, as its do.
double psi_of(const PeerCounts& counts, double n, double m) {
    double psi = 0.0;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double p = (counts.reference[i] + 1.0) / n;
        const double q = (counts.current[i] + 1.0) / m;
        psi += (q - p) * std::log(q / p);
    }
    return psi;
}

}  // namespace

PeerDrift azure_drift(const PeerSides& sides) {
    const PeerCounts counts = sides.numeric() ? sides.between(edges_of(sides)) : sides.by_value();
    const double distance = peer_js_distance(counts) / std::sqrt(std::numbers::ln2);
    PeerDrift out{
        .method = "JensenShannonDistance",
        .value = distance,
        .threshold = kDistance,
        .drifted_when = "value > threshold",
        .verdict = distance > kDistance ? PeerDrift::Verdict::kDrift : PeerDrift::Verdict::kNoDrift,
        .why =
            "Azure ML cuts bins of equal width over both sides, so one outlier puts "
            "all other values into one bin and hides a shift, and compares with a "
            "fixed 0.1 that knows no sizes; ours counts in the reference's deciles "
            "and tests."};
    out.others.emplace_back("PopulationStabilityIndex", psi_of(counts, sides.n(), sides.m()));
    if (sides.numeric() && sides.n() > 1.0) {
        const double deviation =
            stats::spread_of(sides.before()).deviation * std::sqrt(sides.n() / (sides.n() - 1.0));
        out.others.emplace_back("NormalizedWassersteinDistance",
                                stats::compare_sorted(sides.before(), sides.now()).wasserstein /
                                    std::max(deviation, kSpreadMin));
    }
    return out;
}

}  // namespace aiml042::metrics
