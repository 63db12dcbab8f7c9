#include "codec/batch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "codec/batch_format.h"
#include "codec/compact_number.h"

namespace aiml042::codec {

namespace {

using model::ColumnKind;
using model::EventRow;
using model::FieldView;
using model::LabelRow;
using model::ValueType;

Status corrupt(const char* what) {
    return {ErrorCode::kCorruptBlock, std::string("batch: ") + what};
}

bool is_column(std::uint8_t kind, std::uint8_t type) {
    return kind >= static_cast<std::uint8_t>(ColumnKind::kFeature) &&
           kind <= static_cast<std::uint8_t>(ColumnKind::kAttribution) &&
           type >= static_cast<std::uint8_t>(ValueType::kNumber) &&
           type <= static_cast<std::uint8_t>(ValueType::kBool);
}

/// Walks the members of one row.
class RowReader {
  public:
    RowReader(const char* at, const char* end) : at_(at), end_(end) {}

    [[nodiscard]] bool done() const { return at_ == end_; }

    template <typename T>
    T fixed() {
        T value;
        std::memcpy(&value, at_, sizeof(T));
        at_ += sizeof(T);
        return value;
    }

    bool varint(std::uint32_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 35 && at_ != end_; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(*at_++);
            value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
            if (byte < 0x80) {
                return shift < 28 || byte < 0x10;
            }
        }
        return false;
    }

    bool text(std::string_view& value) {
        std::uint32_t size = 0;
        if (!varint(size) || static_cast<std::size_t>(end_ - at_) < size) {
            return false;
        }
        value = {at_, size};
        at_ += size;
        return true;
    }

    bool number(double& value) { return at_ != end_ && get_number(at_, end_, value); }

    bool boolean(double& value) {
        if (at_ == end_ || static_cast<std::uint8_t>(*at_) > 1) {
            return false;
        }
        value = *at_++ == 0 ? 0.0 : 1.0;
        return true;
    }

    bool entry(const std::vector<std::string_view>& table,
               std::uint32_t& index,
               std::string_view& value) {
        if (!varint(index) || index >= table.size()) {
            return false;
        }
        value = table[index];
        return true;
    }

  private:
    const char* at_;
    const char* end_;
};

void clear(EventRow& row) {
    std::vector<FieldView> fields = std::move(row.fields);
    row = EventRow{};
    row.fields = std::move(fields);
}

}  // namespace

std::string kept_text(std::string_view item) {
    std::size_t size = std::min(item.size(), limits::kRejectedTextMax);
    while (size < item.size() && size > 0 &&
           (static_cast<unsigned char>(item[size]) & 0xC0) == 0x80) {
        --size;
    }
    return std::string(item.substr(0, size));
}

struct BatchReader::State {
    BatchKind kind = BatchKind::kEvents;
    ProjectId project{};
    Timestamp arrival = 0;
    std::vector<std::string_view> deployments;
    std::vector<std::string_view> versions;
    std::vector<FieldView> columns;  // Values left open.
    ByteView column_table;
    const char* at = nullptr;
    const char* end = nullptr;
    bool ok = true;

    bool fail() {
        ok = false;
        at = end;
        return false;
    }

    bool read_table(ByteReader& in, std::vector<std::string_view>& table) const;
    bool read_columns(ByteReader& in);
    /// The next row without its length; false at the end or when it is not whole.
    bool next_row(const char*& first, const char*& last);
    bool member(RowReader& in, std::uint32_t tag, EventRow& row) const;
    bool member(RowReader& in, std::uint32_t tag, LabelRow& row) const;
    bool field(RowReader& in, std::uint32_t column, EventRow& row, std::uint32_t& filled) const;
};

bool BatchReader::State::read_table(ByteReader& in, std::vector<std::string_view>& table) const {
    const std::uint64_t count = in.varint();
    if (count > in.remaining()) {
        return false;
    }
    table.clear();
    table.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        table.push_back(in.string());
    }
    return in.ok();
}

