// At start: puts the identities of stored events that the index's runs do not have back into the
// index.

#pragma once

#include <cstdint>

#include "base/status.h"
#include "identity/index.h"
#include "store/store.h"

namespace aiml042::fold {

/// Walks the blocks whose events arrived at or after identities.sealed_until(). A block that cannot
/// be read is logged and left out: start goes on, its requests may be taken twice. About 0.1 µs per
/// event; memory stays bounded (spill()).
Status restore_from_blocks(const store::Store& store,
                           identity::Index& identities,
                           std::uint64_t identity_seed);

/// Moves entries out of memory when the index has too many. For the time before the fold runs.
Status bound_memory(identity::Index& identities);

}  // namespace aiml042::fold
