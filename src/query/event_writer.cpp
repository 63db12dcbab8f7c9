#include "query/event_writer.h"

#include <limits>
#include <optional>

#include "base/time.h"
#include "model/column.h"

namespace aiml042::query {

namespace {

namespace builtin = model::builtin;
using Members = std::vector<std::pair<std::string, std::string_view>>;

/// Length of the JSON value at the beginning of `text`, up to a comma or the end of what it is in.
std::size_t value_length(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']' || c == ',') {
            if (depth == 0) {
                return i;
            }
            depth -= c == ',' ? 0 : 1;
        }
    }
    return text.size();
}

class EventWriter {
  public:
    EventWriter(codec::JsonWriter& json, BlockView& view, std::uint32_t row, const store::DeploymentInfo& deployment)
        : json_(json), view_(view), row_(row), deployment_(deployment) {}

    Status run(bool history) {
        json_.begin_object().field("deployment_id", deployment_.name);
        AIML_TRY(text_field("model_version", builtin::kModelVersion));
        AIML_TRY(text_field("request_id", builtin::kRequestId));
        AIML_TRY(text_field("trace_id", builtin::kTraceId));
        AIML_TRY(time_field("timestamp", builtin::kTimestamp));
        AIML_ASSIGN(const std::optional<std::string_view> remainder, text(builtin::kRemainder));
        remainder_ = members_of(remainder.value_or(std::string_view()));
        AIML_TRY(prediction());
        AIML_TRY(fields("features", model::ColumnKind::kFeature));
        AIML_TRY(fields("metadata", model::ColumnKind::kMetadata));
        AIML_TRY(fields("attributions", model::ColumnKind::kAttribution));
        AIML_TRY(number_field("latency_ms", builtin::kLatencyMs));
        AIML_TRY(text_field("error_code", builtin::kErrorCode));
        AIML_TRY(text_field("prompt_version", builtin::kPromptVersion));
        AIML_TRY(llm());
        raw_field("embeddings");
        AIML_TRY(experiment());
        AIML_ASSIGN(const double shadow, number(builtin::kShadow));
        if (shadow == 1.0) {
            json_.field("shadow", true);
        }
        AIML_TRY(labels(history));
        AIML_TRY(time_field("received_at", builtin::kArrival));
        AIML_ASSIGN(const std::int64_t sequence, integer(builtin::kSequence));
        json_.field("seq", sequence).end_object();
        return Status::ok();
    }

  private:
    Result<std::optional<std::string_view>> text(ColumnId id) {
        AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
        if (column == nullptr || column->codes.size() <= row_ || column->codes[row_] == model::kNullCode) {
            return std::optional<std::string_view>();
        }
        return std::optional(column->strings.at(column->codes[row_]));
    }

    Result<double> number(ColumnId id) {
        AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
        return column == nullptr || column->numbers.size() <= row_ ? std::numeric_limits<double>::quiet_NaN()
                                                                   : column->numbers[row_];
    }

    Result<std::int64_t> integer(ColumnId id) {
        AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
        return column == nullptr || column->integers.size() <= row_ ? std::int64_t{0} : column->integers[row_];
    }

    Status text_field(std::string_view name, ColumnId id) {
        AIML_ASSIGN(const std::optional<std::string_view> value, text(id));
        if (value.has_value()) {
            json_.field(name, *value);
        }
        return Status::ok();
    }

    Status number_field(std::string_view name, ColumnId id) {
        AIML_ASSIGN(const double value, number(id));
        if (value == value) {
            json_.field(name, value);
        }
        return Status::ok();
    }

    Status time_field(std::string_view name, ColumnId id) {
        AIML_ASSIGN(const std::int64_t value, integer(id));
        json_.field(name, format_rfc3339(value));
        return Status::ok();
    }

    [[nodiscard]] const std::string_view* remainder(std::string_view name) const {
        for (const auto& [key, value] : remainder_) {
            if (key == name) {
                return &value;
            }
        }
        return nullptr;
    }

    void raw_field(std::string_view name) {
        if (const std::string_view* value = remainder(name)) {
            json_.key(name).raw(*value);
        }
    }

    Status prediction() {
        json_.key("prediction").begin_object();
        AIML_TRY(text_field("class", builtin::kPredictedClass));
        AIML_TRY(number_field("score", builtin::kScore));
        AIML_TRY(number_field("value", builtin::kPredictedValue));
        AIML_TRY(fields("scores", model::ColumnKind::kClassScore));
        AIML_TRY(fields("quantiles", model::ColumnKind::kQuantile));
        AIML_TRY(text_field("action", builtin::kAction));
        AIML_TRY(number_field("propensity", builtin::kPropensity));
        raw_field("ranking");
        raw_field("text");
        json_.end_object();
        return Status::ok();
    }

    /// The columns of a kind that this event has, as one object; nothing when it has none.
    Status fields(std::string_view name, model::ColumnKind kind) {
        bool open = false;
        for (const store::ColumnInfo& info : deployment_.schema->columns) {
            if (info.key.kind != kind) {
                continue;
            }
            AIML_ASSIGN(const std::optional<std::string_view> words,
                        info.key.type == model::ValueType::kString ? text(info.id)
                                                                   : std::optional<std::string_view>());
            AIML_ASSIGN(const double value, info.key.type == model::ValueType::kString
                                                ? Result<double>(std::numeric_limits<double>::quiet_NaN())
                                                : number(info.id));
            if (!words.has_value() && value != value) {
                continue;
            }
            if (!open) {
                json_.key(name).begin_object();
                open = true;
            }
            json_.key(info.key.name);
            if (words.has_value()) {
                json_.string(*words);
            } else if (info.key.type == model::ValueType::kBool) {
                json_.boolean(value != 0.0);
            } else {
                json_.number(value);
            }
        }
        if (open) {
            json_.end_object();
        }
        return Status::ok();
    }

