// Reads the bytes of one segment: which frames are whole, which stretches are not, and what that
// proves. Pure; takes arbitrary bytes (it is a fuzz target).

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "wal/format.h"
#include "wal/writer.h"

namespace aiml042::wal {

/// What the two header sectors of a segment yield.
struct HeaderScan {
    bool found = false;       // `header` is good: from a copy, or rebuilt from a frame.
    bool first_bad = false;   // The copy in the first sector does not hold.
    bool second_bad = false;  // Nor does the one in the second.
    SegmentHeader header;     // first_lsn is 0 when it had to be rebuilt.
};

/// Looks for the header of segment `number` in `bytes` (the whole file). When both copies are lost,
/// the first frame that holds with the seed it names and says it belongs to `number` gives the
/// seed. Nothing found means that the file was made ahead and never used (or is lost altogether,
/// which the Lsns of its neighbours tell).
[[nodiscard]] HeaderScan scan_header(ByteView bytes, std::uint32_t number);

/// Bytes that do not hold although they had been acknowledged.
struct BadStretch {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    Lsn after = 0;
    Lsn until = 0;
};

struct SegmentScan {
    std::vector<BadStretch> bad;
    Lsn next = 0;           // First Lsn behind the last good record.
    std::uint64_t end = 0;  // Behind the last good frame.
    std::uint64_t tail_length =
        0;  // Bytes behind `end` that are neither zero nor good: a torn write, rot that only
            // the next segment can prove, or leftovers of a recycled file.
};

/// Reads the frames of a segment, calling `each` for every record in order, beginning with Lsn
/// `expected`. A stretch that does not hold is rot when a later frame holds that was written after
/// the stretch was durable; else it is left as the tail. Stops with the status of `each` when it
/// fails.
Result<SegmentScan> scan_frames(ByteView bytes,
                                const SegmentHeader& header,
                                Lsn expected,
                                const std::function<Status(const Record&)>& each);

}  // namespace aiml042::wal
