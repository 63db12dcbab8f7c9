#include "store/labels.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "base/check.h"
#include "base/limits.h"
#include "store/column_codec.h"

namespace aiml042::store {

namespace {

using model::ColumnVector;
using model::ValueType;

constexpr std::uint8_t kFormat = 1;

std::uint32_t add_text(std::string_view text,
                       bool present,
                       ColumnVector& to,
                       StringDictionary& dictionary) {
    const std::uint32_t code = present ? dictionary.code(text, to.strings) : model::kNullCode;
    to.codes.push_back(code);
    return code;
}

void copy_text(const ColumnVector& from,
               std::size_t i,
               ColumnVector& to,
               StringDictionary& dictionary) {
    const std::uint32_t code = from.codes[i];
    const bool present = code != model::kNullCode;
    add_text(present ? from.strings.at(code) : std::string_view(), present, to, dictionary);
}

std::string text_at(const ColumnVector& column, std::size_t i) {
    const std::uint32_t code = column.codes[i];
    return code == model::kNullCode ? std::string() : std::string(column.strings.at(code));
}

ColumnVector gather_integers(const std::vector<std::int64_t>& from,
                             std::span<const std::uint32_t> order) {
    ColumnVector column;
    column.type = ValueType::kTime;
    column.integers.reserve(order.size());
    for (const std::uint32_t i : order) {
        column.integers.push_back(from[i]);
    }
    return column;
}

ColumnVector gather_numbers(const std::vector<double>& from, std::span<const std::uint32_t> order) {
    ColumnVector column;
    column.numbers.reserve(order.size());
    for (const std::uint32_t i : order) {
        column.numbers.push_back(from[i]);
    }
    return column;
}

ColumnVector gather_texts(const ColumnVector& from, std::span<const std::uint32_t> order) {
    ColumnVector column;
    column.type = ValueType::kString;
    column.codes.reserve(order.size());
    std::vector<std::uint32_t> codes(from.strings.size(), model::kNullCode);
    for (const std::uint32_t i : order) {
        const std::uint32_t code = from.codes[i];
        if (code != model::kNullCode && codes[code] == model::kNullCode) {
            codes[code] = column.strings.add(from.strings.at(code));
        }
        column.codes.push_back(code == model::kNullCode ? code : codes[code]);
    }
    return column;
}

Status corrupt(const char* what) {
    return {ErrorCode::kCorruptBlock, what};
}

Status read_field(ByteReader& in, std::size_t rows, ValueType type, ColumnVector& to) {
    const ByteView bytes = in.string();
    if (!in.ok()) {
        return corrupt("a label chunk is too short");
    }
    DecodedColumn decoded;
    AIML_ASSIGN(decoded, decode_column(bytes));
    if (decoded.head.rows != rows || decoded.head.type != type) {
        return corrupt("the columns of a label chunk do not fit together");
    }
    to = std::move(decoded.column);
    return Status::ok();
}

Status read_integers(ByteReader& in, std::size_t rows, std::vector<std::int64_t>& to) {
    ColumnVector column;
    AIML_TRY(read_field(in, rows, ValueType::kTime, column));
    to = std::move(column.integers);
    return Status::ok();
}

Result<LabelTable> decode(ByteView bytes, bool whole) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    const std::uint64_t rows = in.varint();
    if (!in.ok() || format != kFormat || rows > limits::kColumnRowsMax) {
        return corrupt("the head of a label chunk is not valid");
    }
    LabelTable table;
    AIML_TRY(read_integers(in, rows, table.events));
    AIML_TRY(read_integers(in, rows, table.sequences));
    AIML_TRY(read_integers(in, rows, table.label_ts));
    ColumnVector values;
    AIML_TRY(read_field(in, rows, ValueType::kNumber, values));
    table.values = std::move(values.numbers);
    AIML_TRY(read_field(in, rows, ValueType::kString, table.classes));
    if (whole) {
        AIML_TRY(read_integers(in, rows, table.arrivals));
        AIML_TRY(read_field(in, rows, ValueType::kString, table.sources));
        AIML_TRY(read_field(in, rows, ValueType::kString, table.remainders));
        if (!in.done()) {
            return corrupt("a label chunk is too long");
        }
    }
    return table;
}

}  // namespace

