// Rows into groups by the values of up to three fields.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "model/column.h"
#include "query/block_view.h"
#include "query/field.h"

namespace aiml042::query {

/// The value of one key of a group; `missing` where events do not have it. Numbers group by their
/// text.
struct GroupValue {
    bool missing = true;
    model::ValueType type = model::ValueType::kString;
    std::string text;  // Booleans "true" and "false"; times RFC 3339.

    friend auto operator<=>(const GroupValue&, const GroupValue&) = default;
};

using GroupKey = std::vector<GroupValue>;

/// As JSON: string, number, boolean or null.
void write_group_value(codec::JsonWriter& writer, const GroupValue& value);

/// As text that tells different keys apart.
[[nodiscard]] std::string group_name(const GroupKey& key);

/// The groups of one block: `of_row[i]` indexes `keys`.
struct BlockGroups {
    std::vector<GroupKey> keys;
    std::vector<std::uint32_t> of_row;
};

/// Groups the rows of `selection` (entries of other rows are left unset). No fields: one group with
/// an empty key, and `of_row` stays empty. kQueryTooLarge when the block alone has more than
/// `groups_max` groups.
Result<BlockGroups> group_rows(BlockView& view,
                               std::span<const Field> fields,
                               std::span<const std::uint32_t> selection,
                               std::size_t groups_max);

}  // namespace aiml042::query
