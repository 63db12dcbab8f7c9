// How much a key may do per second: a token bucket as one number (GCRA).
//
// The number is the time at which the bucket would be full again ("theoretical arrival time").
// Lock-free; any thread. Source: ITU-T I.371, annex A.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace aiml042::access {

struct RateLimit {
    double per_second = 0.0;     // 0: no limit.
    double burst_seconds = 5.0;  // How much of unused time is saved up.
};

class Quota {
  public:
    explicit Quota(RateLimit limit);

    /// Takes `amount` when it is there. Else takes nothing and returns how long to wait, in
    /// microseconds.
    [[nodiscard]] std::optional<Timestamp> take(std::uint64_t amount, Timestamp steady_now);

    /// Takes `amount` even when it is not there: what comes later waits until it is paid back (at
    /// most a minute).
    void charge(std::uint64_t amount, Timestamp steady_now);

    /// How long until something is there again, in microseconds; nothing when it is now.
    [[nodiscard]] std::optional<Timestamp> wait(Timestamp steady_now) const;

  private:
    [[nodiscard]] std::int64_t cost_ns(std::uint64_t amount) const;

    const double ns_per_unit_;  // 0: no limit.
    const std::int64_t burst_ns_;
    std::atomic<std::int64_t> full_at_ns_{0};
};

}  // namespace aiml042::access
