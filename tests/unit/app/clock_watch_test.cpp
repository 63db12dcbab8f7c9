#include "app/clock_watch.h"

#include <catch2/catch.hpp>

#include "base/counter.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'764'000'000LL * kSecond;

std::uint64_t suspended() {
    return gauge("aiml042_retention_suspended", "").value();
}

}  // namespace

// Whoever sets the clock a year on must not lose a year of events for it.
TEST_CASE("clock watch: a jump is not believed until it is taken back or confirmed") {
    for (const Timestamp jump : {kHour + kSecond, -kHour - kSecond, 3'650 * kDay, -kStart}) {
        CAPTURE(jump);
        os::ManualClock clock(kStart);
        app::ClockWatch watch(clock);
        clock.advance(30 * kDay);
        CHECK(watch.believed() == clock.now());
        clock.move_wall(jump);
        CHECK_FALSE(watch.believed().has_value());
        CHECK(watch.moved() == jump);
        CHECK(suspended() == 1);
        clock.move_wall(-jump);
        CHECK(watch.believed() == clock.now());
        CHECK(suspended() == 0);
        clock.move_wall(jump);
        clock.advance(kDay);
        CHECK_FALSE(watch.believed().has_value());
        watch.confirm();
        CHECK(watch.believed() == clock.now());
        CHECK(watch.moved() == 0);
        CHECK(suspended() == 0);
        clock.move_wall(-jump);  // Back again is a jump like any other.
        CHECK_FALSE(watch.believed().has_value());
    }
}

TEST_CASE(
    "clock watch: small corrections are believed, also many of them in one direction up to an "
    "hour") {
    os::ManualClock clock(kStart);
    app::ClockWatch watch(clock);
    for (int i = 0; i < 60; ++i) {
        clock.advance(kHour);
        clock.move_wall(kMinute);
        CHECK(watch.believed().has_value());
    }
    clock.move_wall(kMinute);
    CHECK_FALSE(watch.believed().has_value());
}
