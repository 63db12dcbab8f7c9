#include "store/block_writer.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "store/column_codec.h"
#include "store/keys.h"
#include "store/string_dictionary.h"

namespace aiml042::store {

namespace {

namespace builtin = model::builtin;
using model::ColumnVector;
using model::ValueType;

constexpr int kLevelFresh = 1;
constexpr int kLevelMerged = 3;
constexpr std::uint64_t kMergeFactor = 4;

// One source's column; it may be shorter than the source.
struct Part {
    const ColumnVector* column = nullptr;  // Null: no row of the source has it.
    std::shared_ptr<const ColumnVector> keeps_alive;
};

std::uint32_t rows_of(const BlockSource& source) {
    return source.open != nullptr ? source.open->rows() : source.sealed->rows;
}

class Writer {
  public:
    Writer(const Disk& disk, std::span<const BlockSource> sources)
        : disk_(disk), sources_(sources) {
        for (const BlockSource& source : sources) {
            starts_.push_back(rows_);
            rows_ += rows_of(source);
        }
    }

    Result<std::shared_ptr<SealedBlock>> write(std::uint64_t id, Batch& batch);

  private:
    std::set<ColumnId> column_ids() const;
    Result<Part> part(std::size_t source, ColumnId id) const;
    Result<std::vector<Part>> parts(ColumnId id) const;
    Result<ColumnVector> gather_integers(ColumnId id) const;
    Status find_order(const ColumnVector& timestamps, const ColumnVector& sequences);
    Result<ColumnVector> gather(ColumnId id) const;
    ColumnVector gather_numbers(ColumnId id, ValueType type, std::span<const Part> parts) const;
    ColumnVector gather_strings(ColumnId id, std::span<const Part> parts) const;

    const Disk& disk_;
    std::span<const BlockSource> sources_;
    std::vector<std::uint32_t> starts_;  // First row of each source.
    std::uint32_t rows_ = 0;
    bool sorted_ = true;
    std::vector<std::uint32_t>
        order_;  // Row of the sources for each row of the block; empty when sorted_.
};

std::set<ColumnId> Writer::column_ids() const {
    std::set<ColumnId> ids;
    for (const BlockSource& source : sources_) {
        if (source.sealed != nullptr) {
            ids.insert(source.sealed->columns.begin(), source.sealed->columns.end());
            continue;
        }
        for (const auto& column : source.open->columns()) {
            ids.insert(column->id);
        }
    }
    return ids;
}

Result<Part> Writer::part(std::size_t source, ColumnId id) const {
    Part part;
    if (const SealedBlock* sealed = sources_[source].sealed; sealed != nullptr) {
        AIML_ASSIGN(part.keeps_alive, read_column(disk_, *sealed, id));
        part.column = part.keeps_alive.get();
        return part;
    }
    for (const auto& column : sources_[source].open->columns()) {
        if (column->id == id) {
            part.column = &column->data;
        }
    }
    return part;
}

Result<std::vector<Part>> Writer::parts(ColumnId id) const {
    std::vector<Part> all(sources_.size());
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        AIML_ASSIGN(all[i], part(i, id));
    }
    return all;
}

// Unsorted: as the sources follow each other.
Result<ColumnVector> Writer::gather_integers(ColumnId id) const {
    ColumnVector column;
    column.type = ValueType::kTime;
    column.integers.reserve(rows_);
    std::vector<Part> all;
    AIML_ASSIGN(all, parts(id));
    for (const Part& part : all) {
        if (part.column == nullptr) {
            return Status(ErrorCode::kCorruptBlock, "a block has no times or sequences");
        }
        column.integers.insert(
            column.integers.end(), part.column->integers.begin(), part.column->integers.end());
    }
    if (column.integers.size() != rows_) {
        return Status(ErrorCode::kCorruptBlock, "a block has rows without times or sequences");
    }
    return column;
}

Status Writer::find_order(const ColumnVector& timestamps, const ColumnVector& sequences) {
    const auto key = [&](std::uint32_t i) {
        return std::pair(timestamps.integers[i], sequences.integers[i]);
    };
    for (std::uint32_t i = 1; i < rows_ && sorted_; ++i) {
        sorted_ = key(i - 1) < key(i);
    }
    if (!sorted_) {
        order_.resize(rows_);
        std::iota(order_.begin(), order_.end(), 0U);
        std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
            return key(a) < key(b);
        });
        for (std::uint32_t i = 1; i < rows_; ++i) {
            if (key(order_[i - 1]) == key(order_[i])) {
                return {ErrorCode::kCorruptBlock, "two rows of a partition have the same sequence"};
            }
        }
    }
    return Status::ok();
}

ColumnVector Writer::gather_numbers(ColumnId id,
                                    ValueType type,
                                    std::span<const Part> parts) const {
    ColumnVector column;
    column.type = type;
    column.numbers.reserve(rows_);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].column != nullptr) {
            const auto& from = parts[i].column->numbers;
            column.numbers.insert(column.numbers.end(), from.begin(), from.end());
        }
        column.numbers.resize(starts_[i] + rows_of(sources_[i]), missing_number(id));
    }
    if (!sorted_) {
        std::vector<double> ordered(rows_);
        for (std::uint32_t i = 0; i < rows_; ++i) {
            ordered[i] = column.numbers[order_[i]];
        }
        column.numbers = std::move(ordered);
    }
    return column;
}

