#include "stats/binary_ranking.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/int128.h"

namespace aiml042::stats {

namespace {

/// Sums over groups of equal scores, ascending: what AUC, DeLong's error and KS need.
class Walk {
  public:
    Walk(std::uint64_t positives, std::uint64_t negatives) : positives_(positives), negatives_(negatives) {}

    /// The next group of equal scores: `p` positives and `n` negatives.
    void group(std::uint64_t p, std::uint64_t n) {
        // Twice the placement of each positive: 2 * negatives below + negatives equal; of each negative alike.
        const std::uint64_t of_positive = 2 * negatives_below_ + n;
        const std::uint64_t of_negative = 2 * (positives_ - positives_below_ - p) + p;
        sum_ += static_cast<UInt128>(of_positive) * p;
        positive_squares_ += static_cast<UInt128>(of_positive) * of_positive * p;
        negative_squares_ += static_cast<UInt128>(of_negative) * of_negative * n;
        positives_below_ += p;
        negatives_below_ += n;
        // |F_pos - F_neg| over the common denominator P * N.
        const Int128 difference = static_cast<Int128>(positives_below_) * negatives_ -
                                  static_cast<Int128>(negatives_below_) * positives_;
        ks_ = std::max(ks_, difference < 0 ? -difference : difference);
    }

    void finish(BinaryRanking& out) const {
        const double p = static_cast<double>(positives_);
        const double n = static_cast<double>(negatives_);
        out.roc_auc = static_cast<double>(sum_) / (2.0 * p * n);
        out.ks = static_cast<double>(ks_) / (p * n);
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
    std::uint64_t positives_below_ = 0;
    std::uint64_t negatives_below_ = 0;
    UInt128 sum_ = 0;
    UInt128 positive_squares_ = 0;
    UInt128 negative_squares_ = 0;
    Int128 ks_ = 0;
};

/// Sum over groups, descending, of recall gained times precision; compensated (Neumaier).
class PrecisionWalk {
  public:
    void group(std::uint64_t p, std::uint64_t n) {
        true_positives_ += p;
        seen_ += p + n;
        if (p != 0) {
            sum_ += static_cast<long double>(p) * static_cast<long double>(true_positives_) /
                    static_cast<long double>(seen_);
        }
    }

    [[nodiscard]] double value() const {
        return true_positives_ == 0 ? 0.0 : static_cast<double>(sum_ / static_cast<long double>(true_positives_));
    }

  private:
    std::uint64_t true_positives_ = 0;
    std::uint64_t seen_ = 0;
    long double sum_ = 0.0L;
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
    BinaryRanking out;
    Walk walk(positives.size(), negatives.size());
    std::size_t i = 0;
    std::size_t k = 0;
    while (i < positives.size() || k < negatives.size()) {
        const double score = i == positives.size()   ? negatives[k]
                             : k == negatives.size() ? positives[i]
                                                     : std::min(positives[i], negatives[k]);
        const std::size_t p_begin = i;
        const std::size_t n_begin = k;
        while (i < positives.size() && positives[i] == score) {
            ++i;
        }
        while (k < negatives.size() && negatives[k] == score) {
            ++k;
        }
        walk.group(i - p_begin, k - n_begin);
    }
    walk.finish(out);
    // Average precision goes down from the highest score; negatives between two positives need no group of their own.
    PrecisionWalk precision;
    i = positives.size();
    k = negatives.size();
    while (i > 0) {
        const double score = positives[i - 1];
        const std::size_t p_end = i;
        const std::size_t n_end = k;
        while (i > 0 && positives[i - 1] == score) {
            --i;
        }
        while (k > 0 && negatives[k - 1] >= score) {
            --k;
        }
        precision.group(p_end - i, n_end - k);
    }
    out.average_precision = precision.value();
    return out;
}

BinaryRanking rank_bins(std::span<const ScoreHistogram::Bin> bins) {
    std::uint64_t positives = 0;
    std::uint64_t negatives = 0;
    for (const auto& bin : bins) {
        positives += bin.positives;
        negatives += bin.negatives;
    }
    AIML_CHECK(positives > 0 && negatives > 0);
    BinaryRanking out;
    Walk walk(positives, negatives);
    double tied = 0.0;
    for (const auto& bin : bins) {
        walk.group(bin.positives, bin.negatives);
        tied += static_cast<double>(bin.positives) * static_cast<double>(bin.negatives);
    }
    walk.finish(out);
    const double p = static_cast<double>(positives);
    const double n = static_cast<double>(negatives);
    out.roc_auc_bound = 0.5 * tied / (p * n);
    PrecisionWalk precision;
    for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) {
        precision.group(bin->positives, bin->negatives);
    }
    out.average_precision = precision.value();
    out.average_precision_bound = precision_bound(bins, positives, out.average_precision);
    out.ks_bound = ks_bound(bins, p, n, out.ks);
    return out;
}

}  // namespace aiml042::stats
