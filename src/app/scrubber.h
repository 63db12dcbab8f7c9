// The background scrub: reads everything stored against its checksums, a full pass in at most the
// period, so that rot is found while there may still be a copy elsewhere.
//
// One thread of background rank; it holds no lock of the rooms while it reads and goes past all
// caches. How far it got and what it found is kept in the file `scrub` of the data directory, so
// that a server that is restarted often gets through too. Threads: view() from any.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/scrub.h"
#include "base/time.h"
#include "identity/index.h"
#include "os/clock.h"
#include "store/store.h"
#include "wal/writer.h"

namespace aiml042::app {

struct ScrubOptions {
    std::string folder;                      // Of the whole data directory.
    Timestamp period = 7 * kDay;             // A pass begins this long after the one before.
    std::uint64_t bytes_per_second_max = 0;  // Never faster, though the pass takes longer then.
};

/// What is known of the stored bytes.
struct ScrubView {
    std::optional<Timestamp> last_pass;  // When a full pass last ended.
    std::uint64_t damaged = 0;           // Items; more may be damaged than are listed.
    std::vector<ScrubFault> items;       // File names with their folder in the data directory.
};

class Scrubber {
  public:
    /// All must outlive it. The first pass begins a minute from now (or a period, if shorter).
    Scrubber(ScrubOptions options,
             const store::Store& store,
             const identity::Index& identities,
             const wal::Writer& log,
             const os::Clock& clock);
    ~Scrubber();
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;

    [[nodiscard]] ScrubView view() const;

  private:
    /// A damaged item and the number of the pass that saw it last.
    struct Known {
        ScrubFault fault;
        std::uint64_t pass = 0;
    };

    void run(const std::stop_token& stop);
    bool wait(const std::stop_token& stop, Timestamp duration);
    bool pass(const std::stop_token& stop);
    bool pace(const std::stop_token& stop, std::uint64_t bytes);
    void found(const char* part, ScrubFault fault);
    void end_pass();
    [[nodiscard]] std::uint64_t bytes_per_second() const;
    void load();
    void save();

    const ScrubOptions options_;
    const store::Store& store_;
    const identity::Index& identities_;
    const wal::Writer& log_;
    const os::Clock& clock_;

    // Of the thread.
    std::mutex sleeping_;
    std::condition_variable_any wake_;
    Timestamp begun_ = 0;          // Of the pass, on the wall clock; 0: none is under way.
    std::uint64_t last_file_ = 0;  // Of the store, that the pass has read.
    std::uint64_t pass_ = 1;
    std::uint64_t rate_ = 1;
    Timestamp due_ = 0;    // On the steady clock: when what was read so far may have been read.
    Timestamp saved_ = 0;  // On the steady clock.

    mutable Mutex mutex_;
    std::map<std::string, Known> known_ AIML_GUARDED_BY(mutex_);  // By file and item.
    std::uint64_t unlisted_ AIML_GUARDED_BY(mutex_) = 0;          // Found in this pass beside them.
    std::optional<Timestamp> last_pass_ AIML_GUARDED_BY(mutex_);

    std::jthread thread_;
};

}  // namespace aiml042::app
