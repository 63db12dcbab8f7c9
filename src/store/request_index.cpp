#include "store/request_index.h"

#include "base/limits.h"

namespace aiml042::store {

Result<std::unique_ptr<BlockRequests>> BlockRequests::read(const Disk& disk, const SealedBlock& block) {
    auto requests = std::make_unique<BlockRequests>();
    requests->first_ = block.min_sequence;
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
    requests->table_.reserve(ids->codes.size());
    for (std::size_t row = 0; row < ids->codes.size(); ++row) {
        if (const std::uint32_t code = ids->codes[row]; code != model::kNullCode) {
            const Lsn distance = static_cast<Lsn>(sequences->integers[row]) - block.min_sequence;
            requests->table_.insert(hashes[code], static_cast<std::uint32_t>(distance));
        }
    }
    return requests;
}

Result<const BlockRequests*> RequestIndex::of(const Disk& disk, const SealedBlock& block) {
    if (const auto place = places_.find(block.id); place != places_.end()) {
        entries_.splice(entries_.begin(), entries_, place->second);
        return static_cast<const BlockRequests*>(place->second->requests.get());
    }
    std::unique_ptr<BlockRequests> requests;
    AIML_ASSIGN(requests, BlockRequests::read(disk, block));
    bytes_ += requests->memory_bytes();
    entries_.push_front({block.id, std::move(requests)});
    places_[block.id] = entries_.begin();
    while (bytes_ > limits::kRequestIndexBytesMax && entries_.size() > 1) {
        forget(entries_.back().block);
    }
    return static_cast<const BlockRequests*>(entries_.front().requests.get());
}

void RequestIndex::forget(std::uint64_t block) {
    if (const auto place = places_.find(block); place != places_.end()) {
        bytes_ -= place->second->requests->memory_bytes();
        entries_.erase(place->second);
        places_.erase(place);
    }
}

}  // namespace aiml042::store
