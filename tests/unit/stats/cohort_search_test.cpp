#include "stats/cohort_search.h"

#include <cmath>
#include <cstdio>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

namespace aiml042::stats {

namespace {

constexpr std::uint8_t kCodes = 8;  // Of every dimension; the first half are categories.

void one_by_one(std::size_t items, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = items; i > 0; --i) {
        work(i - 1);
    }
}

/// The value of a row, by its codes, before and after.
using Value = std::function<double(const std::vector<std::uint8_t>& codes, bool after, double u)>;

struct World {
    std::size_t dimensions = 6;
    std::size_t rows = 20'000;  // Of each set.
    Value value;
    double share_of_first_code = 1.0 / kCodes;  // In the last dimension, after.
};

CohortData draw(const World& world, std::uint64_t seed) {
    CohortData data;
    for (std::size_t d = 0; d < world.dimensions; ++d) {
        CohortDimension dimension{kCodes, {}};
        for (std::uint8_t first = 0; first < kCodes; ++first) {
            const auto end =
                static_cast<std::uint8_t>(d < world.dimensions / 2 ? first : kCodes - 1);
            for (std::uint8_t last = first; last <= end; ++last) {
                if (last - first + 1 < kCodes) {
                    dimension.ranges.push_back({first, last});
                }
            }
        }
        data.dimensions.push_back(std::move(dimension));
    }
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    for (const bool after : {false, true}) {
        auto& halves = after ? data.after : data.before;
        for (CohortRows& half : halves) {
            half.codes.resize(world.dimensions);
        }
        std::vector<std::uint8_t> codes(world.dimensions);
        for (std::size_t i = 0; i < world.rows; ++i) {
            for (std::uint8_t& code : codes) {
                code = static_cast<std::uint8_t>(uniform(random) * kCodes);
            }
            if (after && uniform(random) < (world.share_of_first_code - 1.0 / kCodes)) {
                codes.back() = 0;
            }
            CohortRows& half = halves[uniform(random) < 0.5 ? 0 : 1];
            for (std::size_t d = 0; d < world.dimensions; ++d) {
                half.codes[d].push_back(codes[d]);
            }
            half.part.push_back(world.value(codes, after, uniform(random)));
            half.whole.push_back(1.0);
        }
    }
    return data;
}

Value failures(std::function<double(const std::vector<std::uint8_t>&, bool)> rate) {
    return [rate = std::move(rate)](const auto& codes, bool after, double u) {
        return u < rate(codes, after) ? 1.0 : 0.0;
    };
}

double value_of(const RatioSums& sums) {
    return sums.part / sums.whole;
}

}  // namespace

TEST_CASE("cohort search: the planted cohort is found and nothing else") {
    const CohortConditions planted{{1, {3, 3}}, {4, {5, 7}}};
    const World world{.value = failures([](const auto& codes, bool after) {
                          return after && codes[1] == 3 && codes[4] >= 5 ? 0.7 : 0.2;
                      })};
    const CohortReport report = find_cohorts(draw(world, 1), {}, one_by_one);
    REQUIRE(report.cohorts.size() == 1);
    CHECK(report.cohorts[0].where == planted);
    CHECK(report.cohorts[0].q_value < 1e-12);
    const double change = value_of(report.all.after) - value_of(report.all.before);
    const RatioChange part = change_of(report.cohorts[0].sums, report.all);
    CHECK(part.rate / change == Approx(1.0).margin(0.15));
    CHECK(std::fabs(part.mix / change) < 0.05);
    CHECK(part.total() + change_of(report.rest, report.all).total() == Approx(change));
    CHECK(report.all.rows() == 2.0 * static_cast<double>(world.rows));
}

TEST_CASE("cohort search: three conditions, two causes, and one that works the other way") {
    const World world{.rows = 100'000, .value = failures([](const auto& codes, bool after) {
                                           if (!after) {
                                               return 0.3;
                                           }
                                           if (codes[0] == 1 && codes[2] == 6 && codes[5] <= 3) {
                                               return 0.95;
                                           }
                                           return codes[1] == 2 ? 0.1 : codes[3] == 7 ? 0.5 : 0.3;
                                       })};
    const CohortReport report = find_cohorts(draw(world, 2), {}, one_by_one);
    std::set<std::string> found;
    for (const Cohort& cohort : report.cohorts) {
        std::string text;
        for (const CohortCondition& one : cohort.where) {
            text += std::to_string(one.dimension) + ":" + std::to_string(one.range.first) + "-" +
                    std::to_string(one.range.last) + " ";
        }
        found.insert(text);
    }
    CHECK(found == std::set<std::string>{"0:1-1 2:6-6 5:0-3 ", "1:2-2 ", "3:7-7 "});
}

TEST_CASE("cohort search: more events of a bad kind are mix") {
    const World world{.value = failures([](const auto& codes, bool /*after*/) {
                          return codes.back() == 0 ? 0.6 : 0.1;
                      }),
                      .share_of_first_code = 0.4};
    const CohortReport report = find_cohorts(draw(world, 3), {}, one_by_one);
    REQUIRE(!report.cohorts.empty());
    CHECK(report.cohorts[0].where == CohortConditions{{5, {0, 0}}});
    const RatioChange part = change_of(report.cohorts[0].sums, report.all);
    CHECK(part.mix > 10.0 * std::fabs(part.rate));
}

