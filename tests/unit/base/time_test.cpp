#include "base/time.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

TEST_CASE("time: RFC 3339 is read with offsets, fractions and leap seconds") {
    CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == 0);
    CHECK(parse_rfc3339("2025-11-25T10:02:31Z") == 1'764'064'951LL * kSecond);
    CHECK(parse_rfc3339("2025-11-25T11:02:31.5+01:00") == 1'764'064'951LL * kSecond + 500'000);
    CHECK(parse_rfc3339("2025-11-25 10:02:31.123456789z") == 1'764'064'951LL * kSecond + 123'456);
    CHECK(parse_rfc3339("2016-12-31T23:59:60Z") == parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST_CASE("time: what is not RFC 3339 is refused") {
    for (const char* text : {"",
                             "2025-11-25",
                             "2025-02-29T00:00:00Z",
                             "2025-11-25T24:00:00Z",
                             "2025-11-25T10:02:31",
                             "2025-11-25T10:02:31+25:00",
                             "2025-11-25T10:02:31.Z",
                             "2025-11-25T10:02:31Zx",
                             "25-11-25T10:02:31Z",
                             "2025-13-01T00:00:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}

TEST_CASE("time: text and number are each other's inverse, before 1970 too") {
    for (const char* text : {"1600-01-01T00:00:00Z",
                             "1969-12-31T23:59:59.999999Z",
                             "2025-11-25T10:02:31.500Z",
                             "9999-12-30T23:59:59Z"}) {
        CHECK(format_rfc3339(*parse_rfc3339(text)) == text);
    }
    CHECK(parse_rfc3339("1600-01-01T00:00:00Z") == kTimestampMin);
    CHECK(parse_rfc3339("9999-12-31T00:00:00Z") == kTimestampMax);
}

TEST_CASE("time: floor goes down for negative times") {
    CHECK(floor_to(-1, kHour) == -kHour);
    CHECK(floor_to(kHour, kHour) == kHour);
}
