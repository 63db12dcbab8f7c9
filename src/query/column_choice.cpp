#include "query/column_choice.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "metrics/family.h"
#include "model/row.h"
#include "query/core.h"

namespace aiml042::query {

namespace {

using Source = ColumnChoice::Source;

constexpr char kPartEnd = '\x1f';  // Between the values of a group.
constexpr std::string_view kMissingPart = "\x1e";

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

/// The values of a field as texts; kNoClass where there is none.
Result<std::vector<std::uint32_t>> read_texts(const Field& field,
                                              BlockView& view,
                                              ClassRegistry& texts) {
    AIML_ASSIGN(ColumnValuesOfBlock values, read_field(field, view, texts));
    values.codes.resize(view.rows(), metrics::kNoClass);
    double last = model::kMissing;
    std::uint32_t last_code = metrics::kNoClass;
    for (std::size_t row = 0; row < values.numbers.size(); ++row) {
        const double number = values.numbers[row];
        if (number != number || values.codes[row] != metrics::kNoClass) {
            continue;
        }
        if (number != last) {
            last = number;
            AIML_ASSIGN(last_code, texts.code(fmt::format("{}", number)));
        }
        values.codes[row] = last_code;
    }
    return std::move(values.codes);
}

}  // namespace

bool ColumnChoice::uses_labels() const {
    return source == Source::kLabel || field.uses_labels() ||
           std::ranges::any_of(keys, &Field::uses_labels);
}

Result<ColumnChoice> choose_groups(const Core& core,
                                   const store::DeploymentInfo& deployment,
                                   const std::vector<std::string>& by) {
    if (by.empty() || by.size() > limits::kGroupKeysMax) {
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("by takes one to {} keys", limits::kGroupKeysMax),
                      "/by");
    }
    ColumnChoice choice;
    choice.source = Source::kGroups;
    for (const std::string& key : by) {
        AIML_ASSIGN(choice.keys.emplace_back(), resolve_field(key, *deployment.schema, "/by"));
        choice.name += (choice.name.empty() ? "" : std::string(1, kPartEnd)) + key;
    }
    choice.texts = core.texts(deployment, "by " + choice.name);
    return choice;
}

std::vector<std::optional<std::string>> group_parts(std::string_view text) {
    std::vector<std::optional<std::string>> out;
    while (true) {
        const std::size_t end = text.find(kPartEnd);
        const std::string_view part = text.substr(0, end);
        out.push_back(part == kMissingPart ? std::nullopt : std::optional<std::string>(part));
        if (end == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(end + 1);
    }
}

std::string group_label(std::string_view text) {
    std::string out;
    for (const std::optional<std::string>& part : group_parts(text)) {
        out += (out.empty() ? "" : " / ") + part.value_or("(none)");
    }
    return out;
}

Result<std::vector<std::uint32_t>> read_groups(const ColumnChoice& choice, BlockView& view) {
    std::vector<std::vector<std::uint32_t>> keys;
    std::vector<std::unique_ptr<ClassRegistry>> texts;  // Of the block, one per key.
    for (const Field& key : choice.keys) {
        texts.push_back(std::make_unique<ClassRegistry>("a key of by has"));
        AIML_ASSIGN(keys.emplace_back(), read_texts(key, view, *texts.back()));
    }
    std::vector<std::uint32_t> out(view.rows());
    std::map<std::vector<std::uint32_t>, std::uint32_t> known;
    std::vector<std::uint32_t> tuple(keys.size());
    for (std::size_t row = 0; row < out.size(); ++row) {
        for (std::size_t k = 0; k < keys.size(); ++k) {
            tuple[k] = keys[k][row];
        }
        const auto [at, is_new] = known.try_emplace(tuple, 0);
        if (is_new) {
            std::string text;
            for (std::size_t k = 0; k < keys.size(); ++k) {
                text += k == 0 ? "" : std::string(1, kPartEnd);
                text += tuple[k] == metrics::kNoClass ? std::string(kMissingPart)
                                                      : texts[k]->text(tuple[k]);
            }
            AIML_ASSIGN(at->second, choice.texts->code(text));
        }
        out[row] = at->second;
    }
    return out;
}

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