// The pool comes out in order of first use, so that a column of distinct ids needs no codes.
ColumnVector Writer::gather_strings(ColumnId id, std::span<const Part> parts) const {
    ColumnVector column;
    column.type = ValueType::kString;
    column.codes.reserve(rows_);
    const bool distinct = parts.size() == 1 || id == builtin::kRemainder;  // No twins to look for.
    StringDictionary dictionary;
    std::vector<std::vector<std::uint32_t>> codes(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        codes[i].resize(parts[i].column == nullptr ? 0 : parts[i].column->strings.size(),
                        model::kNullCode);
    }
    std::size_t source = 0;
    for (std::uint32_t i = 0; i < rows_; ++i) {
        const std::uint32_t row = sorted_ ? i : order_[i];
        if (sorted_) {
            while (source + 1 < starts_.size() && row >= starts_[source + 1]) {
                ++source;
            }
        } else {
            source = static_cast<std::size_t>(
                std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin() - 1);
        }
        const ColumnVector* from = parts[source].column;
        const std::uint32_t at = row - starts_[source];
        const std::uint32_t code =
            from == nullptr || at >= from->codes.size() ? model::kNullCode : from->codes[at];
        if (code == model::kNullCode) {
            column.codes.push_back(code);
            continue;
        }
        std::uint32_t& translated = codes[source][code];
        if (translated == model::kNullCode) {
            const std::string_view text = from->strings.at(code);
            translated =
                distinct ? column.strings.add(text) : dictionary.code(text, column.strings);
        }
        column.codes.push_back(translated);
    }
    return column;
}

Result<ColumnVector> Writer::gather(ColumnId id) const {
    std::vector<Part> all;
    AIML_ASSIGN(all, parts(id));
    const ColumnVector* first = nullptr;
    for (const Part& part : all) {
        first = first == nullptr ? part.column : first;
    }
    AIML_CHECK(first != nullptr);
    if (first->type == ValueType::kString) {
        return gather_strings(id, all);
    }
    if (first->type == ValueType::kTime) {
        ColumnVector column;
        AIML_ASSIGN(column, gather_integers(id));
        if (!sorted_) {
            std::vector<std::int64_t> ordered(rows_);
            for (std::uint32_t i = 0; i < rows_; ++i) {
                ordered[i] = column.integers[order_[i]];
            }
            column.integers = std::move(ordered);
        }
        return column;
    }
    return gather_numbers(id, first->type, all);
}

Result<std::shared_ptr<SealedBlock>> Writer::write(std::uint64_t id, Batch& batch) {
    ColumnVector timestamps;
    AIML_ASSIGN(timestamps, gather_integers(builtin::kTimestamp));
    ColumnVector sequences;
    AIML_ASSIGN(sequences, gather_integers(builtin::kSequence));
    AIML_TRY(find_order(timestamps, sequences));
    auto block = std::make_shared<SealedBlock>();
    block->partition =
        sources_[0].open != nullptr ? sources_[0].open->partition() : sources_[0].sealed->partition;
    block->id = id;
    block->rows = rows_;
    const auto times = std::minmax_element(timestamps.integers.begin(), timestamps.integers.end());
    block->min_timestamp = *times.first;
    block->max_timestamp = *times.second;
    const auto span = std::minmax_element(sequences.integers.begin(), sequences.integers.end());
    block->min_sequence = static_cast<Lsn>(*span.first);
    block->max_sequence = static_cast<Lsn>(*span.second);
    block->packed = rows_ < limits::kPackedBlockRowsMax;
    bool merged = false;
    for (const BlockSource& source : sources_) {
        const bool open = source.open != nullptr;
        block->last_arrival = std::max(
            block->last_arrival, open ? source.open->last_arrival() : source.sealed->last_arrival);
        block->raw_bytes += open ? source.open->bytes() : source.sealed->raw_bytes;
        merged = merged || !open;
    }
    std::vector<std::pair<ColumnId, std::string>> encoded;
    for (const ColumnId column_id : column_ids()) {
        ColumnVector column;
        AIML_ASSIGN(column, gather(column_id));
        if (missing_count(column) == rows_) {
            continue;
        }
        block->columns.push_back(column_id);
        if (!block->packed) {
            block->zones.push_back(zone_of(column));
        }
        encoded.emplace_back(column_id, encode_column(column, merged ? kLevelMerged : kLevelFresh));
        block->bytes += encoded.back().second.size();
    }
    PackedColumns packed;
    for (const auto& [column_id, bytes] : encoded) {
        if (block->packed && family_of(column_id) == Family::kColumns) {
            packed.add(column_id, bytes);
        } else {
            batch.put(family_of(column_id), column_key(block->partition, id, column_id), bytes);
        }
    }
    if (block->packed) {
        batch.put(
            Family::kColumns, column_key(block->partition, id, kPackedColumns), packed.take());
    }
    batch.put(Family::kMeta, block_key(block->partition, id), encode_block_record(*block));
    return block;
}

}  // namespace

bool should_merge(const SealedBlock& older,
                  std::uint64_t rows,
                  std::uint64_t bytes,
                  Lsn last_sequence) {
    return older.rows <= kMergeFactor * rows && older.rows + rows <= limits::kGroupRowsMax &&
           older.raw_bytes + bytes <= limits::kOpenBlockBytesMax &&
           last_sequence - older.min_sequence <= std::numeric_limits<std::uint32_t>::max();
}

Result<std::shared_ptr<SealedBlock>> write_block(const Disk& disk,
                                                 std::span<const BlockSource> sources,
                                                 std::uint64_t id,
                                                 Batch& batch) {
    AIML_CHECK(!sources.empty());
    return Writer(disk, sources).write(id, batch);
}

}  // namespace aiml042::store
