#include "stats/ratio_change.h"

#include <algorithm>
#include <cmath>

namespace aiml042::stats {

namespace {

/// A ratio of one set, and the share of the whole that some rows have: everything over its whole.
struct Shares {
    double part = 0.0;
    double weight = 0.0;
};

Shares shares_of(const RatioSums& some, const RatioSums& all) {
    return {some.part / all.whole, some.whole / all.whole};
}

double ratio_of(const RatioSums& sums) {
    return sums.part / sums.whole;
}

/// The mean of the two values of the ratio.
double middle_of(const RatioPair& all) {
    return (ratio_of(all.before) + ratio_of(all.after)) / 2.0;
}

/// rate + mix, which needs neither of the two values of `some`.
double total_change(const RatioPair& some, const RatioPair& all) {
    const Shares before = shares_of(some.before, all.before);
    const Shares after = shares_of(some.after, all.after);
    return after.part - before.part - (after.weight - before.weight) * middle_of(all);
}

/// Of Excess::beyond, by what it is made of in one set.
struct Gradient {
    double some_part = 0.0;
    double some_weight = 0.0;
    double candidates_part = 0.0;
    double candidates_weight = 0.0;
    double ratio = 0.0;
};

/// Sum over rows of (a u + b v)^2.
double square_sum(const RatioSums& rows, double a, double b) {
    return a * a * rows.part_square + 2.0 * a * b * rows.cross + b * b * rows.whole_square;
}

/// The variance that one set brings: the sum of the squared influences of its rows.
double variance_of(const Gradient& by,
                   const RatioSums& some,
                   const RatioSums& candidates,
                   const RatioSums& all) {
    const Shares few = shares_of(some, all);
    const Shares many = shares_of(candidates, all);
    const double level = by.some_part * few.part + by.some_weight * few.weight +
                         by.candidates_part * many.part + by.candidates_weight * many.weight +
                         by.ratio * ratio_of(all);
    double a = by.ratio;
    double b = -level;
    double sum = square_sum(all - candidates, a, b);
    a += by.candidates_part;
    b += by.candidates_weight;
    sum += square_sum(candidates - some, a, b);
    a += by.some_part;
    b += by.some_weight;
    sum += square_sum(some, a, b);
    return std::max(0.0, sum) / (all.whole * all.whole);
}

/// Shares of the two sets together: twice mean_weight().
double both_weights(const RatioPair& some, const RatioPair& all) {
    return some.before.whole / all.before.whole + some.after.whole / all.after.whole;
}

}  // namespace

RatioSums& RatioSums::operator+=(const RatioSums& other) {
    n += other.n;
    whole += other.whole;
    part += other.part;
    whole_square += other.whole_square;
    cross += other.cross;
    part_square += other.part_square;
    return *this;
}

RatioSums& RatioSums::operator-=(const RatioSums& other) {
    n -= other.n;
    whole -= other.whole;
    part -= other.part;
    whole_square -= other.whole_square;
    cross -= other.cross;
    part_square -= other.part_square;
    return *this;
}

RatioPair& RatioPair::operator+=(const RatioPair& other) {
    before += other.before;
    after += other.after;
    return *this;
}

RatioPair& RatioPair::operator-=(const RatioPair& other) {
    before -= other.before;
    after -= other.after;
    return *this;
}

RatioChange change_of(const RatioPair& some, const RatioPair& all) {
    RatioChange out;
    const double total = total_change(some, all);
    if (some.before.whole > 0.0 && some.after.whole > 0.0) {
        out.rate = mean_weight(some, all) * (ratio_of(some.after) - ratio_of(some.before));
    }
    out.mix = total - out.rate;
    return out;
}

double mean_weight(const RatioPair& some, const RatioPair& all) {
    return both_weights(some, all) / 2.0;
}

Excess excess_of(const RatioPair& some, const RatioPair& candidates, const RatioPair& all) {
    const double change = total_change(some, all);
    const double of_all = both_weights(candidates, all);
    const double expected = of_all > 0.0 ? both_weights(some, all) / of_all : 0.0;
    return {change, change - expected * total_change(candidates, all)};
}

double excess_error(const RatioPair& some,
                    const RatioPair& candidates,
                    const RatioPair& all,
                    bool of_change) {
    const double middle = middle_of(all);
    const double of_all = both_weights(candidates, all);
    const double share = of_change || of_all <= 0.0 ? 0.0 : both_weights(some, all) / of_all;
    const double slope = of_change || of_all <= 0.0 ? 0.0 : total_change(candidates, all) / of_all;
    const auto weight_gap = [&](const RatioPair& rows) {
        return rows.after.whole / all.after.whole - rows.before.whole / all.before.whole;
    };
    const double by_ratio = (share * weight_gap(candidates) - weight_gap(some)) / 2.0;
    const auto gradient = [&](double sign) {
        return Gradient{.some_part = sign,
                        .some_weight = -sign * middle - slope,
                        .candidates_part = -sign * share,
                        .candidates_weight = share * (sign * middle + slope),
                        .ratio = by_ratio};
    };
    return std::sqrt(variance_of(gradient(-1.0), some.before, candidates.before, all.before) +
                     variance_of(gradient(1.0), some.after, candidates.after, all.after));
}

}  // namespace aiml042::stats
