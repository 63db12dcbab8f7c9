// The blocks that readers hold: a view keeps alive what it needs, so it stays readable whatever the
// fold does meanwhile.
//
// Threads: any.

#pragma once

#include <cstdint>
#include <memory>

#include "store/label_join.h"
#include "store/partition.h"
#include "store/sealed_block.h"
#include "store/store.h"

namespace aiml042::store {

/// View of a sealed block with the labels of its partition.
[[nodiscard]] std::shared_ptr<const Block> make_view(std::shared_ptr<Storage> storage,
                                                     std::shared_ptr<const SealedBlock> block,
                                                     LabelState labels);

/// View of the published rows of an open block. Call under the store's mutex.
[[nodiscard]] std::shared_ptr<const Block> make_view(std::shared_ptr<Storage> storage,
                                                     const OpenState& open,
                                                     LabelState labels);

}  // namespace aiml042::store
