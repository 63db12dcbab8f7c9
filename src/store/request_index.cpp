#include "store/request_index.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace aiml042::store {

namespace {

// So many look-ups are on their way to memory at once.
constexpr std::size_t kAhead = 16;

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

Result<const RequestIndex::BlockRequests*> RequestIndex::of(const Disk& disk, const SealedBlock& block) {
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

void RequestIndex::find_in(const BlockRequests& requests,
                           std::span<const Hash128> hashes,
                           std::vector<FoundEvent>& found) {
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        if (i + kAhead < hashes.size()) {
            requests.table.prefetch(hashes[i + kAhead]);
        }
        requests.table.find(hashes[i], [&](std::uint32_t distance) {
            found.push_back({.request = static_cast<std::uint32_t>(i), .event = requests.first + distance});
        });
    }
}

Status RequestIndex::find(const Disk& disk,
                          Blocks blocks,
                          std::span<const Hash128> hashes,
                          std::vector<FoundEvent>& found) {
    if (blocks.empty()) {
        return Status::ok();
    }
    // A partition's last block has another id whenever any of its blocks was replaced.
    const bool again = last_.size() == blocks.size() && last_block_ == blocks.back()->id;
    if (again && hashes.size() < kAhead) {
        for (const Hash128& hash : hashes) {
            for (const BlockRequests* requests : last_) {
                requests->table.prefetch(hash);
            }
        }
        for (const BlockRequests* requests : last_) {
            find_in(*requests, hashes, found);
        }
        return Status::ok();
    }
    last_.clear();
    std::vector<const BlockRequests*> all;
    all.reserve(blocks.size());
    for (const auto& block : blocks) {  // Block by block, so that its table stays in the near cache for the whole batch.
        const BlockRequests* requests = nullptr;
        AIML_ASSIGN(requests, of(disk, *block));
        find_in(*requests, hashes, found);
        all.push_back(requests);
    }
    if (std::all_of(blocks.begin(), blocks.end(), [&](const auto& b) { return places_.count(b->id) != 0; })) {
        last_ = std::move(all);
        last_block_ = blocks.back()->id;
    }
    return Status::ok();
}

void RequestIndex::forget(std::uint64_t block) {
    if (const auto place = places_.find(block); place != places_.end()) {
        last_.clear();
        bytes_ -= place->second->table.memory_bytes();
        entries_.erase(place->second);
        places_.erase(place);
    }
}

}  // namespace aiml042::store
