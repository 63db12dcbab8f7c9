// Reads a log folder from its head, telling a torn tail (never acknowledged: cut) from rot in
// acknowledged bytes (reported and quarantined, never skipped in silence).

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "wal/writer.h"

namespace aiml042::wal {

/// A damaged stretch of acknowledged bytes.
struct Damage {
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    Lsn after = 0;  // Last good Lsn before it.
    Lsn until =
        0;  // First Lsn behind it; after + 1 when the stretch held no record (a header, a seal).
};

struct ReplayReport {
    Lsn next = 1;  // First Lsn not used.
    Lsn head = 1;  // Below this the log was let go of on purpose (Writer::truncate_before).
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t torn_bytes = 0;
    std::vector<Damage> damages;
};

/// Calls `each` for every record with an item of Lsn >= `from`, in order; stops with its status
/// when it fails. With `repair` the end of the log is cut for good and everything before it made
/// durable, so that a Writer can go on; without (for `verify`) nothing is changed. Damage below
/// both `from` and the head is not looked for. Fails with kCorruptBlock when the log needs a newer
/// format; damage alone does not fail but is in the report. A folder that does not exist is an
/// empty log. Reads about 1 GB/s and holds one segment in memory.
Result<ReplayReport> replay(const std::string& folder,
                            Lsn from,
                            bool repair,
                            const std::function<Status(const Record&)>& each);

}  // namespace aiml042::wal
