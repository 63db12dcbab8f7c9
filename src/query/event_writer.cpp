#include "query/event_writer.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "model/column.h"
#include "query/csv.h"
#include "query/stored_json.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
namespace builtin = model::builtin;

/// The members of the stored remainder, whose names have no escapes.
std::vector<std::pair<std::string_view, std::string_view>> members(std::string_view object) {
    std::vector<std::pair<std::string_view, std::string_view>> out;
    for_each_stored_member(object, [&out](std::string_view name, std::string_view value) {
        out.emplace_back(name, value);
    });
    return out;
}

bool belongs_to_prediction(std::string_view name) {
    return name == "ranking" || name == "text";
}

std::optional<double> present(double number) {
    return std::isnan(number) ? std::nullopt : std::optional(number);
}

void write_label_value(JsonWriter& writer,
                       std::string_view class_text,
                       double value,
                       std::string_view remainder) {
    writer.key("label").begin_object();
    if (class_text.data() != nullptr) {
        writer.field("class", class_text);
    } else if (!std::isnan(value)) {
        writer.field("value", value);
    }
    for (const auto& [name, json] : remainder.empty() ? members("{}") : members(remainder)) {
        writer.key(name).raw(json);
    }
    writer.end_object();
}

}  // namespace

Result<double> EventWriter::number(ColumnId id, std::uint32_t row) {
    AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
    return column == nullptr ? model::kMissing : column->numbers[row];
}

Result<std::string_view> EventWriter::text(ColumnId id, std::uint32_t row) {
    AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
    if (column == nullptr || column->codes[row] == model::kNullCode) {
        return std::string_view();
    }
    const std::string_view found = column->strings.at(column->codes[row]);
    return found.empty() ? std::string_view("") : found;
}

Result<std::int64_t> EventWriter::integer(ColumnId id, std::uint32_t row) {
    AIML_ASSIGN(const model::ColumnVector* column, view_.column(id));
    return column == nullptr ? std::int64_t{0} : column->integers[row];
}

Status EventWriter::write_number(JsonWriter& writer,
                                 std::string_view name,
                                 ColumnId id,
                                 std::uint32_t row) {
    AIML_ASSIGN(const double value, number(id, row));
    if (!std::isnan(value)) {
        writer.field(name, value);
    }
    return Status::ok();
}

Status EventWriter::write_text(JsonWriter& writer,
                               std::string_view name,
                               ColumnId id,
                               std::uint32_t row) {
    AIML_ASSIGN(const std::string_view value, text(id, row));
    if (value.data() != nullptr) {
        writer.field(name, value);
    }
    return Status::ok();
}

template <typename Visit>
Status EventWriter::visit_named(model::ColumnKind kind, std::uint32_t row, const Visit& visit) {
    for (const store::ColumnInfo& column : deployment_.schema->columns) {
        if (column.key.kind != kind) {
            continue;
        }
        double value = model::kMissing;
        std::string_view string;
        if (column.key.type == model::ValueType::kString) {
            AIML_ASSIGN(string, text(column.id, row));
        } else {
            AIML_ASSIGN(value, number(column.id, row));
        }
        if (string.data() != nullptr || !std::isnan(value)) {
            visit(column.key, string, value);
        }
    }
    return Status::ok();
}

Status EventWriter::write_named(JsonWriter& writer,
                                std::string_view name,
                                model::ColumnKind kind,
                                std::uint32_t row) {
    bool opened = false;
    const auto write = [&](const model::ColumnKey& key, std::string_view string, double value) {
        if (!opened) {
            writer.key(name).begin_object();
            opened = true;
        }
        writer.key(key.name);
        if (string.data() != nullptr) {
            writer.string(string);
        } else if (key.type == model::ValueType::kBool) {
            writer.boolean(value != 0.0);
        } else {
            writer.number(value);
        }
    };
    AIML_TRY(visit_named(kind, row, write));
    if (opened) {
        writer.end_object();
    }
    return Status::ok();
}

