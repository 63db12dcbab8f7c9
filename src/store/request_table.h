// Rows by the hash of their request_id, for one block: finds what a label belongs to without comparing texts.
//
// 96 bits of XXH3 are compared, so a wrong row has odds of 10^-12 over 10^10 look-ups in blocks of 65,536 rows.
// 16 bytes per slot, load at most 0.7. Cost: about 20 ns per call when the table is in a near cache.
// Threads: one owner.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace aiml042::store {

/// The hash that all request tables use.
[[nodiscard]] inline Hash128 request_hash(std::string_view request_id) { return hash128(request_id, 0x61696D6CULL); }

class RequestTable {
  public:
    /// Makes room for `rows` rows.
    void reserve(std::size_t rows) {
        std::size_t slots = 16;
        while (slots * 7 < rows * 10) {
            slots *= 2;
        }
        if (slots > slots_.size()) {
            rehash(slots);
        }
    }

    void insert(const Hash128& hash, std::uint32_t row) {
        if ((count_ + 1) * 10 > slots_.size() * 7) {
            rehash(slots_.empty() ? 16 : slots_.size() * 2);
        }
        place({hash.low, static_cast<std::uint32_t>(hash.high), row + 1});
        ++count_;
    }

    /// Calls `use(row)` for every row with this hash; usually none or one.
    template <typename Use>
    void find(const Hash128& hash, Use&& use) const {
        if (slots_.empty()) {
            return;
        }
        const auto check = static_cast<std::uint32_t>(hash.high);
        for (std::size_t at = hash.low & mask_; slots_[at].row_after != 0; at = (at + 1) & mask_) {
            if (slots_[at].low == hash.low && slots_[at].high == check) {
                use(slots_[at].row_after - 1);
            }
        }
    }

    /// Brings the slot of a hash near, for a find() that follows soon.
    void prefetch(const Hash128& hash) const {
        if (!slots_.empty()) {
            __builtin_prefetch(&slots_[hash.low & mask_]);
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

  private:
    struct Slot {
        std::uint64_t low = 0;
        std::uint32_t high = 0;
        std::uint32_t row_after = 0;  // Row + 1; 0 = free.
    };

    void place(const Slot& slot) {
        std::size_t at = slot.low & mask_;
        while (slots_[at].row_after != 0) {
            at = (at + 1) & mask_;
        }
        slots_[at] = slot;
    }

    void rehash(std::size_t slots) {
        std::vector<Slot> old(slots);
        old.swap(slots_);
        mask_ = slots - 1;
        for (const Slot& slot : old) {
            if (slot.row_after != 0) {
                place(slot);
            }
        }
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
};

}  // namespace aiml042::store
