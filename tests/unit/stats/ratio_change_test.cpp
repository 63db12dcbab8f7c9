#include "stats/ratio_change.h"

#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

namespace aiml042::stats {

namespace {

RatioSums rows(int n, double part, double whole = 1.0) {
    RatioSums out;
    for (int i = 0; i < n; ++i) {
        out.add(part, whole);
    }
    return out;
}

/// `hits` of `n` rows.
RatioSums rate_of(int hits, int n) {
    RatioSums out = rows(hits, 1.0);
    out += rows(n - hits, 0.0);
    return out;
}

}  // namespace

TEST_CASE("ratio change: rate and mix of two groups by hand") {
    // 10 % of 100 rows at 0.3, the rest at 0.1; later 40 % at 0.5, the rest at 0.1.
    const RatioPair few{rate_of(3, 10), rate_of(20, 40)};
    const RatioPair rest{rate_of(9, 90), rate_of(6, 60)};
    RatioPair all = few;
    all += rest;
    const RatioChange of_few = change_of(few, all);
    const RatioChange of_rest = change_of(rest, all);
    CHECK(of_few.rate == Approx(0.25 * 0.2));         // Mean share times difference.
    CHECK(of_few.mix == Approx(0.3 * (0.4 - 0.19)));  // Mean value less the mean of all.
    CHECK(of_rest.rate == Approx(0.0).margin(1e-15));
    CHECK(of_rest.mix == Approx(-0.3 * (0.1 - 0.19)));
    CHECK(of_few.total() + of_rest.total() == Approx(0.26 - 0.12));
    CHECK(mean_weight(few, all) == Approx(0.25));
}

TEST_CASE("ratio change: a group that one set does not have is all mix") {
    const RatioPair fresh{{}, rate_of(8, 10)};
    const RatioPair old{rate_of(10, 100), rate_of(9, 90)};
    RatioPair all = fresh;
    all += old;
    CHECK(change_of(fresh, all).rate == 0.0);
    CHECK(change_of(fresh, all).mix == Approx(0.1 * (0.8 - (0.1 + 0.17) / 2)));
    CHECK(change_of(fresh, all).total() + change_of(old, all).total() == Approx(0.07));
}

TEST_CASE("ratio change: the parts of any partition sum to the difference") {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    for (int run = 0; run < 50; ++run) {
        std::vector<RatioPair> parts(7);
        for (int i = 0; i < 500; ++i) {
            const auto part = static_cast<std::size_t>(uniform(random) * 7);
            auto& side = uniform(random) < 0.4 ? parts[part].before : parts[part].after;
            side.add(uniform(random) * 100 - 20, uniform(random) < 0.2 ? 0.0 : uniform(random));
        }
        RatioPair all;
        for (const RatioPair& part : parts) {
            all += part;
        }
        const double difference =
            all.after.part / all.after.whole - all.before.part / all.before.whole;
        double sum = 0.0;
        for (const RatioPair& part : parts) {
            sum += change_of(part, all).total();
        }
        CHECK(sum == Approx(difference).epsilon(1e-12));
    }
}

TEST_CASE("ratio change: nothing is beyond its size when all changed alike") {
    const RatioPair some{rate_of(20, 100), rate_of(60, 200)};
    const RatioPair rest{rate_of(60, 300), rate_of(180, 600)};
    RatioPair all = some;
    all += rest;
    CHECK(excess_of(some, all, all).change == Approx(0.025));
    CHECK(excess_of(some, all, all).beyond == Approx(0.0).margin(1e-15));
}

TEST_CASE("ratio change: standard errors are what repeated sampling gives") {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    constexpr int kRuns = 3'000;
    // A ratio with a random divisor; the cohort is a fifth of what an earlier cohort left.
    for (const bool of_change : {false, true}) {
        double sum = 0.0;
        double squares = 0.0;
        double errors = 0.0;
        for (int run = 0; run < kRuns; ++run) {
            RatioPair some;
            RatioPair left;
            RatioPair all;
            for (const bool after : {false, true}) {
                for (int i = 0; i < (after ? 600 : 400); ++i) {
                    const bool taken = uniform(random) < 0.3;
                    const bool mine = !taken && uniform(random) < (after ? 0.3 : 0.2);
                    const double whole = uniform(random) < 0.7 ? 1.0 : 2.0 * uniform(random);
                    const double part =
                        whole * uniform(random) * (mine && after ? 1.5 : 1.0) + (taken ? 0.2 : 0.0);
                    const auto side = after ? &RatioPair::after : &RatioPair::before;
                    (all.*side).add(part, whole);
                    if (!taken) {
                        (left.*side).add(part, whole);
                    }
                    if (mine) {
                        (some.*side).add(part, whole);
                    }
                }
            }
            const Excess excess = excess_of(some, left, all);
            const double value = of_change ? excess.change : excess.beyond;
            sum += value;
            squares += value * value;
            errors += excess_error(some, left, all, of_change);
        }
        const double deviation = std::sqrt(squares / kRuns - sum / kRuns * (sum / kRuns));
        CHECK(errors / kRuns == Approx(deviation).epsilon(0.06));
    }
}

}  // namespace aiml042::stats
