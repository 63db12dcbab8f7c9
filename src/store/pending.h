// Labels that have no event yet, by the identity of the event they wait for.
//
// New ones are in memory until the next seal, older ones on disk with only a count per identity in
// memory (16 bytes). A label that was taken stays on disk until the partition it went to is sealed,
// so that a crash in between loses nothing: the replayed event takes it again. Threads: the fold
// thread only.

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/status.h"
#include "store/disk.h"
#include "store/sequence_map.h"
#include "store/store.h"

namespace aiml042::store {

class Pending {
  public:
    /// The same label sequence again, or one that is covered, changes nothing. When
    /// limits::kPendingLabelsMax labels wait it is not kept, which a counter shows.
    void add(const Hash128& identity, const LabelEntry& entry);

    std::vector<LabelEntry> take(const Disk& disk,
                                 const Hash128& identity,
                                 const PartitionKey& into);
    [[nodiscard]] std::vector<LabelEntry> peek(const Disk& disk, const Hash128& identity) const;

    /// Removes labels that arrived before `arrival` from memory at once, from disk with `batch`.
    Result<std::uint64_t> drop_before(const Disk& disk, Timestamp arrival, Batch& batch);

    /// Adds to `batch` everything that must be on disk when the partitions `sealing` are and the
    /// log may be cut behind `covered`. Call saved() when the batch was written.
    void save(const std::set<PartitionKey>& sealing, Lsn covered, Batch& batch) const;
    void saved(const std::set<PartitionKey>& sealing, Lsn covered);

    /// First Lsn that only the log has; 0 when there is none.
    [[nodiscard]] Lsn first_unsaved() const { return first_unsaved_; }

    /// Whether so many labels are only in memory that save() should not wait.
    [[nodiscard]] bool is_large() const { return fresh_count_ >= limits::kPendingFreshMax; }

    /// Arrival of the first label that save() would write.
    [[nodiscard]] Timestamp unsaved_since() const { return unsaved_since_; }

    [[nodiscard]] Lsn covered() const { return covered_; }

    /// Whether save() would write anything but the covered Lsn.
    [[nodiscard]] bool has_unsaved() const { return first_unsaved_ != 0; }

    [[nodiscard]] Status load(const Disk& disk);

    /// Decodes every stored label. For `verify`.
    [[nodiscard]] static Status verify(const Disk& disk);

  private:
    struct IdentityHash {
        std::size_t operator()(const Hash128& identity) const { return identity.high; }
    };

    struct Taken {
        Hash128 identity;
        LabelEntry entry;
        bool saved = false;
    };

    std::vector<LabelEntry> on_disk(const Disk& disk, const Hash128& identity) const;

    std::unordered_map<Hash128, std::vector<LabelEntry>, IdentityHash> fresh_;
    SequenceMap saved_;  // Upper half of the identity → labels on disk that were not taken.
    std::map<PartitionKey, std::vector<Taken>> taken_;
    std::set<std::pair<Hash128, Lsn>> taken_saved_;  // Of taken_, those on disk.
    std::uint64_t count_ = 0;                        // Labels that wait.
    std::uint64_t fresh_count_ = 0;                  // Labels added since save().
    Lsn first_unsaved_ = 0;
    Timestamp unsaved_since_ = 0;
    Lsn covered_ = 0;
};

}  // namespace aiml042::store
