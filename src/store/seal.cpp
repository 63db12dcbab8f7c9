// Sealing: from memory to disk, in batches that each take whole partitions from one consistent
// state to the next.

#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/block_writer.h"
#include "store/keys.h"
#include "store/label_writer.h"
#include "store/state.h"

namespace aiml042::store {

// A partition as it will be when its batch was written.
struct SealedPartition {
    Partition* partition = nullptr;
    std::vector<std::shared_ptr<const SealedBlock>> sealed;
    std::vector<std::shared_ptr<const SealedBlock>> replaced;
    std::shared_ptr<const LabelChunks> chunks;
};

namespace {

std::size_t open_bytes_of(const Partition& partition) {
    std::size_t bytes = partition.label_bytes;
    for (const auto& open : partition.open) {
        bytes += open->block->bytes();
    }
    return bytes;
}

bool has_full_block(const Partition& partition) {
    return std::any_of(partition.open.begin(), partition.open.end(), [](const auto& open) {
        return open->block->full_for(open->block->last_sequence() + 1);
    });
}

// Writes one open block, merged with those of the last `mergeable` sealed blocks that are not much
// larger.
Status seal_block(const Disk& disk,
                  const OpenBlock& block,
                  std::size_t& mergeable,
                  std::uint64_t id,
                  SealedPartition& work,
                  Batch& batch) {
    std::uint64_t rows = block.rows();
    std::uint64_t bytes = block.bytes();
    std::vector<BlockSource> sources = {{.open = &block, .sealed = nullptr}};
    std::size_t merged = 0;
    while (merged < mergeable) {
        const SealedBlock& older = *work.sealed[work.sealed.size() - 1 - merged];
        if (!should_merge(older, rows, bytes, block.last_sequence())) {
            break;
        }
        rows += older.rows;
        bytes += older.raw_bytes;
        sources.push_back({.open = nullptr, .sealed = &older});
        ++merged;
    }
    std::reverse(sources.begin(), sources.end());
    auto written = write_block(disk, sources, id, batch);
    if (!written.is_ok() && written.code() == ErrorCode::kCorruptBlock && merged > 0) {
        // What is damaged stays as it is and is reported to who reads it; new rows must not suffer.
        log_error("merge_skipped", {{"error", written.status().to_string()}});
        merged = 0;
        written = write_block(disk, std::span(sources).last(1), id, batch);
    }
    if (!written.is_ok()) {
        return written.status();
    }
    for (; merged > 0; --merged) {
        work.replaced.push_back(std::move(work.sealed.back()));
        work.sealed.pop_back();
    }
    work.sealed.push_back(std::move(*written));
    mergeable = 0;
    return Status::ok();
}

}  // namespace

std::vector<Partition*> Store::State::choose(Timestamp now, Timestamp age) const {
    std::vector<Partition*> chosen;
    std::vector<Partition*> rest;
    std::size_t left = 0;
    for (const auto& [key, partition] : unsealed) {
        if (age <= 0 || partition->oldest_unsealed <= now - age || has_full_block(*partition)) {
            chosen.push_back(partition);
        } else {
            rest.push_back(partition);
            left += open_bytes_of(*partition);
        }
    }
    if (left > options.memtable_bytes_max) {
        std::sort(rest.begin(), rest.end(), [](const Partition* a, const Partition* b) {
            return a->oldest_unsealed < b->oldest_unsealed;
        });
        for (Partition* partition : rest) {
            if (left <= options.memtable_bytes_max / 2) {
                break;
            }
            left -= open_bytes_of(*partition);
            chosen.push_back(partition);
        }
    }
    return chosen;
}

Status Store::State::prepare(SealedPartition& work, Batch& batch) {
    const Partition& partition = *work.partition;
    work.sealed = partition.sealed;
    work.chunks = partition.chunks;
    std::size_t mergeable = work.sealed.size();
    for (const auto& open : partition.open) {
        AIML_TRY(seal_block(disk(), *open->block, mergeable, next_id++, work, batch));
    }
    for (const auto& block : work.replaced) {
        batch.remove(Family::kMeta, block_key(partition.key, block->id));
        garbage.add(block, batch);
    }
    if (partition.log != nullptr) {
        AIML_ASSIGN(work.chunks,
                    write_labels(disk(),
                                 partition.key,
                                 *partition.chunks,
                                 partition.log->table(),
                                 next_id,
                                 garbage,
                                 batch));
    }
    batch.put(Family::kMeta,
              partition_key(partition.key),
              encode_partition_record(std::max(partition.covered, applied), *work.chunks));
    return Status::ok();
}

void Store::State::adopt(SealedPartition& work) {
    Partition& partition = *work.partition;
    open_bytes.fetch_sub(open_bytes_of(partition), std::memory_order_relaxed);
    unsealed.erase(partition.key);
    for (const auto& block : work.replaced) {
        requests.forget(block->id);
    }
    partition.covered = std::max(partition.covered, applied);
    partition.first_unsealed = 0;
    partition.oldest_unsealed = 0;
    partition.label_bytes = 0;
    std::vector<std::shared_ptr<OpenState>> open;  // Freed after the lock is gone.
    std::shared_ptr<LabelLog> log;
    const std::unique_lock lock(mutex);
    for (const auto& state : partition.open) {
        partition.last_arrival = std::max(partition.last_arrival, state->block->last_arrival());
    }
    partition.sealed.swap(work.sealed);
    partition.open.swap(open);
    partition.log.swap(log);
    partition.log_events.store(0);
    partition.chunks.swap(work.chunks);
}

Status Store::State::write(const std::set<PartitionKey>& keys, Batch batch) {
    const Lsn pending_covered = std::max(pending.covered(), applied);
    pending.save(keys, pending_covered, batch);
    std::string head;
    ByteWriter(head).varint(head_without(keys));
    batch.put(Family::kMeta, std::string(1, meta::kHead), head);
    names.save(batch);
    if (Status status = disk().write(std::move(batch)); !status.is_ok()) {
        garbage.discard();
        return status;
    }
    flush_due = true;
    flush_wanted = true;
    garbage.written();
    pending.saved(keys, pending_covered);
    names.saved();
    return Status::ok();
}

Status Store::State::seal(const std::vector<Partition*>& chosen) {
    std::size_t at = 0;
    do {  // Once also without partitions: for names and pending labels.
        Batch batch;
        std::vector<SealedPartition> group;
        std::set<PartitionKey> keys;
        for (; at < chosen.size() && batch.bytes() < limits::kSealBatchBytesMax; ++at) {
            SealedPartition& work = group.emplace_back();
            work.partition = chosen[at];
            if (Status status = prepare(work, batch); !status.is_ok()) {
                garbage.discard();
                return status;
            }
            keys.insert(chosen[at]->key);
        }
        AIML_TRY(write(keys, std::move(batch)));
        for (SealedPartition& work : group) {
            adopt(work);
        }
    } while (at < chosen.size());
    return Status::ok();
}

Status Store::State::flush() {
    AIML_TRY(disk().flush());
    flush_due = false;
    flush_wanted = false;
    garbage.flushed();
    durable_head = written_head();
    return Status::ok();
}

Status Store::seal(Timestamp now, Timestamp age) {
    State& state = *state_;
    publish(state.applied);
    bool swept = false;
    AIML_TRY(state.garbage.sweep(state.disk(), swept));
    state.flush_due = state.flush_due || swept;
    const std::vector<Partition*> chosen = state.choose(now, age);
    const bool loose =
        age <= 0 ? state.pending.has_unsaved() || state.names.has_unsaved()
                 : state.pending.has_unsaved() &&
                       (state.pending.unsaved_since() <= now - age || state.pending.is_large());
    if (!chosen.empty() || loose) {
        AIML_TRY(state.seal(chosen));
    }
    if (state.flush_wanted || (age <= 0 && state.flush_due)) {
        AIML_TRY(state.flush());
    }
    return Status::ok();
}

Status Store::drop_partition(PartitionKey key) {
    State& state = *state_;
    publish(state.applied);
    Partition* partition = state.find(key);
    if (partition == nullptr) {
        return Status::ok();
    }
    Batch batch;
    std::vector<std::weak_ptr<const void>> readers;
    for (const auto& block : partition->sealed) {
        batch.remove(Family::kMeta, block_key(key, block->id));
        readers.emplace_back(block);
    }
    readers.insert(readers.end(), partition->chunks->begin(), partition->chunks->end());
    if (!readers.empty()) {
        state.garbage.add_range(key, state.next_id, std::move(readers), batch);
    }
    // The record stays: a replay must not bring back what was dropped.
    SealedPartition empty;
    empty.partition = partition;
    empty.chunks = std::make_shared<LabelChunks>();
    empty.replaced = partition->sealed;
    batch.put(Family::kMeta,
              partition_key(key),
              encode_partition_record(std::max(partition->covered, state.applied), *empty.chunks));
    AIML_TRY(state.write({key}, std::move(batch)));
    state.adopt(empty);
    const std::unique_lock lock(state.mutex);
    partition->last_arrival = 0;
    return Status::ok();
}

}  // namespace aiml042::store
