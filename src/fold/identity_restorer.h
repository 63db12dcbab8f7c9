// Puts identities of replayed records back into the index on a thread of its own, while the records
// are applied: a fifth of a replay.
//
// Memory: 24 bytes for each of limits::kFoldRestoreItemsMax identities and one record's. Threads:
// one owner.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/time.h"
#include "identity/index.h"

namespace aiml042::fold {

class IdentityRestorer {
  public:
    /// Requests that arrived together.
    struct Batch {
        struct Item {
            Hash128 identity;
            std::int32_t day = 0;  // Of the event.
        };

        Timestamp arrival = 0;
        std::vector<Item> items;
    };

    explicit IdentityRestorer(identity::Index& identities) : identities_(&identities) {}

    IdentityRestorer(const IdentityRestorer&) = delete;
    IdentityRestorer& operator=(const IdentityRestorer&) = delete;

    ~IdentityRestorer() { finish(); }

    /// Takes the items and leaves an empty batch. Waits while the queue is full.
    void add(Batch& batch);

    /// Waits until everything added is in the index.
    void drain();

    /// The same, and ends the thread; add() starts it again.
    void finish();

  private:
    void loop();
    void put_back(const Batch& batch);

    identity::Index* identities_;
    std::thread thread_;

    Mutex mutex_;
    std::condition_variable changed_;
    std::deque<Batch> queue_ AIML_GUARDED_BY(mutex_);  // The first is the one at work.
    std::size_t items_ AIML_GUARDED_BY(mutex_) = 0;    // In the queue.
    bool ending_ AIML_GUARDED_BY(mutex_) = false;
};

}  // namespace aiml042::fold
