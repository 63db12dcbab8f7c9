// Slows down whoever keeps presenting bad credentials, by address.
//
// The first few failures of an address are free; after that it is told to wait, twice as long each
// time, up to five minutes. Good credentials are always let in, from any address: keys cannot be
// guessed, and one misconfigured client must not lock out the others behind the same address.
// Forgotten after ten quiet minutes. Threads: any. Bound: limits::kThrottledAddressesMax addresses;
// beyond, those quiet for longest are forgotten.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace aiml042::access {

class Throttle {
  public:
    static constexpr std::uint32_t kFreeFailures = 10;

    /// Notes a failure. Returns the seconds to wait when the address failed too often (its answer
    /// is then 429).
    std::optional<std::uint32_t> failed(std::string_view address, Timestamp steady_now);

  private:
    struct Record {
        std::uint32_t failures = 0;
        Timestamp last = 0;
    };

    void make_room(Timestamp steady_now) AIML_REQUIRES(mutex_);

    Mutex mutex_;
    std::unordered_map<std::string, Record> records_ AIML_GUARDED_BY(mutex_);
};

}  // namespace aiml042::access
