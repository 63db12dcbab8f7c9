// What a Store holds. Private to the room: store.cpp (rows, labels, reading), seal.cpp, verify.cpp.
//
// Lock order: `mutex` is never held while another lock is taken, but for the look at a block's
// atomic epoch. Members below it that readers see change only under its exclusive lock; the fold,
// the only writer, reads them without.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "store/garbage.h"
#include "store/names.h"
#include "store/partition.h"
#include "store/pending.h"
#include "store/request_index.h"
#include "store/store.h"

namespace aiml042::store {

struct SealedPartition;

struct Store::State {
    StoreOptions options;
    std::shared_ptr<Storage> storage;
    Names names;

    mutable std::shared_mutex mutex;
    std::map<std::pair<ProjectId, DeploymentId>, std::map<std::int32_t, std::shared_ptr<Partition>>>
        partitions;

    std::atomic<Lsn> visible{0};
    mutable std::mutex visible_mutex;
    mutable std::condition_variable visible_changed;

    std::atomic<std::uint64_t> open_bytes{0};

    // Of the fold.
    Pending pending;
    RequestIndex requests;
    Garbage garbage;
    std::map<PartitionKey, Partition*> unsealed;  // Partitions that have something to seal.
    std::vector<OpenState*> unpublished;  // Open blocks with rows that readers do not see yet.
    Partition* last_partition = nullptr;
    Lsn applied =
        0;  // Highest Lsn added; after open() the last before the head, where replay begins.
    Lsn published = 0;  // Highest Lsn given to publish() since open().
    Timestamp newest_arrival = 0;
    std::uint64_t next_id = 1;  // Of blocks and label chunks.
    std::uint64_t label_clock = 0;
    Lsn durable_head = 1;       // head() as of the last flush.
    bool flush_due = false;     // Something was written since.
    bool flush_wanted = false;  // It must become durable with the next seal().

    [[nodiscard]] Disk& disk() const { return *storage->disk; }

    [[nodiscard]] Partition* find(const PartitionKey& key) const;
    Partition& find_or_add(const PartitionKey& key);

    /// The partition has something that only the log has, from `sequence` on.
    void note_unsealed(Partition& partition, Lsn sequence);

    /// Head as of now, were all that was written flushed; and were `sealing` and the pending labels
    /// on disk.
    [[nodiscard]] Lsn written_head() const;
    [[nodiscard]] Lsn head_without(const std::set<PartitionKey>& sealing) const;
    /// Reads what head_without() was at the last write.
    [[nodiscard]] Status load_head();

    [[nodiscard]] Status load();

    // seal.cpp
    [[nodiscard]] std::vector<Partition*> choose(Timestamp now, Timestamp age) const;
    [[nodiscard]] Status prepare(SealedPartition& work, Batch& batch);
    void adopt(SealedPartition& work);
    [[nodiscard]] Status write(const std::set<PartitionKey>& keys, Batch batch);
    [[nodiscard]] Status seal(const std::vector<Partition*>& chosen);
    [[nodiscard]] Status flush();
};

}  // namespace aiml042::store
