// One (day, project, deployment): its blocks, its labels, how far it is sealed; and its record on
// disk.
//
// Threads: the fold thread writes. What readers see (the members marked so) it changes only under
// the store's mutex.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "store/labels.h"
#include "store/open_block.h"
#include "store/sealed_block.h"

namespace aiml042::store {

/// An open block with what readers may know of it.
struct OpenState {
    std::shared_ptr<OpenBlock> block;
    std::uint32_t rows = 0;  // Published; and the range of their times.
    Timestamp min_timestamp = 0;
    Timestamp max_timestamp = 0;
    Timestamp last_arrival = 0;
    std::atomic<std::uint64_t> label_epoch{0};
    bool unpublished = false;  // Of the fold.
};

struct Partition {
    PartitionKey key;

    // Seen by readers.
    std::vector<std::shared_ptr<const SealedBlock>> sealed;  // By sequence; blocks do not overlap.
    std::vector<std::shared_ptr<OpenState>> open;            // By sequence, behind the sealed ones.
    std::shared_ptr<const LabelChunks> chunks = std::make_shared<LabelChunks>();
    std::shared_ptr<LabelLog> log;             // Null: no labels in memory.
    std::atomic<std::uint64_t> log_events{0};  // Events that have a label in the log.
    Timestamp last_arrival = 0;                // Of what is sealed.

    // Of the fold.
    Lsn covered = 0;
    Lsn first_unsealed = 0;  // 0: all is sealed.
    Timestamp oldest_unsealed = 0;
    std::size_t label_bytes = 0;  // Of the log.

    [[nodiscard]] bool has_unsealed() const { return first_unsealed != 0; }
};

/// The record of a partition in the meta family: covered Lsn and label chunks.
[[nodiscard]] std::string encode_partition_record(Lsn covered, const LabelChunks& chunks);
[[nodiscard]] Status decode_partition_record(ByteView bytes, Partition& partition);

}  // namespace aiml042::store
