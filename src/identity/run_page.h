// One page of a run: as many entries as fit into 1,024 bytes, compressed.
//
// Page (little-endian): CRC-32C u32 of all that follows, page number u32, run id u32 (its low
// half), entries u8, widths in bits u8 each of step, lag and arrival, first key u64, earliest
// arrival u32, least lag i32, then four columns that each begin at a whole byte: the steps from key
// to key (one fewer than there are entries), the checks (u32 each), lag - least lag, arrival -
// earliest arrival; zeros to the end. All but the checks are packed as in base/bit_pack.h. A lag is
// the event's day less the day of its arrival, so it hardly varies however many days a run covers.
// Sums wrap around modulo 2^32, but keys that do are damage.
//
// Cost: of 10^7 entries a step takes 43 or 44 bits and an entry 10.5 bytes when all arrived within
// a minute, 12.7 when over 90 days: 80 to 95 in a page, which a look-up unpacks the steps of.
// Version 1 of the runs had 50 entries of 20 bytes each in a page; it is only read. Threads: values
// and pure functions.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "identity/entry.h"

namespace aiml042::identity {

inline constexpr std::size_t kPageBytes = 1024;
inline constexpr std::size_t kPageHeaderBytes = 32;
/// When nothing but the checks takes room.
inline constexpr std::size_t kPageEntriesMax =
    (kPageBytes - kPageHeaderBytes) / sizeof(std::uint32_t);

/// Of the file's format: they differ in their pages.
enum class RunVersion : std::uint32_t { kFixed = 1, kPacked = 2 };

inline constexpr std::uint32_t kFixedEntryBytes = 20;  // Of version 1.

/// Which page is meant: a page in the wrong place is noticed.
struct PagePlace {
    std::uint64_t run = 0;
    std::uint64_t page = 0;
    RunVersion version = RunVersion::kPacked;
};

/// Gathers the entries of one page after another. Owned by one writer; 4.5 KB.
class PageBuilder {
  public:
    /// Adds an entry, whose key is not less than the one before. False, and nothing changes, when
    /// the page is full; an empty page takes any entry.
    [[nodiscard]] bool add(const Entry& entry);

    /// Of the page that is being filled.
    [[nodiscard]] std::uint64_t first_key() const { return keys_[0]; }

    /// Appends the page, of at least one entry, to `out` and begins the next one.
    void finish(const PagePlace& place, std::string& out);

  private:
    struct Range {
        std::int64_t low = 0;
        std::int64_t high = 0;

        [[nodiscard]] Range with(std::int64_t v) const;
        [[nodiscard]] unsigned width() const;
    };

    std::size_t count_ = 0;
    unsigned step_width_ = 0;
    Range lag_;
    Range arrival_;
    std::array<std::uint64_t, kPageEntriesMax> keys_{};
    std::array<std::uint32_t, kPageEntriesMax> checks_{};
    std::array<std::int32_t, kPageEntriesMax> lags_{};
    std::array<std::uint32_t, kPageEntriesMax> arrivals_{};
};

/// Appends the entries of a page, at least one, to `out`. kCorruptBlock, and `out` as it was, when
/// its checksum is wrong, it is not the page of this place, or it is not well-formed; what is read
/// then stays within its kPageBytes bytes.
Status decode_page(ByteView bytes, const PagePlace& place, std::vector<Entry>& out);

/// The same for the entries with this key and check.
Status find_in_page(ByteView bytes,
                    const PagePlace& place,
                    std::uint64_t key,
                    std::uint32_t check,
                    std::vector<Entry>& out);

}  // namespace aiml042::identity
