// Why a ratio of sums differs between two sets of rows: what part of the difference lies in some of
// the rows, and whether that is more than their size explains.
//
// A ratio M = sum u / sum v over rows. Rows c with share w = v_c / V of the whole and value r = u_c
// / v_c add to M' - M, for any partition into such c, exactly
//
//   rate  (w + w') / 2 (r' - r)                    their own value changed,
//   mix   (w' - w) ((r + r') / 2 - (M + M') / 2)   there are more or fewer of them,
//
// symmetric in the two sets. Sources: E. M. Kitagawa (1955), components of a difference between two
// rates; variances by the delta method. Pure.

#pragma once

#include <cstdint>

#include "stats/interval.h"

namespace aiml042::stats {

/// Sums over rows.
struct RatioSums {
    double n = 0.0;
    double whole = 0.0;  // v, at least 0 for every row.
    double part = 0.0;   // u.
    double whole_square = 0.0;
    double cross = 0.0;  // u v.
    double part_square = 0.0;

    void add(double part_of_row, double whole_of_row) {
        n += 1.0;
        whole += whole_of_row;
        part += part_of_row;
        whole_square += whole_of_row * whole_of_row;
        cross += part_of_row * whole_of_row;
        part_square += part_of_row * part_of_row;
    }

    void remove(double part_of_row, double whole_of_row) {
        RatioSums row;
        row.add(part_of_row, whole_of_row);
        *this -= row;
    }

    RatioSums& operator+=(const RatioSums& other);
    RatioSums& operator-=(const RatioSums& other);
};

[[nodiscard]] inline RatioSums operator-(RatioSums a, const RatioSums& b) {
    return a -= b;
}

/// The same rows' sums in both sets.
struct RatioPair {
    RatioSums before;
    RatioSums after;

    RatioPair& operator+=(const RatioPair& other);
    RatioPair& operator-=(const RatioPair& other);

    [[nodiscard]] double rows() const { return before.n + after.n; }
};

[[nodiscard]] inline RatioPair operator-(RatioPair a, const RatioPair& b) {
    return a -= b;
}

/// How much of the difference lies in some rows. Rows that one of the sets does not have are all
/// mix.
struct RatioChange {
    double rate = 0.0;
    double mix = 0.0;

    [[nodiscard]] double total() const { return rate + mix; }
};

/// `all` holds the sums over all rows, with whole > 0 in both sets, of which `some` are a part.
[[nodiscard]] RatioChange change_of(const RatioPair& some, const RatioPair& all);

/// The mean of the two shares of the whole; in [0, 1].
[[nodiscard]] double mean_weight(const RatioPair& some, const RatioPair& all);

/// What lies in `some` of the `candidates` beyond their share of what lies in all candidates: 0
/// when everything changed alike. `candidates` hold `some`, and are a part of `all`.
struct Excess {
    double change = 0.0;
    double beyond = 0.0;
};

[[nodiscard]] Excess excess_of(const RatioPair& some,
                               const RatioPair& candidates,
                               const RatioPair& all);

/// The standard error of Excess::beyond; that of Excess::change where `of_change`. About 60 ns.
[[nodiscard]] double excess_error(const RatioPair& some,
                                  const RatioPair& candidates,
                                  const RatioPair& all,
                                  bool of_change = false);

}  // namespace aiml042::stats
