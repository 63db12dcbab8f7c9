#include "stats/binary_ranking.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/int128.h"

namespace aiml042::stats {

namespace {

constexpr std::uint64_t kClassRowsMax = 1ULL << 31;

/// Sums over groups of equal scores, descending: what AUC, DeLong's error, KS and average precision need.
class Walk {
  public:
    Walk(std::uint64_t positives, std::uint64_t negatives) : positives_(positives), negatives_(negatives) {}

    /// The next group of equal scores: `p` positives and `n` negatives, not both zero.
    void group(std::uint64_t p, std::uint64_t n) {
        const std::uint64_t positives_above = positives_above_;
        positives_above_ += p;
        negatives_above_ += n;
        if (p != 0) {
            // Twice the placement: 2 * negatives below + negatives equal.
            const std::uint64_t placement = 2 * (negatives_ - negatives_above_) + n;
            sum_ += static_cast<UInt128>(placement * p);
            positive_squares_ += static_cast<UInt128>(placement) * (placement * p);
            precision_ += static_cast<double>(p) *
                          (static_cast<double>(positives_above_) / static_cast<double>(positives_above_ + negatives_above_));
        }
        if (n != 0) {
            const std::uint64_t placement = 2 * positives_above + p;
            negative_squares_ += static_cast<UInt128>(placement) * (placement * n);
        }
        // F_pos - F_neg times P * N, of the scores from here up. Sizes are below 2^31, so all products fit.
        const auto difference = static_cast<std::int64_t>(positives_above_ * negatives_ - negatives_above_ * positives_);
        ks_ = std::max(ks_, difference < 0 ? -difference : difference);
    }

    void finish(BinaryRanking& out) const {
        const double p = static_cast<double>(positives_);
        const double n = static_cast<double>(negatives_);
        out.roc_auc = static_cast<double>(sum_) / (2.0 * p * n);
        out.ks = static_cast<double>(ks_) / (p * n);
        out.average_precision = precision_ / p;
        if (positives_ < 2 || negatives_ < 2) {
            return;
        }
        // Sample variances of the placements v / (2 N) and v / (2 P); both sets have the same total `sum_`.
        const auto variance = [this](UInt128 squares, std::uint64_t count, double scale) {
            const long double total = static_cast<long double>(sum_);
            const auto m = static_cast<long double>(count);
            const long double centred = static_cast<long double>(squares) - total * total / m;
            return std::max(0.0, static_cast<double>(centred / (m - 1.0L))) / (scale * scale);
        };
        const double of_positives = variance(positive_squares_, positives_, 2.0 * n);
        const double of_negatives = variance(negative_squares_, negatives_, 2.0 * p);
        out.roc_auc_se = std::sqrt(of_positives / p + of_negatives / n);
    }

  private:
    std::uint64_t positives_;
    std::uint64_t negatives_;
    std::uint64_t positives_above_ = 0;
    std::uint64_t negatives_above_ = 0;
    UInt128 sum_ = 0;
    UInt128 positive_squares_ = 0;
    UInt128 negative_squares_ = 0;
    std::int64_t ks_ = 0;
    double precision_ = 0.0;  // The order of its terms is the order of the scores: always the same.
};

/// Largest |value - truth| of average precision when the order inside bins is unknown. Best: the positives of a bin tie
/// at its top. Worst: they come one by one below all its negatives; sum of (a+i)/(a+i+c) >= p - c ln((a+c+p)/(a+c)).
double precision_bound(std::span<const ScoreHistogram::Bin> bins, std::uint64_t positives, double value) {
    long double best = 0.0L;
    long double worst = 0.0L;
    long double tp = 0.0L;
    long double fp = 0.0L;
    for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) {
        const auto p = static_cast<long double>(bin->positives);
        const auto n = static_cast<long double>(bin->negatives);
        if (bin->positives != 0) {
            best += p * (tp + p) / (tp + p + fp);
            const long double c = fp + n;
            worst += c == 0.0L ? p : std::max(0.0L, p - c * std::log((tp + c + p) / (tp + c)));
        }
        tp += p;
        fp += n;
    }
    const auto all = static_cast<long double>(positives);
    const long double above = best / all - static_cast<long double>(value);
    const long double below = static_cast<long double>(value) - worst / all;
    return static_cast<double>(std::max({above, below, 0.0L}));
}

/// Largest KS that some order inside the bins could give, minus the one at the edges. Inside a bin the difference rises
/// by at most the bin's share of one class, from either edge.
double ks_bound(std::span<const ScoreHistogram::Bin> bins, double p_total, double n_total, double value) {
    double top = value;
    double p = 0.0;
    double n = 0.0;
    for (const auto& bin : bins) {
        const double before = p / p_total - n / n_total;
        const double p_share = static_cast<double>(bin.positives) / p_total;
        const double n_share = static_cast<double>(bin.negatives) / n_total;
        p += static_cast<double>(bin.positives);
        n += static_cast<double>(bin.negatives);
        const double after = p / p_total - n / n_total;
        top = std::max({top, std::min(before + p_share, after + n_share), std::min(n_share - before, p_share - after)});
    }
    return top - value;
}

}  // namespace

BinaryRanking rank_sorted(std::span<const double> positives, std::span<const double> negatives) {
    AIML_CHECK(!positives.empty() && !negatives.empty());
    AIML_CHECK(positives.size() < kClassRowsMax && negatives.size() < kClassRowsMax);
    BinaryRanking out;
    Walk walk(positives.size(), negatives.size());
    std::size_t i = positives.size();
    std::size_t k = negatives.size();
    while (i > 0 || k > 0) {
        const std::size_t i_end = i;
        const std::size_t k_end = k;
        const double score = i == 0 ? negatives[k - 1] : k == 0 ? positives[i - 1] : std::max(positives[i - 1], negatives[k - 1]);
        while (i > 0 && positives[i - 1] == score) {
            --i;
        }
        while (k > 0 && negatives[k - 1] == score) {
            --k;
        }
        walk.group(i_end - i, k_end - k);
    }
    walk.finish(out);
    return out;
}

BinaryRanking rank_bins(std::span<const ScoreHistogram::Bin> bins) {
    std::uint64_t positives = 0;
    std::uint64_t negatives = 0;
    for (const auto& bin : bins) {
        positives += bin.positives;
        negatives += bin.negatives;
    }
    AIML_CHECK(positives > 0 && negatives > 0 && positives < kClassRowsMax && negatives < kClassRowsMax);
    BinaryRanking out;
    Walk walk(positives, negatives);
    double tied = 0.0;
    for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) {
        walk.group(bin->positives, bin->negatives);
        tied += static_cast<double>(bin->positives) * static_cast<double>(bin->negatives);
    }
    walk.finish(out);
    const double p = static_cast<double>(positives);
    const double n = static_cast<double>(negatives);
    out.roc_auc_bound = 0.5 * tied / (p * n);
    out.average_precision_bound = precision_bound(bins, positives, out.average_precision);
    out.ks_bound = ks_bound(bins, p, n, out.ks);
    return out;
}

}  // namespace aiml042::stats