bool BatchReader::State::read_columns(ByteReader& in) {
    const std::uint64_t count = in.varint();
    if (count > in.remaining() / 3) {
        return false;
    }
    columns.clear();
    columns.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint8_t column_kind = in.u8();
        const std::uint8_t type = in.u8();
        const std::string_view name = in.string();
        if (!in.ok() || !is_column(column_kind, type)) {
            return false;
        }
        columns.push_back({.kind = ColumnKind{column_kind},
                           .type = ValueType{type},
                           .name_index = static_cast<std::uint32_t>(i),
                           .name = name,
                           .number = model::kMissing,
                           .text = {}});
    }
    return in.ok();
}

bool BatchReader::State::next_row(const char*& first, const char*& last) {
    if (at == end) {
        return false;
    }
    std::uint32_t length = 0;
    if (static_cast<std::size_t>(end - at) < kRowLengthBytes) {
        return fail();
    }
    std::memcpy(&length, at, sizeof(length));
    first = at + kRowLengthBytes;
    if (length < kRowHeadBytes || static_cast<std::size_t>(end - first) < length) {
        return fail();
    }
    last = first + length;
    at = last;
    return true;
}

bool BatchReader::State::member(RowReader& in, std::uint32_t tag, EventRow& row) const {
    std::uint32_t index = 0;
    switch (static_cast<EventTag>(tag)) {
        case EventTag::kDeployment:
            return in.entry(deployments, row.deployment_index, row.deployment);
        case EventTag::kModelVersion:
            return in.entry(versions, index, row.model_version);
        case EventTag::kRequestId:
            return in.text(row.request_id);
        case EventTag::kTraceId:
            return in.text(row.trace_id);
        case EventTag::kPredictedClass:
            return in.text(row.predicted_class);
        case EventTag::kErrorCode:
            return in.text(row.error_code);
        case EventTag::kPromptVersion:
            return in.text(row.prompt_version);
        case EventTag::kExperiment:
            return in.text(row.experiment);
        case EventTag::kVariant:
            return in.text(row.variant);
        case EventTag::kAction:
            return in.text(row.action);
        case EventTag::kRemainder:
            return in.text(row.remainder);
        case EventTag::kScore:
            return in.number(row.score);
        case EventTag::kPredictedValue:
            return in.number(row.predicted_value);
        case EventTag::kLatencyMs:
            return in.number(row.latency_ms);
        case EventTag::kInputTokens:
            return in.number(row.input_tokens);
        case EventTag::kOutputTokens:
            return in.number(row.output_tokens);
        case EventTag::kCostUsd:
            return in.number(row.cost_usd);
        case EventTag::kPropensity:
            return in.number(row.propensity);
        case EventTag::kShadow:
            row.shadow = true;
            return true;
    }
    return false;
}

bool BatchReader::State::member(RowReader& in, std::uint32_t tag, LabelRow& row) const {
    std::uint32_t index = 0;
    if (tag >= kFirstColumnTag) {
        return false;
    }
    switch (static_cast<LabelTag>(tag)) {
        case LabelTag::kDeployment:
            return in.entry(deployments, index, row.deployment);
        case LabelTag::kRequestId:
            return in.text(row.request_id);
        case LabelTag::kClass:
            return in.text(row.class_text);
        case LabelTag::kRemainder:
            return in.text(row.remainder);
        case LabelTag::kSource:
            return in.text(row.source);
        case LabelTag::kValue:
            return in.number(row.value);
    }
    return false;
}

bool BatchReader::State::field(RowReader& in,
                               std::uint32_t column,
                               EventRow& row,
                               std::uint32_t& filled) const {
    if (column >= columns.size() || filled >= row.fields.size()) {
        return false;
    }
    FieldView& out = row.fields[filled++];
    out = columns[column];
    switch (out.type) {
        case ValueType::kNumber:
            return in.number(out.number);
        case ValueType::kBool:
            return in.boolean(out.number);
        default:
            return in.text(out.text);
    }
}

BatchReader::BatchReader() : state_(std::make_unique<State>()) {}

