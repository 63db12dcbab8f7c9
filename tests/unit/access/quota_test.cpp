#include "access/quota.h"

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using access::Quota;

TEST_CASE("quota: without a limit everything is there") {
    Quota quota({.per_second = 0.0, .burst_seconds = 1.0});
    for (int i = 0; i < 1'000; ++i) {
        CHECK_FALSE(quota.take(1'000'000, 0).has_value());
    }
}

// A104: the count over a minute is the rate, whatever the pattern of asking.
TEST_CASE("quota: over a minute as much is let through as the rate says") {
    for (const Timestamp pause : {kMillisecond, 7 * kMillisecond, 100 * kMillisecond}) {
        Quota quota({.per_second = 100.0, .burst_seconds = 0.2});
        int taken = 0;
        for (Timestamp now = 0; now < kMinute; now += pause) {
            while (!quota.take(1, now)) {
                ++taken;
            }
        }
        CAPTURE(pause);
        CHECK(taken >= 5'880);
        CHECK(taken <= 6'120);
    }
}

TEST_CASE("quota: waiting as long as told is enough, and not one microsecond less") {
    Quota quota({.per_second = 3.0, .burst_seconds = 1.0});
    Timestamp now = 1'000'000;
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(quota.take(1, now).has_value());
    }
    const auto wait = quota.take(1, now);
    REQUIRE(wait.has_value());
    CHECK(quota.take(1, now + *wait - 1).has_value());
    CHECK_FALSE(quota.take(1, now + *wait).has_value());
}

TEST_CASE("quota: a charge beyond what is there has to be paid back") {
    Quota quota({.per_second = 1'000.0, .burst_seconds = 1.0});
    CHECK_FALSE(quota.wait(0).has_value());
    quota.charge(1'000, 0);
    CHECK_FALSE(quota.wait(0).has_value());
    quota.charge(2'000, 0);
    CHECK(quota.wait(0) == 2 * kSecond);
    CHECK_FALSE(quota.wait(2 * kSecond).has_value());
    quota.charge(1'000'000'000, 2 * kSecond);
    CHECK(*quota.wait(2 * kSecond) <= kMinute);
}

TEST_CASE("quota: one unit may cost more than the burst") {
    Quota quota({.per_second = 0.1, .burst_seconds = 1.0});
    CHECK_FALSE(quota.take(1, 0).has_value());
    CHECK(quota.take(1, 0) == 10 * kSecond);
}
