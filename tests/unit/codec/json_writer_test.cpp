#include "codec/json_writer.h"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "codec/json_value.h"

namespace aiml042::codec {

TEST_CASE("json writer: commas, nesting, every kind of value") {
    JsonWriter writer;
    writer.begin_object().field("a", 1).field("b", "x").key("c").begin_array();
    writer.number(0.5)
        .integer(-3)
        .unsigned_integer(~std::uint64_t{0})
        .boolean(true)
        .null()
        .raw("[1]")
        .begin_object()
        .end_object();
    writer.end_array()
        .field("d", std::string("s"))
        .field("e", false)
        .field("f", 1.5)
        .field("g", std::string_view("v"));
    writer.key("h").begin_object().end_object().end_object();
    CHECK(
        writer.text() ==
        R"({"a":1,"b":"x","c":[0.5,-3,18446744073709551615,true,null,[1],{}],"d":"s","e":false,"f":1.5,"g":"v","h":{}})");
    CHECK(JsonValue::parse(writer.text()).is_ok());
    CHECK(writer.take().size() > 10);
}

TEST_CASE("json writer: text survives, whatever its bytes") {
    std::string text;
    for (int c = 0; c < 0x80; ++c) {
        text += static_cast<char>(c);
    }
    text += "é日本\U0001F600\u2028";
    JsonWriter writer;
    writer.begin_array().string(text).end_array();
    const auto value = JsonValue::parse(writer.text());
    REQUIRE(value.is_ok());
    CHECK(value->items()[0].string() == text);
    CHECK(writer.text().find('<') == std::string::npos);
    JsonWriter bad;
    bad.begin_array()
        .string("a\xFF\xC3")
        .string("\xED\xA0\x80")
        .string("\xC0\xAF")
        .string("\xF5\x80\x80\x80")
        .end_array();
    const auto repaired = JsonValue::parse(bad.text());
    REQUIRE(repaired.is_ok());
    CHECK(repaired->items()[0].string() == "a\uFFFD\uFFFD");
}

TEST_CASE("json writer: numbers that are none are null") {
    JsonWriter writer;
    writer.begin_array()
        .number(std::nan(""))
        .number(std::numeric_limits<double>::infinity())
        .number(-0.0)
        .end_array();
    CHECK(writer.text() == "[null,null,0]");
}

}  // namespace aiml042::codec
