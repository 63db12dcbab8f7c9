// The report on performance without labels: the same whatever the order in which events came, the
// number of workers and what is remembered.

#include "query/estimates.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "replay.h"

using namespace aiml042;               // NOLINT(google-build-using-namespace)
using namespace aiml042::query;        // NOLINT(google-build-using-namespace)
using namespace aiml042::query::test;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'717'200'000LL * kSecond;  // 2024-06-01T00:00:00Z.

struct Lines {
    std::vector<std::string> events;
    std::vector<std::string> labels;
};

/// Four days; a number and a text that say more than the score, and move after the second day.
Lines make_lines(bool regression) {
    std::mt19937_64 random(20261128);
    std::normal_distribution<double> normal;
    Lines out;
    for (int i = 0; i < 4'000; ++i) {
        const Timestamp ts = kStart + i * 86 * kSecond;
        const double x = normal(random) + (i > 2'000 ? 0.7 : 0.0);
        const std::string plan(1, static_cast<char>('a' + random() % 4));
        const double score = 0.5 + 0.4 * std::tanh(normal(random));
        const bool label = normal(random) * 0.5 + score + 0.3 * x > 0.6;
        const std::string prediction =
            regression
                ? fmt::format(R"({{"value":{}}})", score)
                : fmt::format(R"({{"class":"{}","score":{}}})", score >= 0.5 ? "yes" : "no", score);
        out.events.push_back(fmt::format(
            R"({{"deployment_id":"d","model_version":"v","request_id":"r{}","timestamp":{},)"
            R"("prediction":{},"features":{{"x":{},"plan":"{}"}}}})",
            i,
            ts / 1'000,
            prediction,
            x,
            plan));
        const std::string value = regression ? fmt::format("{}", score + x * normal(random))
                                  : label    ? R"("yes")"
                                             : R"("no")";
        if (random() % 4 != 0) {
            out.labels.push_back(fmt::format(
                R"({{"deployment_id":"d","request_id":"r{}","label":{},"label_ts":{}}})",
                i,
                value,
                (ts + static_cast<Timestamp>(random() % 40) * kHour) / 1'000));
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& lines) {
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

EstimatesRequest request() {
    EstimatesRequest out;
    out.rows.project = kProject;
    out.rows.deployment = "d";
    out.rows.range = {kStart + 2 * kDay, kStart + 4 * kDay};
    out.rows.step = 6 * kHour;
    out.rows.reference.emplace().window = {kStart, kStart + 2 * kDay};
    out.now = kStart + 5 * kDay;
    return out;
}

/// Without the sequence, which counts what was stored.
std::string report(const Engine& engine) {
    const auto answer = estimates_json(engine.core(), request());
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    return answer->substr(0, answer->find("\"as_of_seq\""));
}

}  // namespace

TEST_CASE(
    "estimates: the same rows give the same report in any order, with any number of workers") {
    for (const bool regression : {false, true}) {
        Lines lines = make_lines(regression);
        Database database;
        database.add_events(joined(lines.events));
        database.add_labels(joined(lines.labels));
        const Engine one = database.engine({.threads = 1});
        const std::string first = report(one);
        CHECK(first.find("\"shifted\":[\"feature.x\"") != std::string::npos);
        CHECK(report(one) == first);
        CHECK(report(database.engine({.threads = 4})) == first);
        std::mt19937_64 random(7);
        std::ranges::shuffle(lines.events, random);
        std::ranges::shuffle(lines.labels, random);
        Database other;
        other.add_events(joined({lines.events.begin(), lines.events.begin() + 1'500}));
        other.seal();
        other.add_events(joined({lines.events.begin() + 1'500, lines.events.end()}));
        other.add_labels(joined(lines.labels));
        CHECK(report(other.engine({.threads = 3})) == first);
    }
}

TEST_CASE("estimates: what was learned is forgotten when a label of the reference comes") {
    const Lines lines = make_lines(false);
    Database database;
    database.add_events(joined(lines.events));
    database.add_labels(joined({lines.labels.begin(), lines.labels.begin() + 500}));
    const Engine engine = database.engine();
    CHECK(report(engine).find("\"reference_labelled\":500,") != std::string::npos);
    database.add_labels(joined({lines.labels.begin() + 500, lines.labels.begin() + 501}));
    CHECK(report(engine).find("\"reference_labelled\":501,") != std::string::npos);
}
