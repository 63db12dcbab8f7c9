#include "base/percent.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

// Names are whatever a client sent: a message's URL must still be one.
TEST_CASE("percent: all but the unreserved bytes are encoded") {
    CHECK(percent_encode("churn-v1.2_a~b") == "churn-v1.2_a~b");
    CHECK(percent_encode("a b/c?d#e%f") == "a%20b%2Fc%3Fd%23e%25f");
    CHECK(percent_encode("\xC3\xA9") == "%C3%A9");
    CHECK(percent_encode("").empty());
}
