// What a partial answer leaves out: blocks whose stored bytes fail their checksum, skipped because
// the question allowed it.

#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "codec/json_writer.h"
#include "store/store.h"

namespace aiml042::query {

/// Whether a failure means that the bytes of a block are lost, and not that the question is wrong.
[[nodiscard]] bool is_damage(const Status& status);

struct LeftOut {
    std::uint64_t blocks = 0;  // Their rows are not counted.
    std::uint64_t rows_at_most =
        0;  // All rows of these blocks: what of them was asked for is lost.
    std::uint64_t not_looked_at = 0;  // Blocks that task and classes were told without.
    std::string reason;               // Of the first one.

    [[nodiscard]] bool any() const { return blocks > 0 || not_looked_at > 0; }

    /// The rows of `block` are left out.
    void add_rows(const store::Block& block, const Status& why);
    /// What a block has could not be told.
    void add_unseen(const Status& why);
    void add(const LeftOut& other);

    /// "partial" and, when it is, "left_out": members of the caller's object.
    void write(codec::JsonWriter& writer) const;
};

}  // namespace aiml042::query
