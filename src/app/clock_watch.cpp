#include "app/clock_watch.h"

#include <cstdlib>

#include "base/counter.h"
#include "base/log.h"

namespace aiml042::app {

namespace {

/// More than any leap, daylight saving mistake or patient correction.
constexpr Timestamp kMovedMax = kHour;

Counter& suspended() {
    static Counter& value =
        gauge("aiml042_retention_suspended",
              "1 while nothing is deleted by age because the wall clock was moved");
    return value;
}

}  // namespace

ClockWatch::ClockWatch(const os::Clock& clock) : clock_(clock), reference_(read()) {
    suspended().set(0);
}

std::optional<Timestamp> ClockWatch::believed() {
    const Pair now = read();
    Timestamp moved = 0;
    bool is = false;
    bool was = false;
    {
        const MutexLock lock(mutex_);
        moved = (now.wall - reference_.wall) - (now.boot - reference_.boot);
        is = std::llabs(moved) <= kMovedMax;
        was = believed_;
        believed_ = is;
    }
    if (is != was) {
        suspended().set(is ? 0 : 1);
        log_warn(is ? "clock_agrees_again" : "clock_moved_retention_suspended",
                 {{"moved_s", moved / kSecond}});
    }
    return is ? std::optional(now.wall) : std::nullopt;
}

void ClockWatch::confirm() {
    const Pair now = read();
    {
        const MutexLock lock(mutex_);
        reference_ = now;
    }
    static_cast<void>(believed());
}

Timestamp ClockWatch::moved() const {
    const Pair now = read();
    const MutexLock lock(mutex_);
    return (now.wall - reference_.wall) - (now.boot - reference_.boot);
}

}  // namespace aiml042::app
