// Ranks of the labelled class: ties, missing scores, a k beyond the classes.

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

struct Scored {
    std::uint32_t label;
    std::vector<double> scores;  // By class code.
};

Estimate top(std::uint64_t k, const std::vector<Scored>& rows) {
    RowTable table;
    for (const Scored& one : rows) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = one.label;
        for (std::uint32_t code = 0; code < one.scores.size(); ++code) {
            table.set_class_score(row, code, one.scores[code]);
        }
    }
    FinishOptions options;
    options.confidence = 0.95;
    options.top = TopK{.count = k};
    return measure("top_k_accuracy", TaskBit::kMulticlass, options, table);
}

}  // namespace

TEST_CASE("top-k accuracy: fewer than k classes are strictly above") {
    const std::vector<Scored> rows = {
        {0, {0.6, 0.3, 0.1}}, {1, {0.6, 0.3, 0.1}}, {2, {0.6, 0.3, 0.1}}, {2, {0.2, 0.4, 0.4}}};
    CHECK(top(1, rows).value == 0.5);  // The first; the last ties for the highest.
    CHECK(top(2, rows).value == 0.75);
    CHECK(top(3, rows).value == 1.0);
    CHECK(top(1'000, rows).value == 1.0);
    CHECK(top(2, rows).n == 4);
    CHECK(top(2, rows).interval.has_value());
}

TEST_CASE("top-k accuracy: equal scores are a hit at every k") {
    CHECK(top(1, {{3, {0.25, 0.25, 0.25, 0.25}}}).value == 1.0);
}

TEST_CASE("top-k accuracy: a labelled class without a score stands below all that have one") {
    const std::vector<Scored> rows = {{2, {-3.0, -5.0, kMissing}}, {7, {0.5, 0.5, kMissing}}};
    CHECK(top(2, rows).value == 0.0);
    CHECK(top(3, rows).value == 1.0);
}

TEST_CASE("top-k accuracy: rows without scores are left out") {
    CHECK(top(1, {}).reason == "no labels");
    CHECK(top(1, {{0, {kMissing, kMissing}}}).reason == "no scores on labelled events");
    CHECK(top(1, {{0, {kMissing, kMissing}}, {0, {1.0, 0.0}}}).n == 1);
}
