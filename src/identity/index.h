// Which requests have been seen, and on which day their events are: dedupe before the log, label
// look-up after it.
//
// Hot part: a lock-striped open-addressing table. Sealed part: sorted runs in files, mapped, with
// filters in memory. Rebuilt at start from its runs plus what the caller re-inserts (blocks and log
// newer than the runs). A damaged run is set aside (renamed to *.corrupt) and its entries are asked
// for again by a lower sealed_until(). Threads: all calls from any thread. Memory bound: limits.h
// and README.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/scrub.h"
#include "base/status.h"
#include "base/time.h"

namespace aiml042::identity {

struct IndexOptions {
    std::string folder;                       // Of the sealed runs.
    Timestamp dedupe_horizon = 7 * kDay;      // By arrival.
    bool sabotage_forget_on_restart = false;  // Only honoured in AIML042_SABOTAGE builds.
    bool merge_inline =
        false;  // seal() merges runs itself instead of a background thread; for tests and tools.
};

struct IndexStats {
    std::uint64_t hot_entries = 0;
    std::uint64_t sealed_entries = 0;
    std::uint64_t runs = 0;
    std::uint64_t tombstones = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;
};

class Index {
  public:
    static Result<std::unique_ptr<Index>> open(IndexOptions options);
    ~Index();
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    /// Remembers that a request arrived whose event is of UTC day `day` (days since the epoch).
    /// False, and nothing changes, when the same identity arrived within the horizon before
    /// `arrival`. About 50 ns hot.
    bool insert(const Hash128& identity, std::int32_t day, Timestamp arrival);

    /// For callers that go through a batch: lookahead().touch(row i + 16) before row i is looked up
    /// brings the memory that it will need nearer. Make one per batch: while it lives the runs it
    /// saw stay in memory.
    class Lookahead {
      public:
        void touch(const Hash128& identity) const;

      private:
        friend class Index;
        struct Seen;
        std::shared_ptr<const Seen> seen_;
    };

    [[nodiscard]] Lookahead lookahead() const;

    /// At start, for events that are stored or logged: remembers one unless the same (identity,
    /// day, arrival) is there.
    void restore(const Hash128& identity, std::int32_t day, Timestamp arrival);

    /// When and for which day an identity was remembered.
    struct Sighting {
        std::int32_t day = 0;
        // Whole seconds, rounded down; none before 1970 and after 2106.
        std::optional<Timestamp> arrival;

        friend bool operator==(const Sighting&, const Sighting&) = default;
    };

    /// All that is remembered of an identity, newest arrival first; of any age. Usually none or
    /// one.
    [[nodiscard]] std::vector<Sighting> sightings(const Hash128& identity) const;

    /// Days of the events with this identity, newest arrival first, each once.
    [[nodiscard]] std::vector<std::int32_t> find(const Hash128& identity) const;

    /// Forgets one entry (retention, erasure). Cheap when it is hot; a sealed one is filtered until
    /// its run is rewritten.
    void erase(const Hash128& identity, std::int32_t day);

    /// Writes hot entries whose arrival is before `before` to a sealed run (durable on return).
    /// Those entries need not be re-inserted at the next start. Takes about 0.3 µs per hot entry
    /// while the others go on; never called from the ingest path. What is sealed outlives a crash
    /// whatever becomes of the log: only seal what is committed.
    Status seal(Timestamp before);

    /// Moves all hot entries to a run but leaves sealed_until() as it is: bounds memory in the
    /// middle of a restore.
    Status spill();

    /// Entries that arrived before this are all in runs: what the caller must re-insert at start
    /// begins here.
    [[nodiscard]] Timestamp sealed_until() const;

    [[nodiscard]] IndexStats stats() const;
    /// As in stats(), but at no cost.
    [[nodiscard]] std::uint64_t hot_entries() const;

    /// Checks every run: order, checksums, filters; and that open() set no run aside. For `verify`.
    [[nodiscard]] Status verify() const;

    /// Reads the runs there are now, from the disk itself, against their checksums. False when it
    /// was stopped.
    bool scrub(const Scrub& scrub) const;

  private:
    struct State;
    explicit Index(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::identity
