#include "query/filter.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "base/limits.h"

using namespace aiml042;         // NOLINT(google-build-using-namespace)
using namespace aiml042::query;  // NOLINT(google-build-using-namespace)

namespace {

std::string canonical(std::string_view text) {
    const Result<Expression> parsed = parse_filter(text);
    if (!parsed) {
        return parsed.status().detail();
    }
    return canonical_text(*parsed);
}

std::string repeat(std::string_view part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += part;
    }
    return out;
}

}  // namespace

TEST_CASE("filter: what it reads, in its canonical form") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"   ", ""},
        {"age > 60", "age > 60"},
        {"age>60.50", "age > 60.5"},
        {"60 < age", "age > 60"},
        {"'x' = cohort", "cohort = \"x\""},
        {"age == 60", "age = 60"},
        {"age <> -1.5e-3", "age != -0.0015"},
        {"cohort = 'it''s'", "cohort = \"it's\""},
        {R"(cohort = "a\"b\\c")", R"(cohort = "a\"b\\c")"},
        {"is_special", "is_special = true"},
        {"not is_special", "not is_special = true"},
        {"is_special = TRUE", "is_special = true"},
        {"workclass IS NULL", "workclass is null"},
        {"workclass is not null", "workclass is not null"},
        {"not workclass is null", "workclass is not null"},
        {"a between 1 and 2 and b = 3", "a between 1 and 2 and b = 3"},
        {"a not between 1 and 2", "a not between 1 and 2"},
        {"name contains \"x\" or name starts_with 'y'",
         "name contains \"x\" or name starts_with \"y\""},
        {"a in (1, \"b\", true)", "a in (1,\"b\",true)"},
        {"a not in (1)", "a not in (1)"},
        {"`x y` = 1", "`x y` = 1"},
        {"metadata.`x y` = 1", "metadata.`x y` = 1"},
        {"`metadata.x y` = 1", "metadata.`x y` = 1"},
        {"features.age = 1", "feature.age = 1"},
        {"`and` = 1", "`and` = 1"},
        {"höhe > 3", "`höhe` > 3"},
        {"((a = 1))", "a = 1"},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(canonical(text) == expected);
        CHECK(canonical(expected) == expected);
    }
}

TEST_CASE("filter: and binds closer than or, not closest, and not moves to the tests") {
    CHECK(canonical("a=1 or b=2 and c=3") == "a = 1 or b = 2 and c = 3");
    CHECK(canonical("(a=1 or b=2) and c=3") == "(a = 1 or b = 2) and c = 3");
    CHECK(canonical("not a=1 and b=2") == "not a = 1 and b = 2");
    CHECK(canonical("not (a=1 and b=2)") == "not a = 1 or not b = 2");
    CHECK(canonical("not (a=1 or not (b=2 and c is null))") ==
          "not a = 1 and b = 2 and c is null");
    CHECK(canonical("not not not a in (1)") == "a not in (1)");
    CHECK(canonical("a=1 and (b=2 and c=3)") == "a = 1 and b = 2 and c = 3");
    CHECK(canonical(R"(age > 60 and region in ("NA","EU") and not (cohort = "ios"))") ==
          R"(age > 60 and region in ("NA","EU") and not cohort = "ios")");
}

TEST_CASE("filter: messages say where, what was expected and what was found") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"age >", "at character 6 of the filter: expected a value, but the filter ends here"},
        {"age > and", "at character 7 of the filter: expected a value, found \"and\""},
        {"age > old",
         "at character 7 of the filter: expected a value; texts go in quotes, found \"old\""},
        {"age 60",
         "at character 5 of the filter: expected an operator such as \"=\", \">\", \"in\" or "
         "\"is\", found \"60\""},
        {"(a = 1", "at character 7 of the filter: expected \"and\", \"or\" or \")\", but the filter ends here"},
        {"a = 1)", "at character 6 of the filter: expected \"and\", \"or\" or the end, found \")\""},
        {"a = \"x", "at character 5 of the filter: this text has no closing quote"},
        {"`a = 1", "at character 1 of the filter: this name has no closing backtick"},
        {"a = null",
         "at character 5 of the filter: nothing is equal to null; write \"is null\" or \"is not "
         "null\""},
        {"a in 1", "at character 6 of the filter: expected \"(\", found \"1\""},
        {"a in ()", "at character 7 of the filter: expected a value, found \")\""},
        {"a not 1",
         "at character 7 of the filter: expected \"in\", \"between\", \"contains\" or "
         "\"starts_with\", found \"1\""},
        {"a = 1 && b = 2",
         "at character 7 of the filter: write the words \"and\" and \"or\""},
        {"a ! 1", "at character 3 of the filter: expected \"!=\"; for \"not\" write the word"},
        {"a = 1e400", "at character 5 of the filter: this number is outside the range of a double"},
        {"a = 60x",
         "at character 5 of the filter: a number must end before a letter or a second point; put "
         "names that begin with a digit in backticks"},
        {"and", "at character 1 of the filter: expected a name, found \"and\""},
        {"a = 1; drop table", "at character 6 of the filter: this character has no meaning here"},
        {"a contains 5", "at character 12 of the filter: expected a text in quotes, found \"5\""},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        const Result<Expression> parsed = parse_filter(text);
        REQUIRE_FALSE(parsed.is_ok());
        CHECK(parsed.code() == ErrorCode::kInvalidArgument);
        CHECK(parsed.status().pointer() == "/filter");
        CHECK(parsed.status().detail() == expected);
    }
}

// Hostile sizes (facts/reliability.md, A32): an answer within 50 ms, and never a deep stack.
TEST_CASE("filter: bombs are refused at once") {
    const std::string huge_list = "a in (" + repeat("1,", 20'000) + "1)";
    const std::string bombs[] = {
        repeat("(", 10'000) + "a = 1" + repeat(")", 10'000),
        repeat("(", 60'000),
        "a = \"" + std::string(1 << 20, 'x') + "\"",
        repeat("not ", 100'000) + "a = 1",
        huge_list,
        "a = 1" + repeat(" or a = 1", 5'000),
        "a = '(a+)+$" + repeat("(", 1'000),
    };
    for (const std::string& text : bombs) {
        CAPTURE(text.substr(0, 20));
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(parse_filter(text).is_ok());
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(50));
    }
    // The largest allowed ones are read.
    CHECK(canonical(repeat("(", limits::kFilterDepthMax) + "a = 1" +
                    repeat(")", limits::kFilterDepthMax)) == "a = 1");
    CHECK(canonical(repeat("not ", 10'001) + "a = 1") == "not a = 1");
    CHECK(parse_filter("a in (" + repeat("1,", 9'999) + "1)").is_ok());
}
