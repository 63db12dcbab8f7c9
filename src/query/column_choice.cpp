#include "query/column_choice.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "metrics/family.h"
#include "query/core.h"

namespace aiml042::query {

namespace {

using Source = ColumnChoice::Source;

bool is_regression(model::TaskType task) {
    return task == model::TaskType::kRegression || task == model::TaskType::kQuantile;
}

/// The score, prediction and label by those names; nothing for other ones.
std::optional<Source> own_source(std::string_view name, model::TaskType task) {
    if (name == "score") {
        return Source::kScore;
    }
    if (name == "prediction") {
        return is_regression(task) ? Source::kPredictedValue : Source::kPredictedClass;
    }
    if (name == "predicted_class") {
        return Source::kPredictedClass;
    }
    if (name == "predicted_value") {
        return Source::kPredictedValue;
    }
    return name == "label" ? std::optional(Source::kLabel) : std::nullopt;
}

std::string_view default_column(const Profile& profile) {
    return profile.task == model::TaskType::kBinary || profile.task == model::TaskType::kUnknown
               ? "score"
               : "prediction";
}

/// Numbers where they are still missing.
void fill_numbers(std::span<const double> from, std::vector<double>& into) {
    if (into.empty()) {
        into.assign(from.begin(), from.end());
        return;
    }
    for (std::size_t i = 0; i < into.size(); ++i) {
        into[i] = into[i] == into[i] ? into[i] : from[i];
    }
}

void fill_codes(std::span<const std::uint32_t> from,
                std::span<const std::uint32_t> code_of,
                std::vector<std::uint32_t>& into) {
    into.resize(from.size(), metrics::kNoClass);
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (into[i] == metrics::kNoClass && from[i] < code_of.size()) {
            into[i] = code_of[from[i]];
        }
    }
}

/// Booleans are the texts true and false.
Status fill_flags(std::span<const double> from,
                  ClassRegistry& texts,
                  std::vector<std::uint32_t>& into) {
    AIML_ASSIGN(const std::uint32_t no, texts.code("false"));
    AIML_ASSIGN(const std::uint32_t yes, texts.code("true"));
    into.resize(from.size(), metrics::kNoClass);
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (into[i] == metrics::kNoClass && from[i] == from[i]) {
            into[i] = from[i] != 0.0 ? yes : no;
        }
    }
    return Status::ok();
}

}  // namespace

Result<ColumnChoice> choose_column(const Core& core,
                                   const store::DeploymentInfo& deployment,
                                   const Profile& profile,
                                   std::string_view feature) {
    ColumnChoice choice;
    choice.name = feature.empty() ? default_column(profile) : feature;
    FieldName name = split_field_name(choice.name);
    const bool is_feature =
        name.scope.empty() &&
        !deployment.schema->find(model::ColumnKind::kFeature, name.name).empty();
    if (is_feature) {
        name.scope = "feature";
    }
    const auto own = name.scope.empty() ? own_source(name.name, profile.task) : std::nullopt;
    if (own) {
        choice.source = *own;
        const bool predicted = own == Source::kPredictedClass || own == Source::kPredictedValue;
        choice.name = predicted ? "prediction" : choice.name;
    } else {
        AIML_ASSIGN(choice.field, resolve_field(name, *deployment.schema, "/feature"));
        choice.name = choice.field.name;
    }
    const bool of_classes =
        choice.source == Source::kPredictedClass || choice.source == Source::kLabel;
    choice.texts = of_classes ? core.classes(deployment) : core.texts(deployment, choice.name);
    return choice;
}

std::vector<std::string> drift_columns(const store::DeploymentInfo& deployment,
                                       const Profile& profile) {
    std::set<std::string> features;
    for (const store::ColumnInfo& column : deployment.schema->columns) {
        if (column.key.kind == model::ColumnKind::kFeature) {
            features.insert("feature." + column.key.name);
        }
    }
    std::vector<std::string> out(features.begin(), features.end());
    if (profile.seen.has_score) {
        out.emplace_back("score");
    }
    if (profile.seen.has_predicted_value || !profile.seen.predicted_classes.values().empty()) {
        out.emplace_back("prediction");
    }
    if (profile.has_labels && profile.task != model::TaskType::kRanking) {
        out.emplace_back("label");
    }
    return out;
}

Result<ColumnValuesOfBlock> read_field(const Field& field, BlockView& view, ClassRegistry& texts) {
    ColumnValuesOfBlock out;
    for (const Field::Part& part : field.parts) {
        AIML_ASSIGN(const PartValues values, part_values(part, view));
        if (values.type == model::ValueType::kBool && !values.numbers.empty()) {
            AIML_TRY(fill_flags(values.numbers, texts, out.codes));
        } else if (!values.numbers.empty()) {
            fill_numbers(values.numbers, out.numbers);
        } else if (!values.codes.empty()) {
            AIML_ASSIGN(const std::vector<std::uint32_t> codes, texts.codes(*values.strings));
            fill_codes(values.codes, codes, out.codes);
        }
    }
    return out;
}

}  // namespace aiml042::query
