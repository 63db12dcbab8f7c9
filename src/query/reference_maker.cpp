#include "query/reference_maker.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "query/attributions.h"
#include "query/column_choice.h"
#include "query/embedding_reader.h"
#include "query/plan.h"
#include "query/reference.h"
#include "query/reference_codec.h"

namespace aiml042::query {

namespace {

/// Values kept of all columns together, and of one at most and at least: exact up to 262,144 rows
/// of 16 columns, a quantile summary beyond.
constexpr std::size_t kValuesMax = 4'194'304;
constexpr std::size_t kColumnValuesMax = 262'144;
constexpr std::size_t kColumnValuesMin = 4'096;
constexpr std::size_t kEmbeddingsMax = 64;  // Of uploaded rows; each keeps 17 MB at most.

std::size_t values_of_a_column(std::size_t columns) {
    return std::clamp(
        kValuesMax / std::max<std::size_t>(1, columns), kColumnValuesMin, kColumnValuesMax);
}

/// A number, or a text; nothing for null.
struct Scalar {
    std::optional<double> number;
    std::optional<std::string> text;
};

std::optional<Scalar> scalar_of(const codec::JsonValue& value) {
    using Type = codec::JsonValue::Type;
    switch (value.type()) {
        case Type::kNull:
            return Scalar{};
        case Type::kNumber:
            return Scalar{.number = value.number(), .text = {}};
        case Type::kBool:
            return Scalar{.number = {}, .text = value.boolean() ? "true" : "false"};
        case Type::kString:
            return Scalar{.number = {}, .text = value.string()};
        case Type::kArray:
        case Type::kObject:
            break;
    }
    return std::nullopt;
}

/// {"class"} and {"value"} of a prediction or a label, or what is given in place of them.
const codec::JsonValue& inner(const codec::JsonValue& value) {
    for (const std::string_view name : {"class", "value"}) {
        if (const codec::JsonValue* found = value.find(name)) {
            return *found;
        }
    }
    return value;
}

}  // namespace

Result<MadeReference> make_reference(const Core& core, const MetricQuery& rows) {
    AIML_ASSIGN(const auto deployment, core.deployment(rows.project, rows.deployment));
    const Blocks all = core.store.blocks(rows.project, deployment.id, TimeRange{});
    AIML_ASSIGN(const Profile profile, core.profile(deployment, all));
    std::vector<std::string> names = drift_columns(deployment, profile);
    std::ranges::copy(attribution_columns(deployment), std::back_inserter(names));
    MadeReference out;
    const Timestamp deadline = core.deadline();
    for (const std::string& name : names) {
        AIML_TRY(core.check_deadline(deadline));
        MetricQuery query = rows;
        query.feature = name;
        AIML_ASSIGN(const Plan plan, make_column_plan(core, query));
        const std::array windows{plan.buckets.range};
        const auto column = measure_windows(core, plan, windows);
        if (!column && column.status().code() == ErrorCode::kQueryTooLarge &&
            column.status().pointer() == "/metric") {
            continue;  // Too many texts to be compared.
        }
        AIML_TRY(column.status());
        out.rows =
            std::max(out.rows, (*column)->n() + (*column)->other_type() + (*column)->missing());
        out.columns.emplace_back(
            plan.scan.column->name,
            encode_reference_column(
                **column, *plan.scan.column->texts, values_of_a_column(names.size())));
    }
    if (out.rows == 0) {
        return Status(ErrorCode::kInvalidField, "the window holds no events", "/from");
    }
    for (const std::string& name : embedding_columns(profile)) {
        AIML_TRY(core.check_deadline(deadline));
        MetricQuery query = rows;
        query.feature = name;
        AIML_ASSIGN(const Plan plan, make_embedding_plan(core, query));
        const std::array windows{plan.buckets.range};
        AIML_ASSIGN(const auto column, measure_embedding_windows(core, plan, windows));
        out.columns.emplace_back(name, encode_reference_embedding(*column));
    }
    return out;
}

Result<UploadedRows::Column*> UploadedRows::column(const std::string& name) {
    const auto found = columns_.find(name);
    if (found != columns_.end()) {
        return &found->second;
    }
    if (columns_.size() >= limits::kColumnsPerDeploymentMax) {
        return Status(
            ErrorCode::kCardinalityLimit,
            fmt::format("the rows have more than {} columns", limits::kColumnsPerDeploymentMax),
            "/features");
    }
    Column& made = columns_[name];
    made.texts = std::make_shared<ClassRegistry>(fmt::format("the column {} has", name));
    return &made;
}

Status UploadedRows::add_value(const std::string& name,
                               const codec::JsonValue& value,
                               const std::string& pointer) {
    const auto scalar = scalar_of(value);
    if (!scalar) {
        return {ErrorCode::kInvalidField, "expected a number, text, boolean or null", pointer};
    }
    AIML_ASSIGN(Column * into, column(name));
    metrics::Rows one;
    const double number = scalar->number.value_or(model::kMissing);
    std::uint32_t code = metrics::kNoClass;
    if (scalar->text) {
        AIML_ASSIGN(code, into->texts->code(*scalar->text));
    }
    one.column_number = {&number, 1};
    one.column_class = {&code, 1};
    constexpr std::uint32_t kFirst[] = {0};
    into->values.update(one, kFirst);
    ++into->rows;
    return Status::ok();
}

Status UploadedRows::add_vectors(const codec::JsonValue& value) {
    for (const auto& [name, vector] : value.members()) {
        const std::string pointer = "/embeddings/" + name;
        if (vector.type() != codec::JsonValue::Type::kArray ||
            vector.items().size() > limits::kEmbeddingLengthMax) {
            return {ErrorCode::kInvalidField,
                    fmt::format("expected at most {} numbers", limits::kEmbeddingLengthMax),
                    pointer};
        }
        std::vector<float> numbers;
        for (const codec::JsonValue& item : vector.items()) {
            if (item.type() != codec::JsonValue::Type::kNumber) {
                return {ErrorCode::kInvalidField, "expected numbers", pointer};
            }
            numbers.push_back(static_cast<float>(item.number()));
        }
        if (!embeddings_.contains(name) && embeddings_.size() >= kEmbeddingsMax) {
            return {ErrorCode::kCardinalityLimit,
                    fmt::format("the rows have more than {} embeddings", kEmbeddingsMax),
                    "/embeddings"};
        }
        embeddings_[name].add(numbers, sample_hash(fmt::format("{}", rows_)));
    }
    return Status::ok();
}

Status UploadedRows::add(const codec::JsonValue& row) {
    if (row.type() != codec::JsonValue::Type::kObject) {
        return {ErrorCode::kInvalidField, "a row is an object", ""};
    }
    for (const auto& [name, value] : row.members()) {
        if (name == "features") {
            for (const auto& [feature, given] : value.members()) {
                AIML_TRY(add_value("feature." + feature, given, "/features/" + feature));
            }
        } else if (name == "embeddings") {
            AIML_TRY(add_vectors(value));
        } else if (name == "score" || name == "prediction" || name == "label") {
            AIML_TRY(add_value(name, inner(value), "/" + name));
            const codec::JsonValue* score = name == "prediction" ? value.find("score") : nullptr;
            AIML_TRY(score != nullptr ? add_value("score", *score, "/prediction/score")
                                      : Status::ok());
        } else {
            return {ErrorCode::kUnknownField,
                    "a row has features, embeddings, score, prediction and label",
                    "/" + name.substr(0, 64)};
        }
    }
    ++rows_;
    return Status::ok();
}

MadeReference UploadedRows::finish() const {
    MadeReference out;
    out.rows = rows_;
    for (const auto& [name, column] : columns_) {
        // A row that does not name a column has no value of it.
        metrics::ReferenceColumn::Parts parts{.values = column.values.numbers(),
                                              .numbers = column.values.numbers().size(),
                                              .texts = column.values.texts(),
                                              .missing = column.values.missing()};
        parts.missing += name == "label" ? 0 : rows_ - std::min(rows_, column.rows);
        out.columns.emplace_back(name,
                                 encode_reference_column(metrics::ReferenceColumn(std::move(parts)),
                                                         *column.texts,
                                                         values_of_a_column(columns_.size())));
    }
    for (const auto& [name, sample] : embeddings_) {
        metrics::EmbeddingColumn column = metrics::EmbeddingColumn::of(sample);
        column.missing += rows_ - std::min(rows_, sample.rows());
        out.columns.emplace_back("embedding." + name, encode_reference_embedding(column));
    }
    return out;
}

}  // namespace aiml042::query
