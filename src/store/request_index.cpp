#include "store/request_index.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace aiml042::store {

namespace {

// So many look-ups are on their way to memory at once.
constexpr std::size_t kAhead = 16;

/// Of all rows; small blocks do not know it.
Timestamp first_arrival(const SealedBlock& block) {
    const auto at = std::ranges::lower_bound(block.columns, model::builtin::kArrival);
    if (block.zones.empty() || at == block.columns.end() || *at != model::builtin::kArrival) {
        return kTimestampMin;
    }
    const auto& zone = block.zones[static_cast<std::size_t>(at - block.columns.begin())];
    return zone ? static_cast<Timestamp>(zone->min) : kTimestampMin;
}

}  // namespace

Result<RequestIndex::BlockRequests> RequestIndex::read(const Disk& disk, const SealedBlock& block) {
    BlockRequests requests;
    requests.block = block.id;
    requests.first = block.min_sequence;
    std::shared_ptr<const model::ColumnVector> ids;
    AIML_ASSIGN(ids, read_column(disk, block, model::builtin::kRequestId));
    std::shared_ptr<const model::ColumnVector> sequences;
    AIML_ASSIGN(sequences, read_column(disk, block, model::builtin::kSequence));
    if (sequences == nullptr) {
        return Status(ErrorCode::kCorruptBlock, "a block has no sequences");
    }
    if (ids == nullptr) {
        return requests;
    }
    std::vector<Hash128> hashes(ids->strings.size());
    for (std::uint32_t i = 0; i < ids->strings.size(); ++i) {
        hashes[i] = request_hash(ids->strings.at(i));
    }
    requests.table.reserve(ids->codes.size());
    for (std::size_t row = 0; row < ids->codes.size(); ++row) {
        if (const std::uint32_t code = ids->codes[row]; code != model::kNullCode) {
            const Lsn distance = static_cast<Lsn>(sequences->integers[row]) - block.min_sequence;
            requests.table.insert(hashes[code], static_cast<std::uint32_t>(distance));
        }
    }
    return requests;
}

Result<const RequestIndex::BlockRequests*> RequestIndex::of(const Disk& disk,
                                                            const SealedBlock& block) {
    if (const auto place = places_.find(block.id); place != places_.end()) {
        entries_.splice(entries_.begin(), entries_, place->second);
        return static_cast<const BlockRequests*>(&*place->second);
    }
    auto requests = read(disk, block);
    if (!requests.is_ok()) {
        return requests.status();
    }
    bytes_ += requests->table.memory_bytes();
    entries_.push_front(std::move(*requests));
    places_[block.id] = entries_.begin();
    while (bytes_ > limits::kRequestIndexBytesMax && entries_.size() > 1) {
        forget(entries_.back().block);
    }
    return static_cast<const BlockRequests*>(&entries_.front());
}

RequestIndex::Lookup RequestIndex::lookup_of(const EventLookup& lookup) {
    const Hash128 hash = request_hash(lookup.request_id);
    if (!lookup.arrival) {
        return {hash, kTimestampMin, kTimestampMax};
    }
    const Timestamp second = floor_to(*lookup.arrival, kSecond);
    return {hash, second, second + kSecond - 1};
}

void RequestIndex::find_in(const BlockRequests& requests,
                           std::span<const Lookup> lookups,
                           std::vector<FoundEvent>& found) const {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        if (i + kAhead < chosen_.size()) {
            requests.table.prefetch(lookups[chosen_[i + kAhead]].hash);
        }
        requests.table.find(lookups[chosen_[i]].hash, [&](std::uint32_t distance) {
            found.push_back({.request = chosen_[i], .event = requests.first + distance});
        });
    }
}

Status RequestIndex::find(const Disk& disk,
                          Blocks blocks,
                          std::span<const Lookup> lookups,
                          std::vector<FoundEvent>& found) {
    for (const auto& block : blocks) {  // Block by block, so that its table stays in the near cache
                                        // for the whole batch.
        const Timestamp first = first_arrival(*block);
        chosen_.clear();
        for (std::uint32_t i = 0; i < lookups.size(); ++i) {
            if (lookups[i].arrival_from <= block->last_arrival && lookups[i].arrival_to >= first) {
                chosen_.push_back(i);
            }
        }
        if (chosen_.empty()) {
            continue;
        }
        const BlockRequests* requests = nullptr;
        AIML_ASSIGN(requests, of(disk, *block));
        find_in(*requests, lookups, found);
    }
    return Status::ok();
}

void RequestIndex::forget(std::uint64_t block) {
    if (const auto place = places_.find(block); place != places_.end()) {
        bytes_ -= place->second->table.memory_bytes();
        entries_.erase(place->second);
        places_.erase(place);
    }
}

}  // namespace aiml042::store
