// Objects whose keys are known: each key is found by the guess that it follows the one it followed
// last time.
//
// State: one guess per key. Cost: 2 ns where the guess is right, 20 ns where not. Threads: one
// owner.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "codec/json_walker.h"

namespace aiml042::codec {

class KnownKeys {
  public:
    static constexpr std::size_t kKeysMax = 24;

    /// One pass over one object.
    struct Visit {
        std::uint32_t seen = 0;  // A bit per key.
        std::uint8_t previous = kKeysMax;
    };

    /// A key that is not known, yet plausible: what to send instead, where no nearest name tells.
    struct Misnomer {
        std::string_view key;
        std::string_view advice;
    };

    /// `names` and `misnomers` outlive this: at most kKeysMax names of at most 15 bytes.
    explicit KnownKeys(std::span<const std::string_view> names,
                       std::span<const Misnomer> misnomers = {});

    /// Reads the key that stands at the walker, with its colon. A fault when it is not known (with
    /// the nearest that is) or was there before.
    bool read(JsonWalker& walker, Visit& visit, std::size_t& index);

    [[nodiscard]] std::string_view name(std::size_t index) const { return names_[index]; }

  private:
    bool read_slowly(JsonWalker& walker, std::size_t& index);
    [[nodiscard]] std::string suggestion(std::string_view key) const;

    std::span<const std::string_view> names_;
    std::span<const Misnomer> misnomers_;
    std::array<std::array<char, 16>, kKeysMax + 1> heads_{};  // The names with their closing quote.
    std::array<std::uint8_t, kKeysMax + 1> next_{};           // Guess of who follows.
};

/// Reads the object that stands at the walker: on_member(index) at each value that is not null.
template <typename OnMember>
bool read_object(JsonWalker& walker, KnownKeys& keys, KnownKeys::Visit& visit, OnMember on_member) {
    if (walker.peek() != '{') [[unlikely]] {
        return walker.fail_type("an object");
    }
    JsonWalker::Next step = walker.enter('}');
    while (step == JsonWalker::Next::kMore) {
        std::size_t index = 0;
        if (!keys.read(walker, visit, index)) {
            return false;
        }
        const bool good = walker.peek() == 'n' ? walker.read_null() : on_member(index);
        if (!good) [[unlikely]] {
            return walker.under(keys.name(index));
        }
        step = walker.next('}');
    }
    return step == JsonWalker::Next::kClosed;
}

}  // namespace aiml042::codec
