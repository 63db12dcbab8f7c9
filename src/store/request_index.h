// Request ids of sealed blocks, read when labels ask for them and kept while there is room.
//
// Threads: the fold thread only. Memory: at most limits::kRequestIndexBytesMax, but at least one
// block. Cost: about 2 ms to read a block of 65,536 rows, then some ten nanoseconds per request id
// and block; blocks whose arrivals cannot hold a request are passed over at one nanosecond each.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/status.h"
#include "store/request_table.h"
#include "store/sealed_block.h"
#include "store/store.h"

namespace aiml042::store {

class RequestIndex {
  public:
    using Blocks = std::span<const std::shared_ptr<const SealedBlock>>;

    struct Lookup {
        Hash128 hash;
        Timestamp arrival_from = 0;  // An event that arrived before this, or after the next,
        Timestamp arrival_to = 0;    // is not meant.
    };

    [[nodiscard]] static Lookup lookup_of(const EventLookup& lookup);

    /// Appends the events of `blocks` (a partition's) that one of the lookups means, with its
    /// index.
    Status find(const Disk& disk,
                Blocks blocks,
                std::span<const Lookup> lookups,
                std::vector<FoundEvent>& found);

    void forget(std::uint64_t block);

  private:
    struct BlockRequests {
        std::uint64_t block = 0;
        Lsn first = 0;
        RequestTable table;  // Instead of rows: distances of sequences from `first`.
    };

    static Result<BlockRequests> read(const Disk& disk, const SealedBlock& block);
    Result<const BlockRequests*> of(const Disk& disk, const SealedBlock& block);
    /// Looks up those of `lookups` whose indices are in chosen_.
    void find_in(const BlockRequests& requests,
                 std::span<const Lookup> lookups,
                 std::vector<FoundEvent>& found) const;

    std::list<BlockRequests> entries_;  // Most recently used first.
    std::unordered_map<std::uint64_t, std::list<BlockRequests>::iterator> places_;
    std::size_t bytes_ = 0;
    std::vector<std::uint32_t> chosen_;  // Kept between calls for its memory.
};

}  // namespace aiml042::store
