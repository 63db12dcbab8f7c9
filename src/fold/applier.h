// The room after the log: takes committed records in Lsn order, joins labels to events, fills the
// store, seals it, cuts the log. Live and replay are the same apply().
//
// Threads: one fold thread of its own runs everything after start(); others put identities
// back during a replay. sink() is what the log's
// committer calls.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "identity/index.h"
#include "store/store.h"
#include "wal/writer.h"

namespace aiml042::fold {

struct ApplierOptions {
    std::uint64_t identity_seed = 0;
    Timestamp seal_age = 60 * kSecond;           // Rows stay open at most about this long.
    std::size_t queue_bytes_max = 128ULL << 20;  // Committed, not yet applied.
    Timestamp pending_label_horizon =
        400 * kDay;  // Labels whose event never came are dropped after this …
    std::function<bool()> may_forget =
        nullptr;  // … while this says that the clock can be believed.
};

class Applier {
  public:
    Applier(store::Store& store, identity::Index& identities, const ApplierOptions& options);
    ~Applier();
    Applier(const Applier&) = delete;
    Applier& operator=(const Applier&) = delete;

    /// At start, before the first apply(): begins to put identities of stored blocks that the
    /// index's runs do not have back into the index.
    void begin_replay();

    /// Applies one record now, on the caller's thread; for recovery, before start(). Skips what its
    /// partitions have sealed. A record that cannot be decoded is counted, logged and skipped:
    /// kCorruptBlock.
    Status apply(const wal::Record& record);

    /// After the last apply(): waits until all identities are in the index.
    Status finish_replay();

    /// Starts the thread. `now` gives the time (microseconds); `cut_log` is told the new head after
    /// each seal.
    void start(std::function<Timestamp()> now, std::function<void(Lsn)> cut_log);

    /// Queues a committed group; waits while queue_bytes_max is reached.
    void sink(wal::CommittedGroup group);

    /// Applies what is queued, seals everything (a clean start then replays nothing), stops the
    /// thread.
    Status close();

    /// Runs `work` on the fold thread between two groups and waits for it: retention, erasure.
    Status run(std::function<Status(store::Store&)> work);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::fold
