#include "query/grouping.h"

#include <bit>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"

namespace aiml042::query {

namespace {

/// The values of one field over the selected rows, numbered from 0 as they come.
struct Coded {
    std::vector<GroupValue> values;
    std::vector<std::uint32_t> of_row;
};

constexpr std::uint32_t kUnset = ~std::uint32_t{0};

Status too_many(std::size_t groups_max) {
    return {ErrorCode::kQueryTooLarge,
            fmt::format("group_by makes more than {} groups; group by fewer keys or add a filter",
                        groups_max),
            "/group_by"};
}

GroupValue number_value(const PartValues& part, double number) {
    if (part.type == model::ValueType::kBool) {
        return {false, model::ValueType::kBool, number != 0.0 ? "true" : "false"};
    }
    return {false, model::ValueType::kNumber, fmt::format("{}", number)};
}

/// Numbers the values of one part for rows that are still kUnset.
class PartCoder {
  public:
    PartCoder(const PartValues& part, Coded& out, std::size_t groups_max)
        : part_(part), out_(out), groups_max_(groups_max) {}

    Status run(std::span<const std::uint32_t> selection) {
        if (part_.strings != nullptr) {
            return strings(selection);
        }
        for (const std::uint32_t row : selection) {
            if (out_.of_row[row] != kUnset) {
                continue;
            }
            std::uint64_t bits = 0;
            if (!part_.integers.empty()) {
                bits = static_cast<std::uint64_t>(part_.integers[row]);
            } else if (const double number = part_.numbers[row]; number == number) {
                bits = std::bit_cast<std::uint64_t>(number == 0.0 ? 0.0 : number);
            } else {
                continue;
            }
            if (!has_last_ || bits != last_bits_) {
                AIML_TRY(look_up(bits));
            }
            out_.of_row[row] = last_code_;
        }
        return Status::ok();
    }

  private:
    Status strings(std::span<const std::uint32_t> selection) {
        const std::uint32_t distinct = part_.strings->size();
        std::vector<std::uint32_t> code_of(distinct, kUnset);
        for (const std::uint32_t row : selection) {
            const std::uint32_t code = part_.codes[row];
            if (code >= distinct || out_.of_row[row] != kUnset) {
                continue;
            }
            if (code_of[code] == kUnset) {
                AIML_ASSIGN(
                    code_of[code],
                    add({false, model::ValueType::kString, std::string(part_.strings->at(code))}));
            }
            out_.of_row[row] = code_of[code];
        }
        return Status::ok();
    }

    Status look_up(std::uint64_t bits) {
        const auto found = codes_.find(bits);
        if (found != codes_.end()) {
            last_code_ = found->second;
        } else {
            AIML_ASSIGN(last_code_, add(value_of(bits)));
            codes_.emplace(bits, last_code_);
        }
        last_bits_ = bits;
        has_last_ = true;
        return Status::ok();
    }

    [[nodiscard]] GroupValue value_of(std::uint64_t bits) const {
        if (part_.integers.empty()) {
            return number_value(part_, std::bit_cast<double>(bits));
        }
        return {false, model::ValueType::kTime, format_rfc3339(static_cast<Timestamp>(bits))};
    }

    Result<std::uint32_t> add(GroupValue value) {
        if (out_.values.size() >= groups_max_) {
            return too_many(groups_max_);
        }
        out_.values.push_back(std::move(value));
        return static_cast<std::uint32_t>(out_.values.size() - 1);
    }

