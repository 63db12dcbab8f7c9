// The entries of one stripe that are not in a run yet: open addressing with linear probing, 20
// bytes a slot.
//
// Load at most 0.7, growth by half: 29 to 43 bytes of memory per entry. Slots are picked by middle
// bits of the key, so keys must be hashes. The same identity may be there more than once (arrivals
// further apart than the horizon). Threads: none of its own; the stripe's mutex guards all but
// prefetch(), which only touches what may be a stale address.

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "identity/entry.h"

namespace aiml042::identity {

class HotTable {
  public:
    struct Erased {
        bool found = false;
        bool copied = false;  // A seal under way has already copied it into its run.
    };

    /// Calls `each(day, arrival)` for every entry with this identity.
    template <typename Each>
    void find(std::uint64_t key, std::uint32_t check, Each&& each) const {
        if (size_ == 0) {
            return;
        }
        for (std::size_t i = home(key); slots_[i].arrival != 0; i = next(i)) {
            const Slot& slot = slots_[i];
            if (slot.check == check && slot.key() == key) {
                each(slot.day(), slot.arrival);
            }
        }
    }

    void insert(const Entry& entry);

    Erased erase(std::uint64_t key, std::uint32_t check, std::int32_t day);

    /// Appends the entries that arrived before `before` (seconds) to `out` and marks them copied.
    void copy_before(std::uint32_t before, std::vector<Entry>& out);
    /// Drops what copy_before() marked, and gives back up to a third of the memory.
    void drop_copied();
    /// Undoes the marks.
    void keep_copied();

    void prefetch(std::uint64_t key) const;

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

  private:
    struct Slot {
        std::uint32_t key_low = 0;
        std::uint32_t key_high = 0;
        std::uint32_t check = 0;
        std::int32_t day_and_mark = 0;  // day * 2 + copied.
        std::uint32_t arrival = 0;      // 0 = free.

        [[nodiscard]] std::uint64_t key() const { return std::uint64_t{key_high} << 32 | key_low; }

        [[nodiscard]] std::int32_t day() const { return day_and_mark >> 1; }

        [[nodiscard]] bool copied() const { return (day_and_mark & 1) != 0; }
    };

    static_assert(sizeof(Slot) == 20);

    static std::size_t home_of(std::uint64_t key, std::uint64_t capacity) {
        return ((key >> 24 & 0xFFFF'FFFFU) * capacity) >> 32;
    }

    [[nodiscard]] std::size_t home(std::uint64_t key) const { return home_of(key, slots_.size()); }

    [[nodiscard]] std::size_t next(std::size_t i) const {
        return i + 1 == slots_.size() ? 0 : i + 1;
    }

    void place(const Slot& slot);
    /// Moves all entries for which `keep` holds into a table for `capacity` slots.
    template <typename Keep>
    void rebuild(std::size_t capacity, Keep keep);
    void free_slot(std::size_t i);

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
    std::atomic<const Slot*> base_{nullptr};  // For prefetch() only.
    std::atomic<std::size_t> capacity_{0};
};

}  // namespace aiml042::identity
