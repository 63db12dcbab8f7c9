// Threads and memory: what a thread is called in `top` and profiles, how it ranks when cores are
// short, how much memory there is.

#pragma once

#include <cstddef>
#include <cstdint>

namespace aiml042::os {

enum class Rank : std::uint8_t {
    kAnswering,   // Somebody waits for it: requests, the log.
    kFollowing,   // Nobody waits, but it must keep up: applying records, queries' helpers.
    kBackground,  // Seals, merges, housekeeping: takes what the others leave.
};

/// Names the calling thread (15 characters are kept) and ranks it: nice 0, 5 or 10. On a small
/// machine a burst of background work otherwise delays every answer by its share of the core. Never
/// fails: a kernel that refuses leaves the thread as it was. A rank cannot be raised again without
/// privileges.
void enter_thread(const char* name, Rank rank);

/// Main memory of the machine.
[[nodiscard]] std::size_t memory_bytes();

}  // namespace aiml042::os
