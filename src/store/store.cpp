#include "store/store.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "store/keys.h"
#include "store/state.h"
#include "store/views.h"

namespace aiml042::store {

namespace {

constexpr std::uint32_t kFormat = 1;

// Rows of the next open block: so many that, when it is full, it makes a whole block together with
// the last sealed one.
std::uint32_t rows_of_next(const Partition& partition) {
    constexpr std::uint32_t kWhole = limits::kGroupRowsMax;
    const bool fill = partition.open.empty() && !partition.sealed.empty() &&
                      partition.sealed.back()->rows <= kWhole / 2;
    return fill ? kWhole - partition.sealed.back()->rows : kWhole;
}

// What one label takes in memory, texts apart.
constexpr std::size_t kLabelBytes = 96;

Status check_format(Disk& disk) {
    const std::string key(1, meta::kVersion);
    Status status = disk.read(Family::kMeta, key, [](ByteView value) -> Status {
        ByteReader in(value);
        const auto format = in.fixed<std::uint32_t>();
        if (!in.ok() || format == 0) {
            return {ErrorCode::kCorruptBlock, "the format version of the store is not valid"};
        }
        if (format > kFormat) {
            return {ErrorCode::kNotImplemented,
                    "the store was written in format " + std::to_string(format) +
                        "; this server reads up to " + std::to_string(kFormat)};
        }
        return Status::ok();
    });
    if (status.code() != ErrorCode::kNotFound) {
        return status;
    }
    std::string value;
    ByteWriter(value).fixed(kFormat);
    Batch batch;
    batch.put(Family::kMeta, key, value);
    return disk.write(std::move(batch));  // Durable with the first seal.
}

}  // namespace

Partition* Store::State::find(const PartitionKey& key) const {
    if (last_partition != nullptr && last_partition->key == key) {
        return last_partition;
    }
    const auto days = partitions.find(std::pair(key.project, key.deployment));
    if (days == partitions.end()) {
        return nullptr;
    }
    const auto at = days->second.find(key.day);
    return at == days->second.end() ? nullptr : at->second.get();
}

Partition& Store::State::find_or_add(const PartitionKey& key) {
    if (Partition* known = find(key); known != nullptr) {
        last_partition = known;
        return *known;
    }
    auto partition = std::make_shared<Partition>();
    partition->key = key;
    last_partition = partition.get();
    const std::unique_lock lock(mutex);
    partitions[std::pair(key.project, key.deployment)].emplace(key.day, partition);
    return *partition;
}

void Store::State::note_unsealed(Partition& partition, Lsn sequence) {
    if (partition.has_unsealed() && partition.first_unsealed <= sequence) {
        return;
    }
    if (!partition.has_unsealed()) {
        partition.oldest_unsealed = newest_arrival;
        unsealed.emplace(partition.key, &partition);
    }
    // What lies before the head is durable already: a pending label that an event took, for one.
    partition.first_unsealed = std::max(sequence, durable_head);
}

Lsn Store::State::head_without(const std::set<PartitionKey>& sealing) const {
    // Not from visible(): after open() that is the highest covered Lsn, which replay may still be
    // on its way to.
    Lsn head = std::max(published, applied) + 1;
    for (const auto& [key, partition] : unsealed) {
        head = sealing.contains(key) ? head : std::min(head, partition->first_unsealed);
    }
    return std::max(head, durable_head);
}

Lsn Store::State::written_head() const {
    const Lsn head = head_without({});
    return pending.has_unsaved() ? std::max(std::min(head, pending.first_unsaved()), durable_head)
                                 : head;
}

Status Store::State::load_head() {
    const Status status =
        disk().read(Family::kMeta, std::string(1, meta::kHead), [&](ByteView value) -> Status {
            ByteReader in(value);
            durable_head = in.varint();
            return in.ok() && durable_head > 0
                       ? Status::ok()
                       : Status(ErrorCode::kCorruptBlock, "the head is not valid");
        });
    applied = durable_head - 1;
    return status.code() == ErrorCode::kNotFound ? Status::ok() : status;
}

Status Store::State::load() {
    AIML_TRY(check_format(disk()));
    AIML_TRY(names.load(disk()));
    AIML_TRY(pending.load(disk()));
    AIML_TRY(garbage.load(disk()));
    next_id = garbage.max_id() + 1;
    const std::string partition_records(1, meta::kPartition);
    AIML_TRY(disk().scan(
        Family::kMeta,
        partition_records,
        behind(partition_records),
        [&](ByteView key, ByteView value) -> Status {
            KeyReader at(key.substr(1));
            const PartitionKey partition_key = at.partition();
            if (!at.done()) {
                return {ErrorCode::kCorruptBlock, "the key of a partition is not valid"};
            }
            Partition& partition = find_or_add(partition_key);
            Status status = decode_partition_record(value, partition);
            for (const auto& chunk : *partition.chunks) {
                next_id = std::max(next_id, chunk->id + 1);
            }
            return status;
        }));
    const std::string block_records(1, meta::kBlock);
    AIML_TRY(disk().scan(
        Family::kMeta,
        block_records,
        behind(block_records),
        [&](ByteView key, ByteView value) -> Status {
            KeyReader at(key.substr(1));
            const PartitionKey partition_key = at.partition();
            const std::uint64_t id = at.u64();
            Partition* partition = at.done() ? find(partition_key) : nullptr;
            if (partition == nullptr) {
                return {ErrorCode::kCorruptBlock, "a block belongs to no partition"};
            }
            std::shared_ptr<SealedBlock> block;
            AIML_ASSIGN(block, decode_block_record(partition_key, id, value));
            next_id = std::max(next_id, id + 1);
            partition->last_arrival = std::max(partition->last_arrival, block->last_arrival);
            partition->sealed.push_back(std::move(block));
            return Status::ok();
        }));
    AIML_TRY(load_head());
    Lsn covered = std::max(applied, pending.covered());
    for (const auto& [owner, days] : partitions) {
        for (const auto& [day, partition] : days) {
            std::sort(
                partition->sealed.begin(),
                partition->sealed.end(),
                [](const auto& a, const auto& b) { return a->min_sequence < b->min_sequence; });
            covered = std::max(covered, partition->covered);
        }
    }
    visible.store(covered);
    return Status::ok();
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
    auto state = std::make_unique<State>();
    std::unique_ptr<Disk> disk;
    AIML_ASSIGN(disk, Disk::open(options.folder));
    state->storage = std::make_shared<Storage>(std::move(disk), options.cache_bytes_max);
    state->options = std::move(options);
    AIML_TRY(state->load());
    return std::unique_ptr<Store>(new Store(std::move(state)));
}

std::optional<DeploymentInfo> Store::find_deployment(ProjectId project,
                                                     std::string_view name) const {
    return state_->names.find(project, name);
}

std::vector<DeploymentInfo> Store::deployments(ProjectId project) const {
    return state_->names.list(project);
}

std::vector<ProjectId> Store::projects() const {
    return state_->names.projects();
}

std::vector<std::shared_ptr<const Block>> Store::blocks(ProjectId project,
                                                        DeploymentId deployment,
                                                        TimeRange range) const {
    std::vector<std::shared_ptr<const Block>> views;
    const std::shared_lock lock(state_->mutex);
    const auto days = state_->partitions.find(std::pair(project, deployment));
    if (days == state_->partitions.end() || range.from >= range.to) {
        return views;
    }
    const auto touches = [&](Timestamp min, Timestamp max) {
        return min < range.to && max >= range.from;
    };
    const auto first_day =
        static_cast<std::int32_t>(floor_to(std::max(range.from, kTimestampMin), kDay) / kDay);
    for (auto at = days->second.lower_bound(first_day); at != days->second.end(); ++at) {
        if (at->first * kDay >= range.to) {
            break;
        }
        const Partition& partition = *at->second;
        const LabelState labels{.chunks = partition.chunks, .log = partition.log};
        for (const auto& block : partition.sealed) {
            if (touches(block->min_timestamp, block->max_timestamp)) {
                views.push_back(make_view(state_->storage, block, labels));
            }
        }
        for (const auto& open : partition.open) {
            if (open->rows > 0 && touches(open->min_timestamp, open->max_timestamp)) {
                views.push_back(make_view(state_->storage, *open, labels));
            }
        }
    }
    return views;
}

Lsn Store::visible() const {
    return state_->visible.load();
}

bool Store::wait_visible(Lsn lsn, std::uint32_t timeout_ms) const {
    std::unique_lock lock(state_->visible_mutex);
    return state_->visible_changed.wait_for(
        lock, std::chrono::milliseconds(timeout_ms), [&] { return state_->visible.load() >= lsn; });
}

StoreStats Store::stats(std::optional<ProjectId> project) const {
    StoreStats stats;
    stats.open_bytes = state_->open_bytes.load();
    const std::shared_lock lock(state_->mutex);
    for (const auto& [owner, days] : state_->partitions) {
        if (project && owner.first != *project) {
            continue;
        }
        for (const auto& [day, partition] : days) {
            for (const auto& block : partition->sealed) {
                stats.events += block->rows;
                stats.disk_bytes += block->bytes;
            }
            for (const auto& open : partition->open) {
                stats.events += open->rows;
            }
            for (const auto& chunk : *partition->chunks) {
                stats.labels += chunk->events;
                stats.disk_bytes += chunk->bytes;
            }
            stats.labels += partition->log_events.load();
            stats.blocks += partition->sealed.size() + partition->open.size();
        }
    }
    return stats;
}

std::vector<PartitionInfo> Store::partitions(ProjectId project) const {
    std::vector<PartitionInfo> found;
    const std::shared_lock lock(state_->mutex);
    auto at = state_->partitions.lower_bound(std::pair(project, DeploymentId{}));
    for (; at != state_->partitions.end() && at->first.first == project; ++at) {
        for (const auto& [day, partition] : at->second) {
            PartitionInfo info{.key = partition->key,
                               .rows = 0,
                               .bytes = 0,
                               .last_arrival = partition->last_arrival};
            for (const auto& block : partition->sealed) {
                info.rows += block->rows;
                info.bytes += block->bytes;
            }
            for (const auto& open : partition->open) {
                info.rows += open->rows;
                info.last_arrival = std::max(info.last_arrival, open->last_arrival);
            }
            for (const auto& chunk : *partition->chunks) {
                info.bytes += chunk->bytes;
            }
            if (info.rows > 0 || info.bytes > 0) {
                found.push_back(info);
            }
        }
    }
    return found;
}

Timestamp Store::last_arrival(PartitionKey partition_key) const {
    const Partition* partition = state_->find(partition_key);
    Timestamp last = partition == nullptr ? 0 : partition->last_arrival;
    if (partition != nullptr) {
        for (const auto& open : partition->open) {
            last = std::max(last, open->block->last_arrival());
        }
    }
    return last;
}

DeploymentId Store::intern_deployment(ProjectId project, std::string_view name) {
    return state_->names.intern_deployment(project, name);
}

std::optional<ColumnId> Store::intern_column(DeploymentId deployment, const model::ColumnKey& key) {
    return state_->names.intern_column(deployment, key);
}

void Store::append(PartitionKey partition_key,
                   const model::EventRow& row,
                   std::span<const ColumnId> columns,
                   Lsn sequence,
                   Timestamp arrival) {
    AIML_CHECK(floor_to(row.timestamp, kDay) / kDay == partition_key.day);
    State& state = *state_;
    Partition& partition = state.find_or_add(partition_key);
    if (sequence <= partition.covered) {
        return;
    }
    state.applied = std::max(state.applied, sequence);
    state.newest_arrival = std::max(state.newest_arrival, arrival);
    state.note_unsealed(partition, sequence);
    if (partition.open.empty() || partition.open.back()->block->full_for(sequence)) {
        auto open = std::make_shared<OpenState>();
        open->block =
            std::make_shared<OpenBlock>(partition_key, state.next_id++, rows_of_next(partition));
        const std::unique_lock lock(state.mutex);
        partition.open.push_back(std::move(open));
    }
    OpenState& open = *partition.open.back();
    const std::size_t before = open.block->bytes();
    open.block->append(row, columns, sequence, arrival);
    state.open_bytes.fetch_add(open.block->bytes() - before, std::memory_order_relaxed);
    if (!open.unpublished) {
        open.unpublished = true;
        state.unpublished.push_back(&open);
    }
}

Result<std::vector<Lsn>> Store::find_events(PartitionKey partition, std::string_view request_id) {
    std::vector<Lsn> found;
    std::vector<FoundEvent> all;
    const EventLookup lookup{.request_id = request_id, .arrival = {}};
    AIML_ASSIGN(all, find_events(partition, std::span(&lookup, 1)));
    found.reserve(all.size());
    for (const FoundEvent& event : all) {
        found.push_back(event.event);
    }
    return found;
}

Result<std::vector<FoundEvent>> Store::find_events(PartitionKey partition_key,
                                                   std::span<const EventLookup> lookups) {
    std::vector<FoundEvent> found;
    const Partition* partition = state_->find(partition_key);
    if (partition == nullptr) {
        return found;
    }
    std::vector<RequestIndex::Lookup> hashed;
    hashed.reserve(lookups.size());
    for (const EventLookup& lookup : lookups) {
        hashed.push_back(RequestIndex::lookup_of(lookup));
    }
    AIML_TRY(state_->requests.find(state_->disk(), partition->sealed, hashed, found));
    std::vector<Lsn> events;
    for (const auto& open : partition->open) {
        for (std::uint32_t i = 0; i < hashed.size(); ++i) {
            events.clear();
            open->block->find(hashed[i].hash, events);
            for (const Lsn event : events) {
                found.push_back({.request = i, .event = event});
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

void Store::add_label(PartitionKey partition_key, const LabelEntry& entry) {
    State& state = *state_;
    Partition& partition = state.find_or_add(partition_key);
    if (partition.log == nullptr) {
        auto log = std::make_shared<LabelLog>();
        const std::unique_lock lock(state.mutex);
        partition.log = std::move(log);
    }
    if (!partition.log->add(entry)) {
        return;
    }
    partition.log_events.store(partition.log->events(), std::memory_order_relaxed);
    state.applied = std::max(state.applied, entry.sequence);
    state.newest_arrival = std::max(state.newest_arrival, entry.arrival);
    state.note_unsealed(partition, entry.sequence);
    const std::size_t bytes = kLabelBytes + entry.remainder.size();
    partition.label_bytes += bytes;
    state.open_bytes.fetch_add(bytes, std::memory_order_relaxed);
    const std::uint64_t epoch = ++state.label_clock;
    const auto& sealed = partition.sealed;
    const auto at = std::lower_bound(
        sealed.begin(), sealed.end(), entry.event, [](const auto& block, Lsn event) {
            return block->max_sequence < event;
        });
    if (at != sealed.end()) {
        (*at)->label_epoch.store(epoch);
        return;
    }
    for (const auto& open : partition.open) {
        if (entry.event <= open->block->last_sequence()) {
            open->label_epoch.store(epoch);
            return;
        }
    }
}

void Store::add_pending(const Hash128& identity, const LabelEntry& entry) {
    state_->applied = std::max(state_->applied, entry.sequence);
    state_->newest_arrival = std::max(state_->newest_arrival, entry.arrival);
    state_->pending.add(identity, entry);
}

std::vector<LabelEntry> Store::take_pending(const Hash128& identity, PartitionKey into) {
    return state_->pending.take(state_->disk(), identity, into);
}

std::vector<LabelEntry> Store::peek_pending(const Hash128& identity) const {
    return state_->pending.peek(state_->disk(), identity);
}

std::uint64_t Store::drop_pending_before(Timestamp arrival) {
    Batch batch;
    auto dropped = state_->pending.drop_before(state_->disk(), arrival, batch);
    if (!dropped.is_ok() || !state_->disk().write(std::move(batch)).is_ok()) {
        return 0;  // They are dropped the next time.
    }
    state_->flush_due = state_->flush_due || *dropped > 0;
    return *dropped;
}

void Store::publish(Lsn lsn) {
    State& state = *state_;
    {
        const std::unique_lock lock(state.mutex);
        for (OpenState* open : state.unpublished) {
            open->unpublished = false;
            open->rows = open->block->rows();
            open->min_timestamp = open->block->min_timestamp();
            open->max_timestamp = open->block->max_timestamp();
            open->last_arrival = open->block->last_arrival();
        }
    }
    state.unpublished.clear();
    state.published = std::max(state.published, lsn);
    {
        const std::lock_guard lock(state.visible_mutex);
        state.visible.store(std::max(state.visible.load(), lsn));
    }
    state.visible_changed.notify_all();
}

Lsn Store::covered(PartitionKey partition) const {
    const Partition* known = state_->find(partition);
    return known == nullptr ? 0 : known->covered;
}

Lsn Store::covered_pending() const {
    return state_->pending.covered();
}

Lsn Store::head() const {
    return state_->flush_due ? state_->durable_head : state_->written_head();
}

}  // namespace aiml042::store
