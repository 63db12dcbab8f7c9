// Counts over a large fixed range of bins of which few are used: pages of 32 bins made when first
// touched.
//
// State: two bytes per page of the range, 256 bytes per page in use. Cost: about 1 ns per count.
// Order-free: integers. Threads: one owner at a time; combine owners with merge().

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aiml042::stats {

template <std::size_t kBins>
class PagedCounts {
    static constexpr std::size_t kPageBins = 32;
    static_assert(kBins % kPageBins == 0);
    static constexpr std::size_t kPages = kBins / kPageBins;
    using Page = std::array<std::uint64_t, kPageBins>;

  public:
    static constexpr std::size_t bins() { return kBins; }

    /// Adds `count` to `bin` (< kBins).
    void add(std::size_t bin, std::uint64_t count = 1) {
        page(bin / kPageBins)[bin % kPageBins] += count;
    }

    [[nodiscard]] std::uint64_t at(std::size_t bin) const {
        const std::uint16_t slot = slots_[bin / kPageBins];
        return slot == 0 ? 0 : pages_[slot - 1U][bin % kPageBins];
    }

    void merge(const PagedCounts& other) {
        for (std::size_t i = 0; i < kPages; ++i) {
            if (other.slots_[i] != 0) {
                const Page& from = other.pages_[other.slots_[i] - 1U];
                Page& to = page(i);
                for (std::size_t k = 0; k < kPageBins; ++k) {
                    to[k] += from[k];
                }
            }
        }
    }

    /// Calls visit(bin, count) for every non-zero count, bins ascending.
    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        for (std::size_t i = 0; i < kPages; ++i) {
            if (slots_[i] == 0) {
                continue;
            }
            const Page& counts = pages_[slots_[i] - 1U];
            for (std::size_t k = 0; k < kPageBins; ++k) {
                if (counts[k] != 0) {
                    visit(i * kPageBins + k, counts[k]);
                }
            }
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + pages_.capacity() * sizeof(Page);
    }

  private:
    Page& page(std::size_t i) {
        if (slots_[i] == 0) [[unlikely]] {
            pages_.emplace_back();
            slots_[i] = static_cast<std::uint16_t>(pages_.size());
        }
        return pages_[slots_[i] - 1U];
    }

    std::array<std::uint16_t, kPages> slots_{};  // 1 + index into pages_; 0 = none.
    std::vector<Page> pages_;
};

}  // namespace aiml042::stats
