// What is replaced or dropped but may still be read: removed from disk when the last reader has let
// go of it.
//
// A record in the meta family, written in the batch that made the garbage, remembers it over a
// restart, when nobody reads it any more. Threads: the fold thread.

#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "store/disk.h"
#include "store/labels.h"
#include "store/sealed_block.h"

namespace aiml042::store {

class Garbage {
  public:
    /// Adds the record to `batch`. The block (chunk) is not to be found in memory any more once
    /// that was written.
    void add(const std::shared_ptr<const SealedBlock>& block, Batch& batch);
    void add(const PartitionKey& partition,
             const std::shared_ptr<const LabelChunk>& chunk,
             Batch& batch);

    /// Everything of the partition with ids below `id_end`.
    void add_range(const PartitionKey& partition,
                   std::uint64_t id_end,
                   std::vector<std::weak_ptr<const void>> readers,
                   Batch& batch);

    /// What was added since the last call was written, or was not and is forgotten.
    void written();
    void discard();

    /// The batches that made the garbage are durable: ranges may lose whole files from now on.
    void flushed();

    /// Removes what nobody reads any more. True in `changed` when something was: flush then.
    [[nodiscard]] Status sweep(Disk& disk, bool& changed);

    [[nodiscard]] Status load(const Disk& disk);

    /// Largest id among the garbage, so that ids are not used twice.
    [[nodiscard]] std::uint64_t max_id() const;

  private:
    enum class Kind : std::uint8_t { kBlock = 1, kChunk = 2, kRange = 3 };

    struct Item {
        Kind kind = Kind::kBlock;
        PartitionKey partition;
        std::uint64_t id = 0;  // Of a range: its end.
        std::vector<ColumnId> columns;
        std::vector<std::weak_ptr<const void>> readers;
        bool durable = false;  // Files must not go before the record that nobody needs them.
    };

    static std::string key_of(const Item& item);
    void add(Item item, Batch& batch);

    std::list<Item> staged_;
    std::list<Item> items_;
};

}  // namespace aiml042::store