Status EventWriter::write_prediction(JsonWriter& writer, std::uint32_t row) {
    AIML_ASSIGN(const std::string_view remainder, text(builtin::kRemainder, row));
    writer.key("prediction").begin_object();
    AIML_TRY(write_text(writer, "class", builtin::kPredictedClass, row));
    AIML_TRY(write_number(writer, "score", builtin::kScore, row));
    AIML_TRY(write_named(writer, "scores", model::ColumnKind::kClassScore, row));
    AIML_TRY(write_number(writer, "value", builtin::kPredictedValue, row));
    AIML_TRY(write_named(writer, "quantiles", model::ColumnKind::kQuantile, row));
    AIML_TRY(write_text(writer, "action", builtin::kAction, row));
    AIML_TRY(write_number(writer, "propensity", builtin::kPropensity, row));
    for (const auto& [name, json] : members(remainder.empty() ? "{}" : remainder)) {
        if (belongs_to_prediction(name)) {
            writer.key(name).raw(json);
        }
    }
    writer.end_object();
    for (const auto& [name, json] : members(remainder.empty() ? "{}" : remainder)) {
        if (!belongs_to_prediction(name)) {
            writer.key(name).raw(json);
        }
    }
    return Status::ok();
}

Status EventWriter::write_label(JsonWriter& writer, std::uint32_t row) {
    AIML_ASSIGN(const model::LabelColumns* labels, view_.labels());
    if (labels->labelled.empty() || labels->labelled[row] == 0) {
        return Status::ok();
    }
    AIML_ASSIGN(const std::int64_t sequence, integer(builtin::kSequence, row));
    AIML_ASSIGN(const auto history, view_.block().label_history(static_cast<Lsn>(sequence)));
    if (history.empty()) {
        return Status::ok();
    }
    const store::LabelEntry& current = history.back();
    write_label_value(writer,
                      current.has_class ? std::string_view(current.class_text) : std::string_view(),
                      current.value,
                      current.remainder);
    writer.field("label_ts", format_rfc3339(current.label_ts));
    return Status::ok();
}

Status EventWriter::write_history(JsonWriter& writer, std::uint32_t row) {
    AIML_ASSIGN(const std::int64_t sequence, integer(builtin::kSequence, row));
    AIML_ASSIGN(const auto history, view_.block().label_history(static_cast<Lsn>(sequence)));
    writer.key("labels").begin_array();
    for (const store::LabelEntry& entry : history) {
        writer.begin_object();
        write_label_value(writer,
                          entry.has_class ? std::string_view(entry.class_text) : std::string_view(),
                          entry.value,
                          entry.remainder);
        writer.field("label_ts", format_rfc3339(entry.label_ts));
        if (!entry.source.empty()) {
            writer.field("source", entry.source);
        }
        writer.field("received_at", format_rfc3339(entry.arrival))
            .field("seq", entry.sequence)
            .end_object();
    }
    writer.end_array();
    return Status::ok();
}

Status EventWriter::write(JsonWriter& writer, std::uint32_t row, bool history) {
    AIML_ASSIGN(const std::int64_t timestamp, integer(builtin::kTimestamp, row));
    AIML_ASSIGN(const std::int64_t arrival, integer(builtin::kArrival, row));
    AIML_ASSIGN(const std::int64_t sequence, integer(builtin::kSequence, row));
    AIML_ASSIGN(const double shadow, number(builtin::kShadow, row));
    AIML_ASSIGN(const std::string_view experiment, text(builtin::kExperiment, row));
    writer.begin_object().field("deployment_id", deployment_.name);
    AIML_TRY(write_text(writer, "model_version", builtin::kModelVersion, row));
    AIML_TRY(write_text(writer, "request_id", builtin::kRequestId, row));
    AIML_TRY(write_text(writer, "trace_id", builtin::kTraceId, row));
    writer.field("timestamp", format_rfc3339(timestamp));
    AIML_TRY(write_prediction(writer, row));
    AIML_TRY(write_named(writer, "features", model::ColumnKind::kFeature, row));
    AIML_TRY(write_named(writer, "metadata", model::ColumnKind::kMetadata, row));
    AIML_TRY(write_named(writer, "attributions", model::ColumnKind::kAttribution, row));
    AIML_TRY(write_number(writer, "latency_ms", builtin::kLatencyMs, row));
    AIML_TRY(write_text(writer, "error_code", builtin::kErrorCode, row));
    AIML_TRY(write_text(writer, "prompt_version", builtin::kPromptVersion, row));
    if (experiment.data() != nullptr) {
        writer.key("experiment").begin_object().field("id", experiment);
        AIML_TRY(write_text(writer, "variant", builtin::kVariant, row));
        writer.end_object();
    }
    AIML_TRY(write_number(writer, "input_tokens", builtin::kInputTokens, row));
    AIML_TRY(write_number(writer, "output_tokens", builtin::kOutputTokens, row));
    AIML_TRY(write_number(writer, "cost_usd", builtin::kCostUsd, row));
    if (shadow == 1.0) {
        writer.field("shadow", true);
    }
    AIML_TRY(write_label(writer, row));
    if (history) {
        AIML_TRY(write_history(writer, row));
    }
    writer.field("received_at", format_rfc3339(arrival)).field("seq", sequence).end_object();
    return Status::ok();
}

