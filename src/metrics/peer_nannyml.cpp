// NannyML: the Jensen-Shannon distance, base 2, on Doane's bins of the reference, above 0.1.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "metrics/peer_sides.h"
#include "stats/equal_width.h"

namespace aiml042::metrics {

namespace {

constexpr double kDistance = 0.1;
constexpr std::size_t kValuesAsCategories = 50;
constexpr double kShareAsCategories = 0.1;

/// Numbers with few values, for how many rows there are, are categories.
bool has_categories(const PeerSides& sides) {
    const std::size_t before = sides.different(kValuesAsCategories + 1).before;
    return !sides.numeric() || (before <= kValuesAsCategories &&
                                static_cast<double>(before) / sides.n() <= kShareAsCategories);
}

/// What the reference does not have is one more bin.
PeerCounts counts_of(const PeerSides& sides) {
    PeerCounts out;
    if (has_categories(sides)) {
        const PeerCounts all = sides.by_value();
        for (std::size_t i = 0; i < all.reference.size(); ++i) {
            if (all.reference[i] > 0.0) {
                out.reference.push_back(all.reference[i]);
                out.current.push_back(all.current[i]);
            }
        }
    } else {
        const std::span<const double> before = sides.before();
        out = sides.between(stats::equal_width_edges(
            before.front(),
            before.back(),
            stats::doane_bins(before, static_cast<std::uint64_t>(sides.n()))));
    }
    const double inside = std::accumulate(out.current.begin(), out.current.end(), 0.0);
    out.reference.push_back(0.0);
    out.current.push_back(std::max(0.0, sides.m() - inside));
    return out;
}

}  // namespace

PeerDrift nannyml_drift(const PeerSides& sides) {
    const double distance = peer_js_distance(counts_of(sides)) / std::sqrt(std::numbers::ln2);
    return {
        .method = "jensen_shannon",
        .value = distance,
        .threshold = kDistance,
        .drifted_when = "value > threshold",
        .verdict = distance > kDistance ? PeerDrift::Verdict::kDrift : PeerDrift::Verdict::kNoDrift,
        .why =
            "NannyML compares the distance with a fixed 0.1 in every chunk: the more bins "
            "and the fewer rows, the more often chance alone exceeds it, and large chunks "
            "hide a rare category that triples; ours tests first, by both sides' rows."};
}

}  // namespace aiml042::metrics