BatchReader::BatchReader(BatchReader&&) noexcept = default;
BatchReader& BatchReader::operator=(BatchReader&&) noexcept = default;
BatchReader::~BatchReader() = default;

Result<BatchReader> BatchReader::open(ByteView payload) {
    BatchReader reader;
    AIML_TRY(reader.read(payload));
    return reader;
}

Status BatchReader::read(ByteView payload) {
    ByteReader in(payload);
    const std::uint8_t kind = in.u8();
    const std::uint8_t format = in.u8();
    state_->project = ProjectId{in.fixed<std::uint32_t>()};
    state_->arrival = in.fixed<Timestamp>();
    state_->at = state_->end = payload.data() + payload.size();
    state_->ok = true;
    if (!in.ok() || (kind != static_cast<std::uint8_t>(BatchKind::kEvents) &&
                     kind != static_cast<std::uint8_t>(BatchKind::kLabels))) {
        return corrupt("the header is not one");
    }
    if (format != kBatchFormat) {
        return corrupt("this format is not known");
    }
    state_->kind = BatchKind{kind};
    bool whole =
        state_->read_table(in, state_->deployments) && state_->read_table(in, state_->versions);
    const char* const columns = in.position();
    whole = whole && state_->read_columns(in);
    if (!whole) {
        return corrupt("the tables of names are not whole");
    }
    state_->at = in.position();
    state_->column_table = ByteView(columns, static_cast<std::size_t>(state_->at - columns));
    return {};
}

BatchKind BatchReader::kind() const {
    return state_->kind;
}

ProjectId BatchReader::project() const {
    return state_->project;
}

Timestamp BatchReader::arrival() const {
    return state_->arrival;
}

std::span<const std::string_view> BatchReader::deployments() const {
    return state_->deployments;
}

std::span<const FieldView> BatchReader::columns() const {
    return state_->columns;
}

ByteView BatchReader::column_table() const {
    return state_->column_table;
}

bool BatchReader::ok() const {
    return state_->ok;
}

bool BatchReader::next(EventRow& row) {
    const char* first = nullptr;
    const char* last = nullptr;
    clear(row);
    if (state_->kind != BatchKind::kEvents) {
        return state_->fail();
    }
    if (!state_->next_row(first, last)) {
        return false;
    }
    RowReader in(first, last);
    row.identity.high = in.fixed<std::uint64_t>();
    row.identity.low = in.fixed<std::uint64_t>();
    row.timestamp = in.fixed<Timestamp>();
    row.fields.resize(in.fixed<std::uint16_t>());
    std::uint32_t filled = 0;
    while (!in.done()) {
        std::uint32_t tag = 0;
        if (!in.varint(tag)) {
            return state_->fail();
        }
        const bool good = tag >= kFirstColumnTag
                              ? state_->field(in, tag - kFirstColumnTag, row, filled)
                              : state_->member(in, tag, row);
        if (!good) {
            return state_->fail();
        }
    }
    if (row.request_id.data() == nullptr) {
        row.request_id = row.trace_id;
    }
    const bool whole = filled == row.fields.size() && row.deployment.data() != nullptr &&
                       row.model_version.data() != nullptr && row.request_id.data() != nullptr;
    return whole || state_->fail();
}

bool BatchReader::next(LabelRow& row) {
    const char* first = nullptr;
    const char* last = nullptr;
    row = LabelRow{};
    if (state_->kind != BatchKind::kLabels) {
        return state_->fail();
    }
    if (!state_->next_row(first, last)) {
        return false;
    }
    RowReader in(first, last);
    row.identity.high = in.fixed<std::uint64_t>();
    row.identity.low = in.fixed<std::uint64_t>();
    row.label_ts = in.fixed<Timestamp>();
    const auto columns = in.fixed<std::uint16_t>();
    while (!in.done()) {
        std::uint32_t tag = 0;
        if (!in.varint(tag) || !state_->member(in, tag, row)) {
            return state_->fail();
        }
    }
    return (columns == 0 && row.request_id.data() != nullptr) || state_->fail();
}

}  // namespace aiml042::codec
