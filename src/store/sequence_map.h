// A map from sequence numbers (never 0) to small numbers (never 0): open addressing, no removal.
//
// 16 bytes per slot, load at most 0.7. Threads: one owner, or readers only.

#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace aiml042::store {

class SequenceMap {
  public:
    /// The value of `key`, made 0 when it is new: set it before the next call.
    std::uint32_t& at(Lsn key) {
        if ((size_ + 1) * 10 > slots_.size() * 7) {
            grow();
        }
        Slot& slot = slots_[place(key)];
        if (slot.key == 0) {
            slot.key = key;
            ++size_;
        }
        return slot.value;
    }

    /// 0 when there is none.
    [[nodiscard]] std::uint32_t find(Lsn key) const { return slots_.empty() ? 0 : slots_[place(key)].value; }

    [[nodiscard]] std::size_t size() const { return size_; }

    void reserve(std::size_t keys) {
        while (keys * 10 > slots_.size() * 7) {
            grow();
        }
    }

  private:
    struct Slot {
        Lsn key = 0;
        std::uint32_t value = 0;
    };

    // Neighbours in sequence are neighbours in the table, 64 at a time: callers go through events in order.
    [[nodiscard]] std::size_t place(Lsn key) const {
        const std::uint64_t hash = (key / kNeighbours) * 0x9E3779B97F4A7C15ULL;
        std::size_t i = ((hash >> shift_) & ~(kNeighbours - 1)) | ((key + (hash >> 32)) & (kNeighbours - 1));
        while (slots_[i].key != 0 && slots_[i].key != key) {
            i = (i + 1) & (slots_.size() - 1);
        }
        return i;
    }

    void grow() {
        std::vector<Slot> old(slots_.empty() ? kNeighbours : slots_.size() * 2);
        shift_ = slots_.empty() ? 58 : shift_ - 1;
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.key != 0) {
                slots_[place(slot.key)] = slot;
            }
        }
    }

    static constexpr std::uint64_t kNeighbours = 64;

    std::vector<Slot> slots_;
    unsigned shift_ = 64;  // 64 - log2 of the number of slots.
    std::size_t size_ = 0;
};

}  // namespace aiml042::store
