// The payload of a log record: the accepted items of one request, in a binary form that can be read
// alone.
//
// A payload is a header (kind, format, project, arrival time), a table of names, and rows. It holds
// everything that a fold needs, so live and replay are the same path. The sequence numbers of its
// items are the log's: item i of a record has Lsn record.first + i.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/status.h"
#include "model/row.h"

namespace aiml042::codec {

enum class BatchKind : std::uint8_t { kEvents = 1, kLabels = 2 };

/// Where a row lies in ParsedBatch::rows and its item in the body, and what dedupe needs of it.
struct RowExtent {
    Hash128 identity;
    Timestamp timestamp = 0;  // The event's time; label_ts of a label.
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t index = 0;  // Of the item in the request.
    std::uint32_t text_offset = 0;
    std::uint32_t text_length = 0;
};

/// An item that was not taken. `text` is the item as sent, cut at 16 KiB, for the dead-letter
/// store.
struct Rejection {
    std::uint32_t index = 0;
    Status status;
    std::string text;
};

/// The text of a rejected item as it is kept: cut where it is long, not within a character.
[[nodiscard]] std::string kept_text(std::string_view item);

/// What a parser makes of a request body.
struct ParsedBatch {
    BatchKind kind = BatchKind::kEvents;
    std::string head;  // Header and table of names.
    std::string rows;  // Rows one after another, as `extents` say.
    std::vector<RowExtent> extents;
    std::vector<Rejection> rejected;
    std::uint32_t items = 0;  // Items seen, good and bad.

    void clear() {
        head.clear();
        rows.clear();
        extents.clear();
        rejected.clear();
        items = 0;
    }
};

/// Reads a payload of kind kEvents or kLabels. Every read is bounds-checked: bytes from a disk are
/// not trusted.
class BatchReader {
  public:
    /// At the end of an empty batch.
    BatchReader();

    /// A reader of `payload`; fails as read() does.
    static Result<BatchReader> open(ByteView payload);

    BatchReader(const BatchReader&) = delete;
    BatchReader& operator=(const BatchReader&) = delete;
    BatchReader(BatchReader&&) noexcept;
    BatchReader& operator=(BatchReader&&) noexcept;
    ~BatchReader();

    /// Begins with another payload in the memory of the one before. Fails with kCorruptBlock when
    /// the header or a table is not well-formed.
    Status read(ByteView payload);

    [[nodiscard]] BatchKind kind() const;
    [[nodiscard]] ProjectId project() const;
    [[nodiscard]] Timestamp arrival() const;

    /// The names that rows refer to by index. A name may be in a table that no row uses any more.
    [[nodiscard]] std::span<const std::string_view> deployments() const;
    [[nodiscard]] std::span<const model::FieldView> columns() const;  // Without values.
    /// The bytes of the table of columns: where they are equal, the columns are.
    [[nodiscard]] ByteView column_table() const;

    /// Reads the next row into `row` (its vector is reused). False at the end or on a malformed
    /// row; then ok() tells.
    [[nodiscard]] bool next(model::EventRow& row);
    [[nodiscard]] bool next(model::LabelRow& row);
    [[nodiscard]] bool ok() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::codec
