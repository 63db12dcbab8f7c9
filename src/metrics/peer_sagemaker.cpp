// SageMaker Model Monitor: the largest difference of the distribution functions (of shares, for
// categories) less 1.8 sqrt(1/n + 1/m), above 0.1; its statistics show ten buckets of equal width.

#include <algorithm>
#include <cmath>

#include "metrics/peer_sides.h"
#include "stats/equal_width.h"
#include "stats/two_sample.h"

namespace aiml042::metrics {

namespace {

constexpr double kDistance = 0.1;
constexpr double kLevelFactor = 1.8;  // Smirnov's at a level of 0.3 %.
constexpr std::uint32_t kBuckets = 10;

/// The largest difference of the distribution functions at the buckets' ends.
double of_buckets(const PeerSides& sides) {
    const std::span<const double> before = sides.before();
    const PeerCounts counts =
        sides.between(stats::equal_width_edges(before.front(), before.back(), kBuckets))
            .shares(sides.n(), sides.m());
    const auto below = std::ranges::lower_bound(sides.now(), before.front());
    double now_sum = static_cast<double>(below - sides.now().begin()) / sides.m();
    double before_sum = 0.0;
    double largest = now_sum;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        before_sum += counts.reference[i];
        now_sum += counts.current[i];
        largest = std::max(largest, std::fabs(before_sum - now_sum));
    }
    return largest;
}

double of_categories(const PeerSides& sides) {
    const PeerCounts shares = sides.by_value().shares(sides.n(), sides.m());
    double largest = 0.0;
    for (std::size_t i = 0; i < shares.reference.size(); ++i) {
        largest = std::max(largest, std::fabs(shares.reference[i] - shares.current[i]));
    }
    return largest;
}

}  // namespace

PeerDrift sagemaker_drift(const PeerSides& sides) {
    const double simple = sides.numeric() ? stats::compare_sorted(sides.before(), sides.now()).ks
                                          : of_categories(sides);
    const double robust = std::max(0.0, simple - kLevelFactor / std::sqrt(sides.pair_n()));
    PeerDrift out{
        .method = "linf_robust",
        .value = robust,
        .threshold = kDistance,
        .drifted_when = "value > threshold",
        .verdict = robust > kDistance ? PeerDrift::Verdict::kDrift : PeerDrift::Verdict::kNoDrift,
        .why =
            "SageMaker wants ten points of probability beyond what chance gives at "
            "one place, so that it seldom calls falsely, but a rare category that "
            "triples or a tail that grows stays below; ours also looks at shares "
            "that doubled or halved."};
    out.others.emplace_back("linf_simple", simple);
    if (sides.numeric()) {
        out.others.emplace_back("linf_of_10_buckets", of_buckets(sides));
    }
    return out;
}

}  // namespace aiml042::metrics
