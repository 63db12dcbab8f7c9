#include "query/left_out.h"

namespace aiml042::query {

bool is_damage(const Status& status) {
    // A sector that the disk refuses to read is no better than one that fails its checksum.
    return status.code() == ErrorCode::kCorruptBlock || status.code() == ErrorCode::kStorageFailed;
}

void LeftOut::add_rows(const store::Block& block, const Status& why) {
    add({.blocks = 1, .rows_at_most = block.rows(), .not_looked_at = 0, .reason = why.detail()});
}

void LeftOut::add_unseen(const Status& why) {
    add({.blocks = 0, .rows_at_most = 0, .not_looked_at = 1, .reason = why.detail()});
}

void LeftOut::add(const LeftOut& other) {
    reason = reason.empty() ? other.reason : reason;
    blocks += other.blocks;
    rows_at_most += other.rows_at_most;
    not_looked_at += other.not_looked_at;
}

void LeftOut::write(codec::JsonWriter& writer) const {
    writer.key("partial").boolean(any());
    if (any()) {
        writer.key("left_out")
            .begin_object()
            .field("blocks", blocks)
            .field("rows_at_most", rows_at_most)
            .field("blocks_not_looked_at", not_looked_at)
            .field("code", "corrupt_block")
            .field("reason", reason)
            .end_object();
    }
}

}  // namespace aiml042::query
