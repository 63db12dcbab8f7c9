// Turns the labels in memory into sorted chunks and keeps the number of chunks that overlap small.
//
// Threads: the fold thread.

#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "store/disk.h"
#include "store/garbage.h"
#include "store/labels.h"
#include "store/store.h"

namespace aiml042::store {

/// Adds to `batch` the chunks of `log` and of those old chunks that are merged with it, and gives
/// all the chunks of the partition as they then are. A small newest chunk is merged with the new
/// one, so that chunks grow in tiers; when more than limits::kLabelChunksMax overlap, all are
/// merged into base chunks that do not. Cost of that: linear in the labels whose events lie in the
/// range of the new ones.
[[nodiscard]] Result<std::shared_ptr<const LabelChunks>> write_labels(const Disk& disk,
                                                                      const PartitionKey& partition,
                                                                      const LabelChunks& chunks,
                                                                      const LabelTable& log,
                                                                      std::uint64_t& next_id,
                                                                      Garbage& garbage,
                                                                      Batch& batch);

}  // namespace aiml042::store
