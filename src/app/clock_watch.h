// Whether the wall clock can be believed: what is deleted by age must not go because somebody set
// the clock.
//
// State: a pair of wall clock and time since boot, taken at the start or at the last confirmation.
// When the wall clock has moved more than an hour against the other one it is not believed until it
// comes back or confirm() is called. A clock that is wrong from the start on is not noticed.
// Threads: all calls from any.

#pragma once

#include <optional>

#include "base/mutex.h"
#include "base/time.h"
#include "os/clock.h"

namespace aiml042::app {

class ClockWatch {
  public:
    explicit ClockWatch(const os::Clock& clock);

    /// The wall clock; nothing while it is not to be believed. Says in the log and in /metrics when
    /// that changes.
    std::optional<Timestamp> believed();

    /// The wall clock is right as it is now.
    void confirm();

    /// By how much the wall clock has moved against the time that went by.
    [[nodiscard]] Timestamp moved() const;

  private:
    struct Pair {
        Timestamp wall = 0;
        Timestamp boot = 0;
    };

    [[nodiscard]] Pair read() const { return {clock_.now(), clock_.since_boot()}; }

    const os::Clock& clock_;
    mutable Mutex mutex_;
    Pair reference_ AIML_GUARDED_BY(mutex_);
    bool believed_ AIML_GUARDED_BY(mutex_) = true;
};

}  // namespace aiml042::app
