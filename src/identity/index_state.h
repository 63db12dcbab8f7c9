// What Index is made of; only its .cpp files include this.
//
// Locks, in the order they may be held together: a stripe's mutex, then the tombstones' (a leaf).
// `admin` is never held together with a stripe. A stripe holds its hot entries and the set of runs
// they go with: publish() changes both under one lock, so an identity is always found in exactly
// one of the two.

#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "identity/hot_table.h"
#include "identity/index.h"
#include "identity/manifest.h"
#include "identity/run.h"
#include "identity/run_writer.h"
#include "identity/tombstones.h"

namespace aiml042::identity {

using RunSet = std::vector<std::shared_ptr<const Run>>;

struct alignas(64) Stripe {
    std::mutex mutex;
    HotTable table;
    std::shared_ptr<const RunSet> runs;
};

inline constexpr std::size_t kStripes = 256;

struct Index::State {
    explicit State(IndexOptions o) : options(std::move(o)) {}

    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    const IndexOptions options;
    std::array<Stripe, kStripes> stripes;
    Tombstones tombstones;
    std::atomic<std::uint64_t> hot_entries{0};
    std::mutex seal_mutex;  // One seal at a time.
    bool forgets = false;   // Sabotage: nothing is restored.

    // Below: guarded by `admin`. I/O of the manifest happens under it (about a millisecond).
    mutable std::mutex admin;
    RunSet runs;
    Manifest manifest;  // As stored, but for next_run, which may be ahead.
    std::uint32_t late_min =
        0xFFFF'FFFFU;  // Earliest arrival (seconds) inserted behind a seal that is under way.
    std::vector<std::string> set_aside;
    bool stopping = false;
    bool merge_wanted = false;
    std::condition_variable merge_wake;
    std::thread merger;

    /// An insert that arrived (seconds) before this must call note_late().
    std::atomic<std::uint32_t> late_bound{0};

    Stripe& stripe(std::uint64_t key) { return stripes[key >> 56]; }

    const Stripe& stripe(std::uint64_t key) const { return stripes[key >> 56]; }

    Status open();
    Status open_runs();
    Status remove_leftovers();

    /// The clock went back, or a request was slow: makes sure that sealed_until does not promise
    /// this arrival.
    void note_late(std::uint32_t arrival);

    /// Seals what arrived before `before` seconds; with `raise` sealed_until moves there too.
    Status seal(std::uint32_t before, bool raise);
    Status write_run(RunWriter& writer, std::uint32_t before);
    void undo_copies();
    /// Stores manifest.runs and sealed_until as given; on success they are the state. With `admin`
    /// held.
    Status commit(RunSet new_runs, Timestamp sealed_until);
    /// Gives the runs to all stripes; with `drop` each forgets its copied entries in the same
    /// moment.
    void publish(bool drop);

    void merge_loop();
    /// Runs that should become one; with `admin` held. Empty: nothing to do.
    [[nodiscard]] RunSet pick_merge() const;
    /// True when something was merged.
    Result<bool> merge_once();
    void read_failed(const Run& run, const Status& status) const;
};

}  // namespace aiml042::identity
