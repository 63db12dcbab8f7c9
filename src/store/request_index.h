// Request ids of sealed blocks, read when labels ask for them and kept while there is room.
//
// Threads: the fold thread only. Memory: at most limits::kRequestIndexBytesMax, but at least one block.
// Cost: about 2 ms to read a block of 65,536 rows, then some ten nanoseconds per request id and block.

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

    /// Appends the events of `blocks` (a partition's) that have one of these request hashes, with its index.
    Status find(const Disk& disk, Blocks blocks, std::span<const Hash128> hashes, std::vector<FoundEvent>& found);

    void forget(std::uint64_t block);

  private:
    struct BlockRequests {
        std::uint64_t block = 0;
        Lsn first = 0;
        RequestTable table;  // Instead of rows: distances of sequences from `first`.
    };

    static Result<BlockRequests> read(const Disk& disk, const SealedBlock& block);
    Result<const BlockRequests*> of(const Disk& disk, const SealedBlock& block);
    static void find_in(const BlockRequests& requests,
                        std::span<const Hash128> hashes,
                        std::vector<FoundEvent>& found);

    std::list<BlockRequests> entries_;  // Most recently used first.
    std::unordered_map<std::uint64_t, std::list<BlockRequests>::iterator> places_;
    std::size_t bytes_ = 0;

    // The blocks asked for last, when all of them are here: single look-ups come in runs.
    std::uint64_t last_block_ = 0;
    std::vector<const BlockRequests*> last_;
};

}  // namespace aiml042::store
