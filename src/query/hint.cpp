#include "query/hint.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "query/field.h"
#include "query/nearest.h"

namespace aiml042::query {

namespace {

constexpr std::size_t kShownMax = 5;

std::string shown(const Literal& literal) {
    switch (literal.type) {
        case Literal::Type::kNumber:
            return fmt::format("{}", literal.number);
        case Literal::Type::kBool:
            return literal.number != 0.0 ? "true" : "false";
        case Literal::Type::kString:
            break;
    }
    return fmt::format("\"{}\"", std::string_view(literal.text).substr(0, 64));
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), kShownMax); ++i) {
        out += (i == 0 ? "\"" : ", \"") + names[i].substr(0, 64) + "\"";
    }
    return names.size() > kShownMax ? out + " …" : out;
}

/// Nothing when the value was seen.
std::string unknown_value(std::string_view name,
                          const std::string& value,
                          const std::vector<std::string>& seen) {
    if (seen.empty() || std::ranges::find(seen, value) != seen.end()) {
        return {};
    }
    const std::string near = did_you_mean(value, seen);
    return fmt::format("no event seen lately has {} \"{}\"{}",
                       name,
                       std::string_view(value).substr(0, 64),
                       near.empty() ? "; there are " + listed(seen) : near);
}

bool is_number(std::string_view text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string> versions_of(const BlockSummary& seen) {
    std::vector<std::string> names;
    names.reserve(seen.versions.size());
    for (const auto& [name, count] : seen.versions) {
        names.push_back(name);
    }
    return names;
}

/// The values of a set that is complete; else none.
std::vector<std::string> known(const SmallSet& set) {
    return set.full() ? std::vector<std::string>() : set.values();
}

/// The tests of one filter, one by one.
class Tests {
  public:
    Tests(const Profile& profile, const store::Schema& schema)
        : profile_(profile), schema_(schema) {}

    /// Why none can be met, of the first test that nothing meets; of an `or` all must be so.
    [[nodiscard]] std::string why_not(const Expression& expression) const {
        switch (expression.kind) {
            case Expression::Kind::kAnd:
                for (const Expression& child : expression.children) {
                    if (std::string why = why_not(child); !why.empty()) {
                        return why;
                    }
                }
                return {};
            case Expression::Kind::kOr: {
                std::string first;
                for (const Expression& child : expression.children) {
                    std::string why = why_not(child);
                    if (why.empty()) {
                        return {};
                    }
                    first = first.empty() ? std::move(why) : first;
                }
                return first;
            }
            case Expression::Kind::kCompare:
            case Expression::Kind::kIn:
            case Expression::Kind::kBetween:
                return expression.negated ? std::string() : test(expression);
            default:
                return {};
        }
    }

  private:
    [[nodiscard]] std::string test(const Expression& expression) const {
        const auto field = resolve_field(expression.field, schema_, "/filter");
        if (!field.is_ok() || expression.op == CompareOp::kNotEqual) {
            return {};
        }
        const std::string name = filter_name(expression.field);
        std::string first;
        for (const Literal& literal : expression.values) {
            std::string why = of_type(*field, name, literal);
            const bool equal =
                expression.kind == Expression::Kind::kIn || expression.op == CompareOp::kEqual;
            if (why.empty() && equal && expression.kind != Expression::Kind::kBetween &&
                literal.type == Literal::Type::kString) {
                why = unknown_value(name, literal.text, values_of(expression.field));
            }
            if (why.empty()) {
                return {};
            }
            first = first.empty() ? std::move(why) : first;
        }
        return first;
    }

    [[nodiscard]] static std::string of_type(const Field& field,
                                             const std::string& name,
                                             const Literal& literal) {
        const auto all = [&field](model::ValueType type) {
            return std::ranges::all_of(
                field.parts, [type](const Field::Part& part) { return part.type == type; });
        };
        if (literal.type == Literal::Type::kString && !is_number(literal.text) &&
            all(model::ValueType::kNumber)) {
            return fmt::format("{} holds numbers, and {} is none", name, shown(literal));
        }
        if (literal.type == Literal::Type::kNumber && all(model::ValueType::kString)) {
            return fmt::format("{} holds texts, and {} is a number", name, shown(literal));
        }
        return {};
    }

    /// The values of a field, where all that were seen lately are known.
    [[nodiscard]] std::vector<std::string> values_of(const FieldName& field) const {
        if (field.name == "model_version" && field.scope.empty()) {
            return versions_of(profile_.seen);
        }
        if (field.name == "predicted_class" && field.scope.empty()) {
            return known(profile_.seen.predicted_classes);
        }
        if (field.name == "label" && field.scope.empty()) {
            return known(profile_.seen.label_classes);
        }
        const auto found = profile_.seen.metadata.find(field.name);
        const bool of_metadata = field.scope.empty() || field.scope == "metadata";
        return of_metadata && found != profile_.seen.metadata.end() ? known(found->second)
                                                                    : std::vector<std::string>();
    }

    const Profile& profile_;
    const store::Schema& schema_;
};

}  // namespace

std::string hint_of_nothing(const Asked& asked,
                            const Profile& profile,
                            const store::Schema& schema) {
    const BlockSummary& seen = profile.seen;
    if (seen.rows == 0) {
        return {};
    }
    if (!asked.model_version.empty()) {
        std::string why =
            unknown_value("model_version", std::string(asked.model_version), versions_of(seen));
        if (!why.empty()) {
            return why;
        }
    }
    std::string why = Tests(profile, schema).why_not(asked.filter);
    if (!why.empty()) {
        return why;
    }
    if (asked.range.from > seen.last) {
        return fmt::format("the newest event of this deployment is of {}",
                           format_rfc3339(seen.last));
    }
    return {};
}

}  // namespace aiml042::query
