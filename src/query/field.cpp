#include "query/field.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "query/filter_tokens.h"
#include "query/nearest.h"

namespace aiml042::query {

namespace {

std::optional<model::ColumnKind> scope_kind(std::string_view scope) {
    using model::ColumnKind;
    constexpr std::pair<std::string_view, ColumnKind> kKinds[] = {
        {"feature", ColumnKind::kFeature},
        {"metadata", ColumnKind::kMetadata},
        {"scores", ColumnKind::kClassScore},
        {"quantiles", ColumnKind::kQuantile},
        {"attributions", ColumnKind::kAttribution},
    };
    for (const auto& [name, kind] : kKinds) {
        if (name == scope) {
            return kind;
        }
    }
    return std::nullopt;
}

/// Builtins that can be asked for; the remainder is JSON of our own.
std::optional<ColumnId> builtin_id(std::string_view name) {
    if (name == "error") {
        name = "error_code";
    }
    for (ColumnId id = 0; id < model::builtin::kCount; ++id) {
        if (id != model::builtin::kRemainder && model::builtin_column(id).name == name) {
            return id;
        }
    }
    return std::nullopt;
}

void add_columns(Field& field,
                 const store::Schema& schema,
                 model::ColumnKind kind,
                 std::string_view name) {
    for (const store::ColumnInfo& column : schema.find(kind, name)) {
        field.parts.push_back({Field::Source::kColumn, column.id, column.key.type});
    }
}

Status unknown_field(const FieldName& field,
                     const store::Schema& schema,
                     std::string_view pointer) {
    const auto kind = scope_kind(field.scope);
    std::vector<std::string> names;
    for (const store::ColumnInfo& column : schema.columns) {
        const bool named_bare = column.key.kind == model::ColumnKind::kFeature ||
                                column.key.kind == model::ColumnKind::kMetadata;
        if (kind.has_value() ? column.key.kind == *kind : named_bare) {
            names.push_back(column.key.name);
        }
    }
    if (!kind.has_value()) {
        for (ColumnId id = 0; id < model::builtin::kRemainder; ++id) {
            names.push_back(model::builtin_column(id).name);
        }
        names.emplace_back("label");
    }
    const std::string shown = filter_name(field).substr(0, 120);
    std::string text =
        fmt::format("this deployment has no {}{}", shown, did_you_mean(field.name, names));
    if (field.position > 0) {
        return filter_error(field.position, text);
    }
    return {ErrorCode::kInvalidArgument, std::move(text), std::string(pointer)};
}

}  // namespace

bool Field::uses_labels() const {
    return std::ranges::any_of(parts,
                               [](const Part& part) { return part.source != Source::kColumn; });
}

FieldName split_field_name(std::string_view written) {
    const Result<Expression> parsed = parse_filter(written);
    if (parsed && parsed->kind == Expression::Kind::kCompare &&
        parsed->values[0].type == Literal::Type::kBool && parsed->children.empty()) {
        FieldName field = parsed->field;
        field.position = 0;
        return field;
    }
    FieldName field;
    field.name = written;
    const std::size_t dot = written.find('.');
    if (dot != std::string_view::npos && dot + 1 < written.size() &&
        scope_kind(written.substr(0, dot)).has_value()) {
        field.scope = written.substr(0, dot);
        field.name = written.substr(dot + 1);
    }
    return field;
}

Result<Field> resolve_field(const FieldName& name,
                            const store::Schema& schema,
                            std::string_view pointer) {
    Field field;
    field.name = name.scope.empty() ? name.name : name.scope + "." + name.name;
    if (!name.scope.empty()) {
        const auto kind = scope_kind(name.scope);
        if (kind.has_value()) {
            add_columns(field, schema, *kind, name.name);
        }
    } else if (name.name == "label") {
        field.parts.push_back({Field::Source::kLabelClass, 0, model::ValueType::kString});
        field.parts.push_back({Field::Source::kLabelValue, 0, model::ValueType::kNumber});
    } else if (const auto id = builtin_id(name.name)) {
        field.parts.push_back({Field::Source::kColumn, *id, model::builtin_column(*id).type});
    } else {
        add_columns(field, schema, model::ColumnKind::kMetadata, name.name);
        add_columns(field, schema, model::ColumnKind::kFeature, name.name);
    }
    if (field.parts.empty()) {
        return unknown_field(name, schema, pointer);
    }
    return field;
}

Result<Field> resolve_field(std::string_view written,
                            const store::Schema& schema,
                            std::string_view pointer) {
    AIML_ASSIGN(Field field, resolve_field(split_field_name(written), schema, pointer));
    field.name = written;
    return field;
}

Result<PartValues> part_values(const Field::Part& part, BlockView& view) {
    PartValues values;
    values.type = part.type;
    const std::size_t rows = view.rows();
    if (part.source != Field::Source::kColumn) {
        AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
        if (part.source == Field::Source::kLabelClass) {
            values.codes = std::span(labels->class_codes).first(rows);
            values.strings = &labels->classes;
        } else {
            values.numbers = std::span(labels->values).first(rows);
        }
        return values;
    }
    AIML_ASSIGN(const model::ColumnVector* column, view.column(part.id));
    if (column == nullptr) {
        return values;
    }
    switch (column->type) {
        case model::ValueType::kTime:
            values.integers = std::span(column->integers).first(rows);
            break;
        case model::ValueType::kNumber:
        case model::ValueType::kBool:
            values.numbers = std::span(column->numbers).first(rows);
            break;
        case model::ValueType::kString:
            values.codes = std::span(column->codes).first(rows);
            values.strings = &column->strings;
            break;
    }
    return values;
}

}  // namespace aiml042::query
