#include "store/open_block.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "base/check.h"
#include "base/limits.h"

namespace aiml042::store {

namespace {

namespace builtin = model::builtin;
using model::ValueType;

constexpr std::size_t kRowBytes = 24 + 20;      // Three integers; the request table.
constexpr std::size_t kStringExtraBytes = 24;   // End and dictionary slot of a new string.

}  // namespace

double missing_number(ColumnId id) { return id == builtin::kShadow ? 0.0 : model::kMissing; }

OpenBlock::OpenBlock(const PartitionKey& partition, std::uint64_t id, std::uint32_t rows_max)
    : partition_(partition), id_(id), rows_max_(rows_max) {
    AIML_CHECK(rows_max > 0 && rows_max <= limits::kGroupRowsMax);
}

bool OpenBlock::full_for(Lsn sequence) const {
    return rows_ >= rows_max_ || bytes_ >= limits::kOpenBlockBytesMax ||
           (rows_ > 0 && sequence - first_sequence_ > std::numeric_limits<std::uint32_t>::max() / 2);
}

OpenBlock::Column& OpenBlock::column(ColumnId id, ValueType type) {
    Column** place = nullptr;
    if (id < builtin::kCount) {
        place = &builtin_[id];
    } else {
        AIML_CHECK(id >= model::kFirstDynamicColumn);
        const std::size_t i = id - model::kFirstDynamicColumn;
        AIML_CHECK(i < limits::kColumnsPerDeploymentMax);
        if (i >= dynamic_.size()) {
            dynamic_.resize(i + 1);
        }
        place = &dynamic_[i];
    }
    if (*place == nullptr) {
        columns_.push_back(std::make_unique<Column>());
        *place = columns_.back().get();
        (*place)->id = id;
        (*place)->first_row = rows_;
        (*place)->data.type = type;
        bytes_ += sizeof(Column);
    }
    AIML_DCHECK((*place)->data.type == type);
    return **place;
}

const OpenBlock::Column* OpenBlock::find_column(ColumnId id) const {
    if (id < builtin::kCount) {
        return builtin_[id];
    }
    const std::size_t i = id - model::kFirstDynamicColumn;
    return id >= model::kFirstDynamicColumn && i < dynamic_.size() ? dynamic_[i] : nullptr;
}

void OpenBlock::put_integer(ColumnId id, std::int64_t value) {
    column(id, ValueType::kTime).data.integers.push_back(value);
}

void OpenBlock::put_number(ColumnId id, ValueType type, double value) {
    if (std::isnan(value)) {
        return;
    }
    auto& numbers = column(id, type).data.numbers;
    const std::size_t before = numbers.size();
    numbers.resize(rows_, missing_number(id));
    numbers.push_back(value);
    bytes_ += (numbers.size() - before) * sizeof(double);
}

void OpenBlock::put_text(ColumnId id, std::string_view value) {
    if (value.data() == nullptr) {
        return;
    }
    Column& to = column(id, ValueType::kString);
    const std::uint32_t strings = to.data.strings.size();
    // Remainders hardly ever repeat: looking for twins would cost more than it saves.
    const std::uint32_t code = id == builtin::kRemainder ? to.data.strings.add(value)
                                                         : to.dictionary.code(value, to.data.strings);
    auto& codes = to.data.codes;
    const std::size_t before = codes.size();
    codes.resize(rows_, model::kNullCode);
    codes.push_back(code);
    bytes_ += (codes.size() - before) * sizeof(std::uint32_t);
    bytes_ += code == strings ? value.size() + kStringExtraBytes : 0;
}

void OpenBlock::put_request(std::string_view value) {
    if (value.data() == nullptr) {
        return;
    }
    Column& to = column(builtin::kRequestId, ValueType::kString);
    auto& codes = to.data.codes;
    const Hash128 hash = request_hash(value);
    std::uint32_t code = model::kNullCode;
    requests_.find(hash, [&](std::uint32_t row) { code = codes[row]; });
    if (code == model::kNullCode || to.data.strings.at(code) != value) {
        code = to.data.strings.add(value);
        bytes_ += value.size() + sizeof(std::uint32_t);
    }
    codes.resize(rows_, model::kNullCode);
    codes.push_back(code);
    bytes_ += sizeof(std::uint32_t);
    requests_.insert(hash, rows_);
}

void OpenBlock::append(const model::EventRow& row,
                       std::span<const ColumnId> columns,
                       Lsn sequence,
                       Timestamp arrival) {
    AIML_CHECK(columns.size() == row.fields.size());
    AIML_CHECK(rows_ < rows_max_);
    AIML_CHECK(sequence > last_sequence_);
    const std::unique_lock lock(mutex_);
    put_integer(builtin::kTimestamp, row.timestamp);
    put_integer(builtin::kArrival, arrival);
    put_integer(builtin::kSequence, static_cast<std::int64_t>(sequence));
    put_request(row.request_id);
    put_text(builtin::kTraceId, row.trace_id);
    put_text(builtin::kModelVersion, row.model_version);
    put_number(builtin::kScore, ValueType::kNumber, row.score);
    put_text(builtin::kPredictedClass, row.predicted_class);
    put_number(builtin::kPredictedValue, ValueType::kNumber, row.predicted_value);
    put_number(builtin::kLatencyMs, ValueType::kNumber, row.latency_ms);
    put_text(builtin::kErrorCode, row.error_code);
    put_text(builtin::kPromptVersion, row.prompt_version);
    put_text(builtin::kExperiment, row.experiment);
    put_text(builtin::kVariant, row.variant);
    if (row.shadow) {
        put_number(builtin::kShadow, ValueType::kBool, 1.0);
    }
    put_number(builtin::kInputTokens, ValueType::kNumber, row.input_tokens);
    put_number(builtin::kOutputTokens, ValueType::kNumber, row.output_tokens);
    put_number(builtin::kCostUsd, ValueType::kNumber, row.cost_usd);
    put_text(builtin::kAction, row.action);
    put_number(builtin::kPropensity, ValueType::kNumber, row.propensity);
    put_text(builtin::kRemainder, row.remainder);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const model::FieldView& field = row.fields[i];
        if (columns[i] == Store::kNoColumn) {
            continue;
        }
        if (field.type == ValueType::kString) {
            put_text(columns[i], field.text);
        } else {
            put_number(columns[i], field.type, field.number);
        }
    }
    if (rows_ == 0) {
        first_sequence_ = sequence;
        first_arrival_ = arrival;
    }
    last_sequence_ = sequence;
    last_arrival_ = std::max(last_arrival_, arrival);
    min_timestamp_ = std::min(min_timestamp_, row.timestamp);
    max_timestamp_ = std::max(max_timestamp_, row.timestamp);
    bytes_ += kRowBytes;
    ++rows_;
}

