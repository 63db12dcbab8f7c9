// Stored rankings and judgements as grades: order, ties, ids of every kind, what is missing.

#include "query/ranking_reader.h"

#include <chrono>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "query/stored_json.h"

using namespace aiml042::query;  // NOLINT(google-build-using-namespace)

namespace {

using Grades = std::vector<double>;

Grades ranked(std::string_view ranking, std::string_view relevance) {
    RankingReader reader;
    const std::string event = fmt::format(R"({{"text":"\"ranking\":[]","ranking":{}}})", ranking);
    const std::string label = fmt::format(R"({{"relevance":{}}})", relevance);
    return reader.read(event, label) ? reader.ranked() : Grades{-1.0};
}

}  // namespace

TEST_CASE("ranking reader: by score, equal scores by id descending by bytes") {
    CHECK(ranked(R"([{"id":"a","score":1},{"id":"b","score":2},{"id":"c","score":-1e-3}])",
                 R"({"a":1,"b":2,"c":3})") == Grades{2, 1, 3});
    CHECK(ranked(R"([{"id":"a","score":1},{"id":"b","score":1},{"id":"B","score":1}])",
                 R"({"a":1,"b":2,"B":3})") == Grades{2, 1, 3});
    CHECK(ranked(R"([{"id":"9","score":1},{"id":"10","score":1},{"id":"\u00e9","score":1}])",
                 R"({"9":1,"10":2,"é":3})") == Grades{3, 1, 2});  // Bytes are not signed.
}

TEST_CASE("ranking reader: unjudged documents are 0 and cut at the end") {
    CHECK(ranked(R"([{"score":3,"id":"x"},{"score":2,"id":"y"},{"score":1,"id":"z"}])",
                 R"({"y":2,"z":0,"never":4})") == Grades{0, 2});
    CHECK(ranked(R"([{"id":"x","score":1}])", R"({"x":-1})").empty());
}

TEST_CASE("ranking reader: a document ranked twice counts at its first rank") {
    CHECK(ranked(R"([{"id":"x","score":2},{"id":"x","score":3},{"id":"y","score":1}])",
                 R"({"x":1,"y":1})") == Grades{1, 0, 1});
}

TEST_CASE("ranking reader: ids with escapes and ids that are numbers") {
    CHECK(ranked(R"([{"id":"a\"],}","score":1},{"id":12,"score":2},{"id":"\\","score":0}])",
                 R"({"a\"],}":3,"12":2,"\u005c":1})") == Grades{2, 3, 1});
}

TEST_CASE("ranking reader: without a document or a judgement there is nothing to say") {
    CHECK(ranked("[]", R"({"x":1})") == Grades{-1.0});
    CHECK(ranked(R"([{"id":"x","score":1}])", "{}") == Grades{-1.0});
    RankingReader reader;
    CHECK_FALSE(reader.read("", ""));
    CHECK_FALSE(reader.read("{}", R"({"relevance":{"x":1}})"));
    CHECK_FALSE(
        reader.read(R"({"llm":{"ranking":[{"id":"x","score":1}]}})", R"({"relevance":{"x":1}})"));
    REQUIRE(reader.read(R"({"ranking":[{"id":"x","score":1},{"id":"y","score":1}]})",
                        R"({"relevance":{"z":1,"y":3,"w":0}})"));
    CHECK(reader.length() == 2);
    CHECK(reader.ranked() == Grades{3});
    CHECK(reader.judged() == Grades{3, 1});
}

TEST_CASE("ranking reader: cost of a ranking of 100 documents with 1,000 judgements", "[.bench]") {
    std::string event = R"({"ranking":[)";
    std::string label = R"({"relevance":{)";
    for (int i = 0; i < 100; ++i) {
        event +=
            fmt::format(R"({}{{"id":"DOC-{:06}","score":{}.25}})", i == 0 ? "" : ",", i * 7, i);
    }
    for (int i = 0; i < 1'000; ++i) {
        label += fmt::format(R"({}"DOC-{:06}":{})", i == 0 ? "" : ",", i, i % 3);
    }
    event += "]}";
    label += "}}";
    RankingReader reader;
    std::size_t sum = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 1'000; ++i) {
        sum += reader.read(event, label) ? reader.ranked().size() : 0;
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    WARN(took.count() / 1'000 << " us per event, " << sum);
}
