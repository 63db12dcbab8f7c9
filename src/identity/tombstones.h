// Entries of runs that were erased and wait for their run to be rewritten.
//
// State: about 64 bytes of memory and 28 bytes of file each; limits::kIdentityTombstonesMax makes
// the index rewrite its runs. A tombstone holds for runs whose id is below its own, so a request
// that comes again after its erasure counts. Threads: any; one mutex, taken as the last one
// (insert() looks here while it holds a stripe).

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/status.h"
#include "identity/disk.h"
#include "identity/entry.h"

namespace aiml042::identity {

class Tombstones {
  public:
    /// Reads the folder's file; what follows a torn or damaged record is dropped.
    Status open(const std::string& folder);

    /// Written at once, durable with the next sync(): losing the last ones in a power cut only
    /// brings entries back that no event stands behind.
    Status add(std::uint64_t key, std::uint32_t check, std::int32_t day, std::uint64_t below_run);

    [[nodiscard]] bool covers(const Entry& entry, std::uint64_t run) const;

    [[nodiscard]] std::size_t size() const { return count_.load(std::memory_order_relaxed); }

    /// One more than the highest run id that any of them speaks of.
    [[nodiscard]] std::uint64_t run_max() const;

    Status sync();

    /// Forgets those that no run with an id of `oldest_run` or more can need, and rewrites the
    /// file.
    Status drop_before(std::uint64_t oldest_run);

  private:
    struct Name {
        std::uint64_t key;
        std::uint32_t check;
        std::int32_t day;

        friend bool operator==(const Name&, const Name&) = default;
    };

    struct NameHash {
        std::size_t operator()(const Name& name) const {
            return name.key ^ static_cast<std::uint32_t>(name.day);
        }
    };

    static void append_record(std::string& out, const Name& name, std::uint64_t below_run);

    mutable Mutex mutex_;
    std::string folder_ AIML_GUARDED_BY(mutex_);
    File file_ AIML_GUARDED_BY(mutex_);
    std::unordered_map<Name, std::uint64_t, NameHash> below_ AIML_GUARDED_BY(mutex_);
    std::atomic<std::size_t> count_{0};
};

}  // namespace aiml042::identity
