// What a name of a filter or group_by stands for in one deployment.
//
// A bare name is a builtin ("score", "model_version" …) or "label"; else the metadata key of that
// name and, for events that do not have it, the feature of that name. `metadata.x` and `feature.x`
// mean one of the two. A name seen with two types is two columns; the one that has a value counts.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/column.h"
#include "query/block_view.h"
#include "query/filter.h"
#include "store/directory.h"

namespace aiml042::query {

/// Columns in the order of their right to speak for an event.
struct Field {
    enum class Source : std::uint8_t { kColumn, kLabelClass, kLabelValue };

    struct Part {
        Source source = Source::kColumn;
        ColumnId id = 0;
        model::ValueType type = model::ValueType::kNumber;
    };

    std::string name;  // As answers show it.
    std::vector<Part> parts;

    [[nodiscard]] bool uses_labels() const;
};

/// One part in one block: the span of its type is used, the others are empty.
struct PartValues {
    model::ValueType type = model::ValueType::kNumber;
    std::span<const double> numbers;
    std::span<const std::uint32_t> codes;
    const model::StringPool* strings = nullptr;
    std::span<const std::int64_t> integers;

    [[nodiscard]] bool absent() const {
        return numbers.empty() && codes.empty() && integers.empty();
    }
};

/// kInvalidArgument with `pointer` when the deployment has no such name; the detail has the nearest
/// ones.
[[nodiscard]] Result<Field> resolve_field(const FieldName& field,
                                          const store::Schema& schema,
                                          std::string_view pointer);

/// The same for a name as group_by and the values endpoint take it: plain, or as in a filter.
[[nodiscard]] Result<Field> resolve_field(std::string_view written,
                                          const store::Schema& schema,
                                          std::string_view pointer);

/// A name taken apart without looking at a deployment.
[[nodiscard]] FieldName split_field_name(std::string_view written);

[[nodiscard]] Result<PartValues> part_values(const Field::Part& part, BlockView& view);

}  // namespace aiml042::query
