#include "identity/hot_table.h"

#include <algorithm>

namespace aiml042::identity {

namespace {

constexpr std::size_t kCapacityMin = 64;

}  // namespace

void HotTable::place(const Slot& slot) {
    std::size_t i = home(slot.key());
    while (slots_[i].arrival != 0) {
        i = next(i);
    }
    slots_[i] = slot;
}

template <typename Keep>
void HotTable::rebuild(std::size_t capacity, Keep keep) {
    std::vector<Slot> old(capacity);
    old.swap(slots_);
    base_.store(slots_.data(), std::memory_order_relaxed);
    capacity_.store(slots_.size(), std::memory_order_relaxed);
    for (const Slot& slot : old) {
        if (slot.arrival != 0 && keep(slot)) {
            place(slot);
        }
    }
}

void HotTable::insert(const Entry& entry) {
    if ((size_ + 1) * 10 > slots_.size() * 7) {
        rebuild(std::max(kCapacityMin, slots_.size() + slots_.size() / 2),
                [](const Slot&) { return true; });
    }
    Slot slot;
    slot.key_low = static_cast<std::uint32_t>(entry.key);
    slot.key_high = static_cast<std::uint32_t>(entry.key >> 32);
    slot.check = entry.check;
    slot.day_and_mark = entry.day * 2;
    slot.arrival = entry.arrival;
    place(slot);
    ++size_;
}

void HotTable::free_slot(std::size_t i) {
    // Later entries of the probe chain move up, so that no marker of a deleted entry is needed.
    std::size_t gap = i;
    for (std::size_t j = next(i); slots_[j].arrival != 0; j = next(j)) {
        const std::size_t h = home(slots_[j].key());
        const bool reachable = gap <= j ? (h <= gap || h > j) : (h <= gap && h > j);
        if (reachable) {
            slots_[gap] = slots_[j];
            gap = j;
        }
    }
    slots_[gap] = Slot{};
    --size_;
}

HotTable::Erased HotTable::erase(std::uint64_t key, std::uint32_t check, std::int32_t day) {
    if (size_ == 0) {
        return {};
    }
    for (std::size_t i = home(key); slots_[i].arrival != 0; i = next(i)) {
        const Slot& slot = slots_[i];
        if (slot.check == check && slot.key() == key && slot.day() == day) {
            const Erased erased{.found = true, .copied = slot.copied()};
            free_slot(i);
            return erased;
        }
    }
    return {};
}

void HotTable::copy_before(std::uint32_t before, std::vector<Entry>& out) {
    for (Slot& slot : slots_) {
        if (slot.arrival != 0 && slot.arrival < before) {
            out.push_back({.key = slot.key(),
                           .check = slot.check,
                           .day = slot.day(),
                           .arrival = slot.arrival});
            slot.day_and_mark |= 1;
        }
    }
}

void HotTable::drop_copied() {
    const auto kept = static_cast<std::size_t>(std::ranges::count_if(
        slots_, [](const Slot& slot) { return slot.arrival != 0 && !slot.copied(); }));
    // Memory goes back by a third at a time: the next hour probably brings as many again.
    const std::size_t capacity = std::max({kCapacityMin, kept * 2, slots_.size() * 2 / 3});
    if (kept == size_ && capacity >= slots_.size()) {
        return;
    }
    rebuild(capacity, [](const Slot& slot) { return !slot.copied(); });
    size_ = kept;
}

void HotTable::keep_copied() {
    for (Slot& slot : slots_) {
        slot.day_and_mark &= ~1;
    }
}

void HotTable::prefetch(std::uint64_t key) const {
    const Slot* base = base_.load(std::memory_order_relaxed);
    if (base != nullptr) {
        __builtin_prefetch(base + home_of(key, capacity_.load(std::memory_order_relaxed)));
    }
}

}  // namespace aiml042::identity