std::optional<model::ColumnVector> OpenBlock::copy_column(ColumnId id, std::uint32_t rows) const {
    const std::shared_lock lock(mutex_);
    const Column* from = find_column(id);
    if (from == nullptr || from->first_row >= rows) {
        return std::nullopt;
    }
    const model::ColumnVector& data = from->data;
    model::ColumnVector copy;
    copy.type = data.type;
    switch (data.type) {
        case ValueType::kTime:
            copy.integers.assign(data.integers.begin(), data.integers.begin() + rows);
            break;
        case ValueType::kString: {
            const auto have = static_cast<std::ptrdiff_t>(std::min<std::size_t>(rows, data.codes.size()));
            copy.codes.reserve(rows);
            copy.codes.assign(data.codes.begin(), data.codes.begin() + have);
            copy.codes.resize(rows, model::kNullCode);
            copy.strings = data.strings;
            break;
        }
        case ValueType::kNumber:
        case ValueType::kBool: {
            const auto have = static_cast<std::ptrdiff_t>(std::min<std::size_t>(rows, data.numbers.size()));
            copy.numbers.reserve(rows);
            copy.numbers.assign(data.numbers.begin(), data.numbers.begin() + have);
            copy.numbers.resize(rows, missing_number(id));
            break;
        }
    }
    return copy;
}

void OpenBlock::find(const Hash128& request, std::vector<Lsn>& out) const {
    const auto& sequences = builtin_[builtin::kSequence];
    requests_.find(request, [&](std::uint32_t row) {
        out.push_back(static_cast<Lsn>(sequences->data.integers[row]));
    });
}

}  // namespace aiml042::store
