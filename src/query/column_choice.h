// The column that drift is asked of: a feature (or any other column), the score, the prediction, or
// the label; read as numbers and texts.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/class_registry.h"
#include "query/field.h"
#include "query/profile.h"

namespace aiml042::query {

struct ColumnChoice {
    enum class Source : std::uint8_t {
        kField,
        kScore,           // Of the positive class.
        kPredictedClass,  // As sent, else from the score.
        kPredictedValue,  // As sent, else the median forecast.
        kLabel,           // Class or value of the current label; no label is no row.
        kGroups,          // The values of `keys` together, as one text; see group_parts().
    } source = Source::kField;
    Field field = {};              // With kField.
    std::vector<Field> keys = {};  // With kGroups.
    std::string name;              // "feature.age", "score", "prediction", "label" …
    std::shared_ptr<ClassRegistry> texts;

    [[nodiscard]] bool uses_labels() const;

    [[nodiscard]] bool uses_understanding() const {
        return source != Source::kField && source != Source::kGroups;
    }
};

class Core;

/// What `feature` names: a feature, else what a filter would take the name for; "score",
/// "prediction" and "label" are those of the deployment's task. Empty: the score of a binary task,
/// else the prediction. Errors: kInvalidArgument with the nearest names.
[[nodiscard]] Result<ColumnChoice> choose_column(const Core& core,
                                                 const store::DeploymentInfo& deployment,
                                                 const Profile& profile,
                                                 std::string_view feature);

/// The groups of one to limits::kGroupKeysMax keys. Errors: kInvalidArgument with the nearest
/// names.
[[nodiscard]] Result<ColumnChoice> choose_groups(const Core& core,
                                                 const store::DeploymentInfo& deployment,
                                                 const std::vector<std::string>& by);

/// The values of the keys that a group's text stands for; empty where events do not have the key.
[[nodiscard]] std::vector<std::optional<std::string>> group_parts(std::string_view text);

/// The same as one line: "female / EU", "(none)" for what is missing.
[[nodiscard]] std::string group_label(std::string_view text);

/// Codes of the rows' groups. Numbers and booleans by their text; events without a key are a group.
[[nodiscard]] Result<std::vector<std::uint32_t>> read_groups(const ColumnChoice& choice,
                                                             BlockView& view);

/// All columns a report covers: features in the order of their names, then the score, the
/// prediction and the label where the deployment has them.
[[nodiscard]] std::vector<std::string> drift_columns(const store::DeploymentInfo& deployment,
                                                     const Profile& profile);

/// The values of a field in one block.
struct ColumnValuesOfBlock {
    std::vector<double> numbers;       // NaN = missing or no number; empty: none is.
    std::vector<std::uint32_t> codes;  // kNoClass = missing or no text; empty: none is.
};

[[nodiscard]] Result<ColumnValuesOfBlock> read_field(const Field& field,
                                                     BlockView& view,
                                                     ClassRegistry& texts);

}  // namespace aiml042::query