    const PartValues& part_;
    Coded& out_;
    std::size_t groups_max_;
    std::unordered_map<std::uint64_t, std::uint32_t> codes_;
    std::uint64_t last_bits_ = 0;
    std::uint32_t last_code_ = 0;
    bool has_last_ = false;
};

Result<Coded> code_field(BlockView& view,
                         const Field& field,
                         std::span<const std::uint32_t> selection,
                         std::size_t groups_max) {
    Coded coded;
    coded.of_row.assign(view.rows(), kUnset);
    for (const Field::Part& part : field.parts) {
        AIML_ASSIGN(const PartValues values, part_values(part, view));
        if (!values.absent()) {
            AIML_TRY(PartCoder(values, coded, groups_max).run(selection));
        }
    }
    std::uint32_t missing = kUnset;
    for (const std::uint32_t row : selection) {
        if (coded.of_row[row] != kUnset) {
            continue;
        }
        if (missing == kUnset) {
            missing = static_cast<std::uint32_t>(coded.values.size());
            coded.values.emplace_back();
        }
        coded.of_row[row] = missing;
    }
    return coded;
}

/// Numbers of pairs (group, value): a table where all that are possible fit, else a hash map.
class PairNumbers {
  public:
    PairNumbers(std::size_t groups, std::size_t values) : values_(values) {
        if (groups * values <= kTableMax) {
            table_.assign(groups * values, kUnset);
        }
    }

    /// The place of the pair's number, kUnset when it is new.
    std::uint32_t& at(std::uint32_t group, std::uint32_t value) {
        const std::uint64_t pair = group * std::uint64_t{values_} + value;
        return table_.empty() ? map_.try_emplace(pair, kUnset).first->second : table_[pair];
    }

  private:
    static constexpr std::size_t kTableMax = 65'536;

    std::size_t values_;
    std::vector<std::uint32_t> table_;
    std::unordered_map<std::uint64_t, std::uint32_t> map_;
};

/// Adds one more field to groups: each (group, value) that occurs becomes a group.
Status combine(BlockGroups& groups,
               const Coded& coded,
               std::span<const std::uint32_t> selection,
               std::size_t groups_max) {
    PairNumbers numbers(groups.keys.size(), coded.values.size());
    std::vector<GroupKey> keys;
    for (const std::uint32_t row : selection) {
        const std::uint32_t group = groups.of_row[row];
        const std::uint32_t value = coded.of_row[row];
        std::uint32_t& number = numbers.at(group, value);
        if (number == kUnset) {
            if (keys.size() >= groups_max) {
                return too_many(groups_max);
            }
            number = static_cast<std::uint32_t>(keys.size());
            keys.push_back(groups.keys[group]);
            keys.back().push_back(coded.values[value]);
        }
        groups.of_row[row] = number;
    }
    groups.keys = std::move(keys);
    return Status::ok();
}

}  // namespace

void write_group_value(codec::JsonWriter& writer, const GroupValue& value) {
    if (value.missing) {
        writer.null();
        return;
    }
    switch (value.type) {
        case model::ValueType::kNumber:
        case model::ValueType::kBool:
            writer.raw(value.text);
            return;
        case model::ValueType::kString:
        case model::ValueType::kTime:
            writer.string(value.text);
            return;
    }
}

std::string group_name(const GroupKey& key) {
    std::string name;
    for (const GroupValue& value : key) {
        name +=
            fmt::format("{}{}:{}",
                        value.missing ? '-' : static_cast<char>('0' + static_cast<int>(value.type)),
                        value.text.size(),
                        value.text);
    }
    return name;
}

Result<BlockGroups> group_rows(BlockView& view,
                               std::span<const Field> fields,
                               std::span<const std::uint32_t> selection,
                               std::size_t groups_max) {
    BlockGroups groups;
    if (fields.empty()) {
        groups.keys.emplace_back();
        return groups;
    }
    for (const Field& field : fields) {
        AIML_ASSIGN(Coded coded, code_field(view, field, selection, groups_max));
        if (groups.of_row.empty()) {
            for (GroupValue& value : coded.values) {
                groups.keys.push_back({std::move(value)});
            }
            groups.of_row = std::move(coded.of_row);
        } else {
            AIML_TRY(combine(groups, coded, selection, groups_max));
        }
    }
    return groups;
}

}  // namespace aiml042::query
