#include "os/clock.h"

#include <chrono>

#include <time.h>

namespace aiml042::os {

Timestamp SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

Timestamp SystemClock::steady() const {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since_start).count();
}

Timestamp SystemClock::since_boot() const {
    struct timespec now {};

    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return Timestamp{now.tv_sec} * kSecond + now.tv_nsec / 1'000;
}

}  // namespace aiml042::os