    Status llm() {
        const std::string_view* rest = remainder("llm");
        AIML_ASSIGN(const double input, number(builtin::kInputTokens));
        AIML_ASSIGN(const double output, number(builtin::kOutputTokens));
        AIML_ASSIGN(const double cost, number(builtin::kCostUsd));
        if (rest == nullptr && input != input && output != output && cost != cost) {
            return Status::ok();
        }
        json_.key("llm").begin_object();
        for (const auto& [key, value] : members_of(rest == nullptr ? std::string_view() : *rest)) {
            json_.key(key).raw(value);
        }
        AIML_TRY(number_field("input_tokens", builtin::kInputTokens));
        AIML_TRY(number_field("output_tokens", builtin::kOutputTokens));
        AIML_TRY(number_field("cost_usd", builtin::kCostUsd));
        json_.end_object();
        return Status::ok();
    }

    Status experiment() {
        AIML_ASSIGN(const std::optional<std::string_view> id, text(builtin::kExperiment));
        AIML_ASSIGN(const std::optional<std::string_view> variant, text(builtin::kVariant));
        if (!id.has_value() && !variant.has_value()) {
            return Status::ok();
        }
        json_.key("experiment").begin_object();
        AIML_TRY(text_field("id", builtin::kExperiment));
        AIML_TRY(text_field("variant", builtin::kVariant));
        json_.end_object();
        return Status::ok();
    }

    void label_value(std::optional<std::string_view> class_text, double value, std::string_view rest) {
        json_.begin_object();
        if (class_text.has_value()) {
            json_.field("class", *class_text);
        }
        if (value == value) {
            json_.field("value", value);
        }
        for (const auto& [key, member] : members_of(rest)) {
            json_.key(key).raw(member);
        }
        json_.end_object();
    }

    static std::optional<std::string_view> class_of(const store::LabelEntry& entry) {
        return entry.has_class ? std::optional<std::string_view>(entry.class_text) : std::nullopt;
    }

    Status labels(bool history) {
        AIML_ASSIGN(const model::LabelColumns* columns, view_.labels());
        if (columns->labelled[row_] == 0 && !history) {
            return Status::ok();
        }
        const std::uint32_t code = columns->class_codes[row_];
        const bool plain = code != model::kNullCode || columns->values[row_] == columns->values[row_];
        std::vector<store::LabelEntry> entries;
        if (history || !plain) {
            AIML_ASSIGN(const std::int64_t sequence, integer(builtin::kSequence));
            AIML_ASSIGN(entries, view_.block().label_history(static_cast<Lsn>(sequence)));
        }
        if (columns->labelled[row_] != 0) {
            json_.key("label");
            const auto words = code == model::kNullCode ? std::nullopt : std::optional(columns->classes.at(code));
            label_value(words, columns->values[row_],
                        entries.empty() ? std::string_view() : std::string_view(entries.back().remainder));
            json_.field("label_ts", format_rfc3339(columns->label_ts[row_]));
        }
        if (history) {
            write_history(entries);
        }
        return Status::ok();
    }

    void write_history(const std::vector<store::LabelEntry>& entries) {
        json_.key("labels").begin_array();
        for (const store::LabelEntry& entry : entries) {
            json_.begin_object().key("label");
            label_value(class_of(entry), entry.value, entry.remainder);
            json_.field("label_ts", format_rfc3339(entry.label_ts)).key("source");
            if (entry.source.empty()) {
                json_.null();
            } else {
                json_.string(entry.source);
            }
            json_.field("received_at", format_rfc3339(entry.arrival)).field("seq", entry.sequence).end_object();
        }
        json_.end_array();
    }

    codec::JsonWriter& json_;
    BlockView& view_;
    std::uint32_t row_;
    const store::DeploymentInfo& deployment_;
    Members remainder_;
};

}  // namespace

Status write_event(codec::JsonWriter& json,
                   BlockView& view,
                   std::uint32_t row,
                   const store::DeploymentInfo& deployment,
                   bool history) {
    return EventWriter(json, view, row, deployment).run(history);
}

std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object) {
    std::vector<std::pair<std::string, std::string_view>> out;
    if (object.size() < 2 || object.front() != '{') {
        return out;
    }
    std::string_view rest = object.substr(1);
    while (!rest.empty() && rest.front() == '"') {
        const std::size_t end = rest.find('"', 1);  // Our own keys need no escapes; others are kept as written.
        if (end == std::string_view::npos || end + 1 >= rest.size() || rest[end + 1] != ':') {
            break;
        }
        const std::string_view value = rest.substr(end + 2);
        const std::size_t length = value_length(value);
        out.emplace_back(rest.substr(1, end - 1), value.substr(0, length));
        rest = value.substr(length);
        if (rest.empty() || rest.front() != ',') {
            break;
        }
        rest.remove_prefix(1);
    }
    return out;
}

}  // namespace aiml042::query