TEST_CASE("cohort search: the threads do not matter") {
    const World world{.rows = 3'000, .value = failures([](const auto& codes, bool after) {
                                         return after && codes[0] == 1 ? 0.8 : 0.3;
                                     })};
    const CohortData data = draw(world, 4);
    const auto forwards = [](std::size_t items, const std::function<void(std::size_t)>& work) {
        for (std::size_t i = 0; i < items; ++i) {
            work(i);
        }
    };
    const CohortReport a = find_cohorts(data, {}, one_by_one);
    const CohortReport b = find_cohorts(data, {}, forwards);
    REQUIRE(a.cohorts.size() == b.cohorts.size());
    REQUIRE(!a.cohorts.empty());
    CHECK(a.cohorts[0].where == b.cohorts[0].where);
    CHECK(a.cohorts[0].p_value == b.cohorts[0].p_value);
}

TEST_CASE("cohort search: sets with nothing to count have no cohorts") {
    World world{.rows = 100, .value = failures([](const auto&, bool) { return 0.5; })};
    CohortData data = draw(world, 5);
    data.after = {};
    for (CohortRows& half : data.after) {
        half.codes.resize(world.dimensions);
    }
    const CohortReport report = find_cohorts(data, {}, one_by_one);
    CHECK(report.cohorts.empty());
    CHECK(report.all.before.n == 100.0);
    CHECK(report.rest.before.n == 100.0);
    CHECK(find_cohorts({}, {}, one_by_one).cohorts.empty());
}

TEST_CASE("cohort search: share of reports over cohorts that all changed alike") {
    struct Row {
        const char* what;
        std::size_t rows;
        Value value;
        int fired = 0;
    };

    const auto heavy = [](const auto&, bool after, double u) {
        return (after ? 1.2 : 1.0) * std::pow(1.0 - u, -0.4);  // Pareto, variance barely finite.
    };
    Row table[] = {
        {"nothing changed", 1'000, failures([](const auto&, bool) { return 0.1; })},
        {"nothing changed", 8'000, failures([](const auto&, bool) { return 0.1; })},
        {"all fail twice as often", 8'000, failures([](const auto&, bool after) {
             return after ? 0.2 : 0.1;
         })},
        {"all are slower, heavy tail", 8'000, heavy},
        {"cohorts differ, none changed", 8'000, failures([](const auto& codes, bool) {
             return codes[0] < 2 ? 0.4 : 0.05;
         })},
    };
    constexpr int kRuns = 300;
    std::printf("%-30s %8s %14s\n", "", "rows", "reports with a cohort");
    for (Row& row : table) {
        const World world{.rows = row.rows, .value = row.value};
        for (int run = 0; run < kRuns; ++run) {
            const CohortReport report =
                find_cohorts(draw(world, static_cast<std::uint64_t>(1'000 + run)), {}, one_by_one);
            row.fired += report.cohorts.empty() ? 0 : 1;
        }
        std::printf("%-30s %8zu %13.1f%%\n", row.what, row.rows, 100.0 * row.fired / kRuns);
        // 5 % and three standard errors of 300 runs.
        CHECK(row.fired <= kRuns * 0.088);
    }
}

TEST_CASE("cohort search: a cohort that the other half contradicts is not told of") {
    World world{.rows = 8'000, .value = failures([](const auto& codes, bool after) {
                                   return after && codes[0] == 1 ? 0.5 : 0.2;
                               })};
    CohortData data = draw(world, 9);
    world.value = failures([](const auto& codes, bool after) {
        return !after ? 0.5 : codes[0] == 1 ? 0.2 : 0.5;
    });
    const CohortData other = draw(world, 10);
    data.before[1] = other.before[1];
    data.after[1] = other.after[1];
    const CohortReport report = find_cohorts(data, {}, one_by_one);
    CHECK(report.tested > 0);
    CHECK(report.cohorts.empty());
}

TEST_CASE("cohort search: a doubled error rate in one of sixteen is found") {
    int found = 0;
    constexpr int kRuns = 50;
    const World world{.value = failures([](const auto& codes, bool after) {
                          return after && codes[2] == 4 && codes[5] >= 4 ? 0.2 : 0.1;
                      })};
    for (int run = 0; run < kRuns; ++run) {
        const CohortReport report =
            find_cohorts(draw(world, static_cast<std::uint64_t>(run)), {}, one_by_one);
        found += report.cohorts.size() == 1 &&
                         report.cohorts[0].where == CohortConditions{{2, {4, 4}}, {5, {4, 7}}}
                     ? 1
                     : 0;
    }
    std::printf(
        "1 in 16 of 20,000 events fails 20 %% instead of 10 %%: found exactly in %d of %d\n",
        found,
        kRuns);
    CHECK(found >= 15);
}

}  // namespace aiml042::stats
