// Decides when identities move from memory to runs, and does it on a thread of its own, so that the
// fold goes on.
//
// What is sealed outlives a crash whatever the log says, and must therefore be committed. The log
// commits in the order in which the gate remembered, so everything remembered before the last
// applied record is; what arrived kMargin before both the clock and that record was. Threads:
// maintain() and close() from the fold thread (close() after it ended).

#pragma once

#include <condition_variable>
#include <thread>

#include "base/mutex.h"
#include "base/time.h"
#include "identity/index.h"

namespace aiml042::fold {

class IdentitySealer {
  public:
    static constexpr Timestamp kHotAge = kHour;           // Younger ones stay in memory …
    static constexpr Timestamp kInterval = 10 * kMinute;  // … and are looked at this often …
    static constexpr Timestamp kMargin =
        20 * kSecond;  // … unless there are too many: then only these stay.
    static constexpr Timestamp kRetry = 5 * kSecond;  // Least time between two seals for memory.

    explicit IdentitySealer(identity::Index& identities) : identities_(&identities) {}

    IdentitySealer(const IdentitySealer&) = delete;
    IdentitySealer& operator=(const IdentitySealer&) = delete;

    ~IdentitySealer() { close(); }

    /// Starts a seal when one is due. When memory is at its bound, waits for the one that runs.
    /// `last_arrival`: of the last record applied; 0 when none was.
    void maintain(Timestamp now, Timestamp last_arrival);

    /// Waits for what runs and ends the thread.
    void close();

  private:
    void loop();

    identity::Index* identities_;
    Timestamp last_seal_ = 0;
    std::thread thread_;  // Made by the first seal.

    Mutex mutex_;
    std::condition_variable changed_;
    Timestamp before_ AIML_GUARDED_BY(mutex_) = 0;  // Asked for; 0 when idle.
    bool stopping_ AIML_GUARDED_BY(mutex_) = false;
};

}  // namespace aiml042::fold
