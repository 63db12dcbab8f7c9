#include "query/csv.h"

#include <utility>

#include <catch2/catch.hpp>

namespace aiml042::query {

namespace {

std::string cell(std::string_view text) {
    std::string out;
    append_text_cell(out, text);
    return out;
}

}  // namespace

// A label or a cohort is whatever a client sent, and tables are opened in spreadsheets.
TEST_CASE("csv: what a spreadsheet would take for a formula is guarded, numbers are not") {
    for (const char* formula : {"=1+1", "+SUM(A1)", "-1+cmd|' /C calc'!A0", "@a", "\ta", "--1"}) {
        CHECK(cell(formula) == ",\"'" + std::string(formula) + "\"");
    }
    CHECK(cell("\r") == ",\"'\r\"");
    for (const char* number : {"-1.5", "-1", "+3", "-2e-7", "0", "1e300"}) {
        CHECK(cell(number) == "," + std::string(number));
    }
    CHECK(cell("-inf") == ",\"'-inf\"");
}

TEST_CASE("csv: missing and empty look different, separators are quoted") {
    CHECK(cell({}) == ",");
    CHECK(cell("") == ",\"\"");
    CHECK(cell("a,b") == ",\"a,b\"");
    CHECK(cell("a\"b") == ",\"a\"\"b\"");
    CHECK(cell("a\r\nb") == ",\"a\r\nb\"");
    std::string out;
    append_number_cell(out, -1.5);
    append_number_cell(out, std::nullopt);
    CHECK(out == ",-1.5,");
}

}  // namespace aiml042::query
