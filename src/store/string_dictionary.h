// Gives equal strings equal codes: the writing side of a string column.
//
// Threads: one owner. Cost: a compare when a value equals the one before, otherwise a hash and a
// probe (about 20 ns).

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "model/column.h"

namespace aiml042::store {

class StringDictionary {
  public:
    /// Code of `text` in `pool`, which only this dictionary adds to.
    std::uint32_t code(std::string_view text, model::StringPool& pool) {
        if (last_ < pool.size() && pool.at(last_) == text) {
            return last_;
        }
        if ((pool.size() + 1) * std::size_t{10} > slots_.size() * 7) {
            grow();
        }
        const std::uint64_t hash = hash64(text);
        const auto tag = static_cast<std::uint32_t>(hash >> 32);
        std::size_t at = hash & mask_;
        for (; slots_[at].code_after != 0; at = (at + 1) & mask_) {
            if (slots_[at].tag == tag && pool.at(slots_[at].code_after - 1) == text) {
                last_ = slots_[at].code_after - 1;
                return last_;
            }
        }
        last_ = pool.add(text);
        slots_[at] = {tag, static_cast<std::uint32_t>(hash), last_ + 1};
        return last_;
    }

    [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

  private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t low = 0;         // Low half of the hash, where the slot belongs.
        std::uint32_t code_after = 0;  // Code + 1; 0 = free.
    };

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 8 : slots_.size() * 2);
        old.swap(slots_);
        mask_ = slots_.size() - 1;
        for (const Slot& slot : old) {
            if (slot.code_after == 0) {
                continue;
            }
            std::size_t at = slot.low & mask_;
            while (slots_[at].code_after != 0) {
                at = (at + 1) & mask_;
            }
            slots_[at] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::uint32_t last_ = 0;
};

}  // namespace aiml042::store
