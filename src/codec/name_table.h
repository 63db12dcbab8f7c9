// The names of a batch: deployments, model versions, and columns by (kind, type, name), each with a
// small index.
//
// Events of one stream carry the same names in the same order. Each name remembers who followed it
// last time, so that the next key is usually found by comparing its bytes with one guess, without
// hashing and without looking for its end.
//
// State: names outlive a batch (their indexes do not), so that a request with a single event
// profits too; at most 2 × limits::kNamesPerRequestMax names are kept. Cost: 3 ns where the guess
// is right, 30 ns where not. Threads: one owner.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <emmintrin.h>

#include "model/column.h"

namespace aiml042::codec {

/// What a name names: the kinds of columns by their own numbers, and two that are not columns.
enum class NameKind : std::uint8_t {
    kFeature = static_cast<std::uint8_t>(model::ColumnKind::kFeature),
    kMetadata = static_cast<std::uint8_t>(model::ColumnKind::kMetadata),
    kClassScore = static_cast<std::uint8_t>(model::ColumnKind::kClassScore),
    kQuantile = static_cast<std::uint8_t>(model::ColumnKind::kQuantile),
    kAttribution = static_cast<std::uint8_t>(model::ColumnKind::kAttribution),
    kDeployment,
    kModelVersion,
};

class NameTable {
  public:
    using Id = std::uint32_t;
    static constexpr Id kNone = 0xFFFF'FFFF;

    NameTable();

    /// Begins a batch: no name has an index. `seed` makes collisions unguessable.
    void begin_batch(std::uint64_t seed);

    /// Begins an item: no name has been used in it.
    void begin_item();

    /// Takes back the indexes that the item has made.
    void drop_item();

    /// The name that is expected after `previous` (kNone: first of its kind).
    [[nodiscard]] Id guess(NameKind kind, Id previous) const {
        return previous == kNone ? first_[static_cast<std::size_t>(kind)] : names_[previous].next;
    }

    /// Whether the string that begins at `quote` is the name `id` of `kind`. At most `limit` -
    /// `quote` bytes, or 17 bytes, are read.
    [[nodiscard]] bool matches(Id id, NameKind kind, const char* quote, const char* limit) const {
        if (id == kNone) {
            return false;
        }
        const Name& name = names_[id];
        if (name.kind != kind) {
            return false;
        }
        const std::size_t quoted = name.size + std::size_t{1};
        if (quoted <= sizeof(name.head)) [[likely]] {
            const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(quote + 1));
            const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(name.head));
            const auto equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
            const unsigned mask = (1U << quoted) - 1;
            return (equal & mask) == mask && name.is_plain;
        }
        return name.is_plain && static_cast<std::size_t>(limit - quote) > quoted &&
               std::memcmp(quote + 1, texts_.data() + name.text, quoted) == 0;
    }

    /// Finds or makes the name. kNone when this batch has too many.
    [[nodiscard]] Id find(NameKind kind, std::string_view text);

    /// Notes that `id` came after `previous`. False when the item has used `id` before.
    bool use(NameKind kind, Id previous, Id id) {
        if (previous == kNone) {
            first_[static_cast<std::size_t>(kind)] = id;
        } else {
            names_[previous].next = id;
        }
        Name& name = names_[id];
        const bool is_first = name.item != item_;
        name.item = item_;
        return is_first;
    }

    /// Index within the batch of the column of that name and type; made when there is none yet.
    std::uint32_t column(Id id, model::ValueType type) {
        Name& name = names_[id];
        const auto slot = static_cast<std::size_t>(type) - 1;
        if (name.batch == batch_ && name.index[slot] != kNone) [[likely]] {
            return name.index[slot];
        }
        return add_index(name, id, slot);
    }

    /// Index within the batch of a deployment or model version.
    std::uint32_t index(Id id) { return column(id, model::ValueType::kNumber); }

    [[nodiscard]] std::string_view text(Id id) const {
        return std::string_view(texts_).substr(names_[id].text, names_[id].size);
    }

    /// Appends the three tables of names as docs/formats/batch.md has them.
    void append_tables(std::string& out) const;

  private:
    static constexpr std::size_t kKinds = static_cast<std::size_t>(NameKind::kModelVersion) + 1;
    static constexpr std::size_t kTypes = 3;

    struct Name {
        char head[16] = {};      // The first bytes of the name with its closing quote.
        std::uint32_t text = 0;  // Offset in texts_.
        std::uint32_t size = 0;  // Without the quote.
        Id next = kNone;         // What followed last time.
        std::uint32_t item = 0;
        std::uint32_t batch = 0;
        std::uint32_t index[kTypes] = {};
        NameKind kind = NameKind::kFeature;
        bool is_plain = false;  // Looks in JSON as it is, so matches() may compare bytes.
    };

    /// One entry of a table of the batch.
    struct Entry {
        Id name;
        std::uint32_t slot;
    };

    [[nodiscard]] std::vector<Entry>& list(NameKind kind);
    std::uint32_t add_index(Name& name, Id id, std::size_t slot);
    void forget_all();
    Id add(NameKind kind, std::string_view text, std::size_t bucket);
    void grow();
    [[nodiscard]] std::uint64_t hash(NameKind kind, std::string_view text) const;

    std::uint64_t seed_ = 0;
    std::uint32_t item_ = 0;
    std::uint32_t batch_ = 0;
    std::size_t added_ = 0;  // Names made since the batch began.
    std::vector<Name> names_;
    std::string texts_;
    std::vector<Id> buckets_;  // Open addressing, a power of two, at most half full.
    Id first_[kKinds] = {};
    std::vector<Entry> columns_;
    std::vector<Entry> deployments_;
    std::vector<Entry> versions_;
    std::size_t marks_[3] = {0, 0, 0};  // Sizes of the lists when the item began.
};

}  // namespace aiml042::codec
