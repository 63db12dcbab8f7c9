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

    /// As steady(), but the time that the machine slept counts too.
    [[nodiscard]] virtual Timestamp since_boot() const { return steady(); }
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Timestamp now() const override;
    [[nodiscard]] Timestamp steady() const override;
    [[nodiscard]] Timestamp since_boot() const override;
};

/// Moves only when told to; move_wall() moves the wall clock alone, as an administrator may.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Timestamp start) : steady_(start) {}

    [[nodiscard]] Timestamp now() const override { return steady_.load() + moved_.load(); }

    [[nodiscard]] Timestamp steady() const override { return steady_.load(); }

    void advance(Timestamp by) { steady_.fetch_add(by); }

    void move_wall(Timestamp by) { moved_.fetch_add(by); }

  private:
    std::atomic<Timestamp> steady_;
    std::atomic<Timestamp> moved_{0};
};

}  // namespace aiml042::os
