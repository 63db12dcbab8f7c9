// Time, behind an interface so that tests can set it.

#pragma once

#include <atomic>

#include "base/time.h"

namespace aiml042::os {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Wall clock, microseconds since the epoch.
    [[nodiscard]] virtual Timestamp now() const = 0;
    /// Monotonic, microseconds from an arbitrary point.
    [[nodiscard]] virtual Timestamp steady() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override;
    [[nodiscard]] Timestamp steady() const override;
};

/// Moves only when told to.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Timestamp start) : now_(start) {}

    [[nodiscard]] Timestamp now() const override { return now_.load(); }

    [[nodiscard]] Timestamp steady() const override { return now_.load(); }

    void advance(Timestamp by) { now_.fetch_add(by); }

  private:
    std::atomic<Timestamp> now_;
};

}  // namespace aiml042::os