LabelEntry LabelTable::entry(std::size_t i) const {
    LabelEntry entry;
    entry.event = static_cast<Lsn>(events[i]);
    entry.sequence = static_cast<Lsn>(sequences[i]);
    entry.label_ts = label_ts[i];
    entry.arrival = arrivals[i];
    entry.has_class = classes.codes[i] != model::kNullCode;
    entry.class_text = text_at(classes, i);
    entry.value = values[i];
    entry.source = text_at(sources, i);
    entry.remainder = text_at(remainders, i);
    return entry;
}

std::size_t LabelTable::memory_bytes() const {
    return (events.capacity() + sequences.capacity() + label_ts.capacity() + arrivals.capacity() +
            values.capacity()) *
               8 +
           classes.memory_bytes() + sources.memory_bytes() + remainders.memory_bytes();
}

void LabelTableBuilder::add(const LabelEntry& entry) {
    table_.events.push_back(static_cast<std::int64_t>(entry.event));
    table_.sequences.push_back(static_cast<std::int64_t>(entry.sequence));
    table_.label_ts.push_back(entry.label_ts);
    table_.arrivals.push_back(entry.arrival);
    table_.values.push_back(entry.value);
    add_text(entry.class_text, entry.has_class, table_.classes, classes_);
    add_text(entry.source, !entry.source.empty(), table_.sources, sources_);
    add_text(entry.remainder, !entry.remainder.empty(), table_.remainders, remainders_);
}

void LabelTableBuilder::add(const LabelTable& from, std::size_t i) {
    table_.events.push_back(from.events[i]);
    table_.sequences.push_back(from.sequences[i]);
    table_.label_ts.push_back(from.label_ts[i]);
    table_.arrivals.push_back(from.arrivals[i]);
    table_.values.push_back(from.values[i]);
    copy_text(from.classes, i, table_.classes, classes_);
    copy_text(from.sources, i, table_.sources, sources_);
    copy_text(from.remainders, i, table_.remainders, remainders_);
}

bool LabelLog::add(const LabelEntry& entry) {
    AIML_CHECK(entry.event != 0);
    const LabelTable& table = builder_.table();
    for (std::uint32_t at = newest_.find(entry.event); at != 0; at = before_[at - 1]) {
        if (static_cast<Lsn>(table.sequences[at - 1]) == entry.sequence) {
            return false;
        }
    }
    const std::unique_lock lock(mutex_);
    std::uint32_t& newest = newest_.at(entry.event);
    before_.push_back(newest);
    newest = static_cast<std::uint32_t>(before_.size());
    builder_.add(entry);
    return true;
}

std::vector<std::uint32_t> label_order(const LabelTable& table) {
    std::vector<std::uint32_t> order(table.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto key = [&](std::uint32_t i) {
        return std::pair(table.events[i], table.sequences[i]);
    };
    const auto before = [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); };
    if (!std::is_sorted(order.begin(), order.end(), before)) {
        std::sort(order.begin(), order.end(), before);
    }
    const auto same = [&](std::uint32_t a, std::uint32_t b) { return key(a) == key(b); };
    order.erase(std::unique(order.begin(), order.end(), same), order.end());
    return order;
}

std::string encode_labels(const LabelTable& table,
                          std::span<const std::uint32_t> order,
                          int zstd_level) {
    AIML_CHECK(order.size() <= limits::kColumnRowsMax);
    std::string out;
    ByteWriter writer(out);
    writer.u8(kFormat);
    writer.varint(order.size());
    writer.string(encode_column(gather_integers(table.events, order), zstd_level));
    writer.string(encode_column(gather_integers(table.sequences, order), zstd_level));
    writer.string(encode_column(gather_integers(table.label_ts, order), zstd_level));
    writer.string(encode_column(gather_numbers(table.values, order), zstd_level));
    writer.string(encode_column(gather_texts(table.classes, order), zstd_level));
    writer.string(encode_column(gather_integers(table.arrivals, order), zstd_level));
    writer.string(encode_column(gather_texts(table.sources, order), zstd_level));
    writer.string(encode_column(gather_texts(table.remainders, order), zstd_level));
    return out;
}

Result<LabelTable> decode_labels_for_join(ByteView bytes) {
    return decode(bytes, false);
}

Result<LabelTable> decode_labels(ByteView bytes) {
    return decode(bytes, true);
}

}  // namespace aiml042::store
