// Request ids of sealed blocks, read when labels ask for them and kept while there is room.
//
// Threads: the fold thread only. Memory: at most limits::kRequestIndexBytesMax, but at least one block.
// Cost: about 2 ms to read a block of 65,536 rows, then tens of nanoseconds per look-up.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "store/request_table.h"
#include "store/sealed_block.h"

namespace aiml042::store {

/// The rows of one sealed block by request_id.
class BlockRequests {
  public:
    static Result<std::unique_ptr<BlockRequests>> read(const Disk& disk, const SealedBlock& block);

    template <typename Use>
    void find(const Hash128& request, Use&& use) const {
        table_.find(request, [&](std::uint32_t distance) { use(first_ + distance); });
    }

    [[nodiscard]] std::size_t memory_bytes() const { return table_.memory_bytes(); }

  private:
    Lsn first_ = 0;
    RequestTable table_;  // Instead of rows: distances of sequences from first_.
};

class RequestIndex {
  public:
    /// Valid until the next call.
    Result<const BlockRequests*> of(const Disk& disk, const SealedBlock& block);

    void forget(std::uint64_t block);

  private:
    struct Entry {
        std::uint64_t block = 0;
        std::unique_ptr<BlockRequests> requests;
    };

    std::list<Entry> entries_;  // Most recently used first.
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;
    std::size_t bytes_ = 0;
};

}  // namespace aiml042::store