Status EventWriter::add_columns(NamedColumns& columns, std::uint32_t row) {
    const auto into = [](std::set<std::string>& names) {
        return [&names](const model::ColumnKey& key, std::string_view, double) {
            names.insert(key.name);
        };
    };
    AIML_TRY(visit_named(model::ColumnKind::kFeature, row, into(columns.features)));
    return visit_named(model::ColumnKind::kMetadata, row, into(columns.metadata));
}

void EventWriter::append_csv_head(std::string& out, const NamedColumns& columns) {
    out +=
        "timestamp,deployment_id,request_id,model_version,score,predicted_class,predicted_value,"
        "label,latency_ms,error_code";
    for (const std::string& name : columns.features) {
        append_text_cell(out, "feature." + name);
    }
    for (const std::string& name : columns.metadata) {
        append_text_cell(out, "metadata." + name);
    }
    out += "\r\n";
}

Status EventWriter::append_cells(std::string& out,
                                 const NamedColumns& columns,
                                 model::ColumnKind kind,
                                 std::uint32_t row) {
    std::map<std::string_view, std::string> cells;
    const auto add = [&](const model::ColumnKey& key, std::string_view string, double value) {
        std::string& cell = cells[key.name];
        cell.clear();
        if (string.data() != nullptr) {
            append_text_cell(cell, string);
        } else if (key.type == model::ValueType::kBool) {
            append_text_cell(cell, value != 0.0 ? "true" : "false");
        } else {
            append_number_cell(cell, value);
        }
    };
    AIML_TRY(visit_named(kind, row, add));
    const bool features = kind == model::ColumnKind::kFeature;
    for (const std::string& name : features ? columns.features : columns.metadata) {
        const auto found = cells.find(name);
        out += found == cells.end() ? "," : found->second;
    }
    return Status::ok();
}

Result<std::string> EventWriter::label_text(std::uint32_t row) {
    std::string out;
    AIML_ASSIGN(const model::LabelColumns* labels, view_.labels());
    if (labels->labelled.empty() || labels->labelled[row] == 0) {
        append_text_cell(out, {});
    } else if (labels->class_codes[row] != model::kNullCode) {
        append_text_cell(out, labels->classes.at(labels->class_codes[row]));
    } else {
        append_number_cell(out, present(labels->values[row]));
    }
    return out;
}

Status EventWriter::write_csv(std::string& out, const NamedColumns& columns, std::uint32_t row) {
    AIML_ASSIGN(const std::int64_t timestamp, integer(builtin::kTimestamp, row));
    const auto add_text = [&](ColumnId id) {
        AIML_ASSIGN(const std::string_view value, text(id, row));
        append_text_cell(out, value);
        return Status::ok();
    };
    const auto add_number = [&](ColumnId id) {
        AIML_ASSIGN(const double value, number(id, row));
        append_number_cell(out, present(value));
        return Status::ok();
    };
    append_rfc3339(out, timestamp);
    append_text_cell(out, deployment_.name);
    AIML_TRY(add_text(builtin::kRequestId));
    AIML_TRY(add_text(builtin::kModelVersion));
    AIML_TRY(add_number(builtin::kScore));
    AIML_TRY(add_text(builtin::kPredictedClass));
    AIML_TRY(add_number(builtin::kPredictedValue));
    AIML_ASSIGN(const std::string label, label_text(row));
    out += label;
    AIML_TRY(add_number(builtin::kLatencyMs));
    AIML_TRY(add_text(builtin::kErrorCode));
    AIML_TRY(append_cells(out, columns, model::ColumnKind::kFeature, row));
    AIML_TRY(append_cells(out, columns, model::ColumnKind::kMetadata, row));
    out += "\r\n";
    return Status::ok();
}

}  // namespace aiml042::query
