#include "query/filter_eval.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "model/row.h"
#include "query/filter_tokens.h"

namespace aiml042::query {

namespace {

using Mask = std::vector<std::uint8_t>;
using Kind = Expression::Kind;

/// The whole of `text` as a number; nothing for "", "nan", "12x".
std::optional<double> read_number(std::string_view text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

bool same_ignoring_case(std::string_view text, std::string_view lower_case) {
    return std::ranges::equal(text, lower_case, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

/// A literal in the forms that columns compare with. NaN: cannot be compared with numbers.
struct Constant {
    Literal::Type type = Literal::Type::kNumber;
    double number = model::kMissing;
    std::string text;
    std::int64_t integer = 0;  // For time columns.
};

bool holds(CompareOp op, std::partial_ordering order) {
    switch (op) {
        case CompareOp::kEqual:
            return order == 0;
        case CompareOp::kNotEqual:
            return order != 0;
        case CompareOp::kLess:
            return order < 0;
        case CompareOp::kLessEqual:
            return order <= 0;
        case CompareOp::kGreater:
            return order > 0;
        case CompareOp::kGreaterEqual:
            return order >= 0;
    }
    return false;
}

std::partial_ordering compare_text(std::string_view value, const Constant& constant) {
    switch (constant.type) {
        case Literal::Type::kString:
            return value <=> std::string_view(constant.text);
        case Literal::Type::kBool:
            return same_ignoring_case(value, constant.number != 0.0 ? "true" : "false")
                       ? std::partial_ordering::equivalent
                       : std::partial_ordering::unordered;
        case Literal::Type::kNumber:
            break;
    }
    const auto number = read_number(value);
    return number.has_value() ? *number <=> constant.number : std::partial_ordering::unordered;
}

}  // namespace

struct BoundFilter::Node {
    Kind kind = Kind::kTrue;
    bool negated = false;
    CompareOp op = CompareOp::kEqual;
    Field field;
    std::vector<Constant> constants;
    std::vector<double> sorted_numbers;  // kIn: the constants that numbers compare with.
    std::vector<Node> children;

    /// Is the test true of a present value? `order` compares the value with a constant.
    template <typename Order>
    [[nodiscard]] bool test(const Order& order) const {
        bool result = false;
        switch (kind) {
            case Kind::kCompare:
                result = holds(op, order(constants[0]));
                break;
            case Kind::kIn:
                result = std::ranges::any_of(
                    constants, [&](const Constant& constant) { return order(constant) == 0; });
                break;
            case Kind::kBetween:
                result = order(constants[0]) >= 0 && order(constants[1]) <= 0;
                break;
            default:
                break;
        }
        return result != negated;
    }

    [[nodiscard]] bool test_text(std::string_view value) const {
        if (kind == Kind::kContains) {
            return (value.find(constants[0].text) != std::string_view::npos) != negated;
        }
        if (kind == Kind::kStartsWith) {
            return value.starts_with(constants[0].text) != negated;
        }
        return test([&](const Constant& constant) { return compare_text(value, constant); });
    }
};

namespace {

using Node = BoundFilter::Node;

/// out[i] = test(values[i]) where the value is present, else 0. The compiler makes vectors of it.
template <typename Test>
void fill_numbers(std::span<const double> values, Mask& out, const Test& test) {
    const double* const in = values.data();
    std::uint8_t* const to = out.data();
    const std::size_t n = values.size();
    for (std::size_t i = 0; i < n; ++i) {
        const double v = in[i];
        to[i] = static_cast<std::uint8_t>(static_cast<unsigned>(test(v)) &
                                          static_cast<unsigned>(v == v));
    }
}

void compare_numbers(const Node& node, std::span<const double> values, Mask& out) {
    const double c = node.constants[0].number;
    const bool flip = node.negated;
    switch (node.op) {
        case CompareOp::kEqual:
            return fill_numbers(values, out, [=](double v) { return (v == c) != flip; });
        case CompareOp::kNotEqual:
            return fill_numbers(values, out, [=](double v) { return (v != c) != flip; });
        case CompareOp::kLess:
            return fill_numbers(values, out, [=](double v) { return (v < c) != flip; });
        case CompareOp::kLessEqual:
            return fill_numbers(values, out, [=](double v) { return (v <= c) != flip; });
        case CompareOp::kGreater:
            return fill_numbers(values, out, [=](double v) { return (v > c) != flip; });
        case CompareOp::kGreaterEqual:
            return fill_numbers(values, out, [=](double v) { return (v >= c) != flip; });
    }
}

void test_numbers(const Node& node, std::span<const double> values, Mask& out) {
    const bool flip = node.negated;
    switch (node.kind) {
        case Kind::kCompare:
            return compare_numbers(node, values, out);
        case Kind::kBetween: {
            const double low = node.constants[0].number;
            const double high = node.constants[1].number;
            return fill_numbers(values, out, [=](double v) {
                return (static_cast<unsigned>(v >= low) & static_cast<unsigned>(v <= high)) !=
                       static_cast<unsigned>(flip);
            });
        }
        case Kind::kIn:
            return fill_numbers(values, out, [&](double v) {
                return std::ranges::binary_search(node.sorted_numbers, v) != flip;
            });
        default:  // A number contains no text.
            return fill_numbers(values, out, [=](double) { return flip; });
    }
}

void test_times(const Node& node, std::span<const std::int64_t> values, Mask& out) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = node.test([&](const Constant& constant) -> std::partial_ordering {
            return values[i] <=> constant.integer;
        });
    }
}

void test_texts(const Node& node, const PartValues& values, Mask& out) {
    const std::uint32_t distinct = values.strings->size();
    std::vector<std::uint8_t> table(std::size_t{distinct} + 1, 0);  // The last is for missing.
    for (std::uint32_t i = 0; i < distinct; ++i) {
        table[i] = node.test_text(values.strings->at(i)) ? 1 : 0;
    }
    const std::uint32_t* const codes = values.codes.data();
    for (std::size_t i = 0; i < values.codes.size(); ++i) {
        out[i] = table[std::min(codes[i], distinct)];
    }
}

void test_part(const Node& node, const PartValues& values, Mask& out) {
    if (!values.numbers.empty()) {
        test_numbers(node, values.numbers, out);
    } else if (!values.integers.empty()) {
        test_times(node, values.integers, out);
    } else {
        test_texts(node, values, out);
    }
}

/// out[i] = 1 where the part has a value.
void fill_present(const PartValues& values, Mask& out) {
    if (!values.numbers.empty()) {
        fill_numbers(values.numbers, out, [](double) { return true; });
    } else if (!values.integers.empty()) {
        std::ranges::fill(out, std::uint8_t{1});
    } else {
        const std::uint32_t distinct = values.strings->size();
        for (std::size_t i = 0; i < values.codes.size(); ++i) {
            out[i] = values.codes[i] < distinct ? 1 : 0;
        }
    }
}

Result<std::vector<PartValues>> present_parts(const Field& field, BlockView& view) {
    std::vector<PartValues> parts;
    for (const Field::Part& part : field.parts) {
        AIML_ASSIGN(const PartValues values, part_values(part, view));
        if (!values.absent()) {
            parts.push_back(values);
        }
    }
    return parts;
}

/// A test on a field of several columns: each row is decided by its first part that has a value.
void test_parts(const Node& node, const std::vector<PartValues>& parts, Mask& out) {
    std::ranges::fill(out, std::uint8_t{0});
    Mask decided(out.size(), 0);
    Mask present(out.size());
    Mask result(out.size());
    for (const PartValues& values : parts) {
        fill_present(values, present);
        test_part(node, values, result);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const unsigned mine = static_cast<unsigned>(present[i]) & (decided[i] ^ 1U);
            out[i] = static_cast<std::uint8_t>(out[i] | (mine & result[i]));
            decided[i] = static_cast<std::uint8_t>(decided[i] | present[i]);
        }
    }
}

void test_null(const Node& node, const std::vector<PartValues>& parts, Mask& out) {
    Mask some(out.size(), 0);
    Mask present(out.size());
    for (const PartValues& values : parts) {
        fill_present(values, present);
        for (std::size_t i = 0; i < out.size(); ++i) {
            some[i] = static_cast<std::uint8_t>(some[i] | present[i]);
        }
    }
    const unsigned flip = node.negated ? 0 : 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(some[i] ^ flip);
    }
}

Status evaluate(const Node& node, BlockView& view, Mask& out);

Status evaluate_children(const Node& node, BlockView& view, Mask& out) {
    const bool is_and = node.kind == Kind::kAnd;
    AIML_TRY(evaluate(node.children[0], view, out));
    Mask next(out.size());
    for (std::size_t child = 1; child < node.children.size(); ++child) {
        if (std::ranges::find(out, static_cast<std::uint8_t>(is_and ? 1 : 0)) == out.end()) {
            return Status::ok();  // Decided for every row.
        }
        AIML_TRY(evaluate(node.children[child], view, next));
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::uint8_t>(is_and ? out[i] & next[i] : out[i] | next[i]);
        }
    }
    return Status::ok();
}

Status evaluate(const Node& node, BlockView& view, Mask& out) {
    if (node.kind == Kind::kTrue) {
        std::ranges::fill(out, std::uint8_t{1});
        return Status::ok();
    }
    if (node.kind == Kind::kAnd || node.kind == Kind::kOr) {
        return evaluate_children(node, view, out);
    }
    AIML_ASSIGN(const std::vector<PartValues> parts, present_parts(node.field, view));
    if (node.kind == Kind::kIsNull) {
        test_null(node, parts, out);
    } else if (parts.size() == 1) {
        test_part(node, parts[0], out);
    } else {
        test_parts(node, parts, out);
    }
    return Status::ok();
}

/// Whether values in [zone.min, zone.max] can satisfy a test; only what is cheap and certain is
/// ruled out.
bool zone_may_match(const Node& node, const store::Zone& zone, bool time) {
    const auto value = [&](std::size_t i) {
        return time ? static_cast<double>(node.constants[i].integer) : node.constants[i].number;
    };
    if (node.negated) {
        return true;
    }
    if (node.kind == Kind::kBetween) {
        return zone.max >= value(0) && zone.min <= value(1);
    }
    if (node.kind == Kind::kIn) {
        for (std::size_t i = 0; i < node.constants.size(); ++i) {
            if (zone.min <= value(i) && value(i) <= zone.max) {
                return true;
            }
        }
        return false;
    }
    if (node.kind != Kind::kCompare) {
        return true;
    }
    switch (node.op) {
        case CompareOp::kEqual:
            return zone.min <= value(0) && value(0) <= zone.max;
        case CompareOp::kLess:
        case CompareOp::kLessEqual:
            return zone.min <= value(0);
        case CompareOp::kGreater:
        case CompareOp::kGreaterEqual:
            return zone.max >= value(0);
        case CompareOp::kNotEqual:
            return true;
    }
    return true;
}

bool node_may_match(const Node& node, const store::Block& block) {
    const auto may = [&](const Node& child) { return node_may_match(child, block); };
    if (node.kind == Kind::kAnd) {
        return std::ranges::all_of(node.children, may);
    }
    if (node.kind == Kind::kOr) {
        return std::ranges::any_of(node.children, may);
    }
    if (node.kind == Kind::kTrue || node.kind == Kind::kIsNull || node.field.parts.size() != 1) {
        return true;
    }
    const Field::Part& part = node.field.parts[0];
    if (part.source != Field::Source::kColumn || part.type == model::ValueType::kString) {
        return true;
    }
    const auto zone = block.zone(part.id);
    return !zone.has_value() || zone_may_match(node, *zone, part.type == model::ValueType::kTime);
}

/// `timestamp` and `received_at` are microseconds inside; `seq` is a plain integer.
Result<std::int64_t> time_constant(const Literal& literal, ColumnId id, const FieldName& field) {
    if (literal.type == Literal::Type::kString) {
        if (const auto time = parse_rfc3339(literal.text)) {
            return *time;
        }
        return filter_error(field.position,
                            filter_name(field) +
                                " compares with a time such as "
                                "\"2025-11-25T10:00:00Z\" or epoch milliseconds");
    }
    const double scaled = literal.number * (id == model::builtin::kSequence ? 1.0 : 1'000.0);
    return static_cast<std::int64_t>(std::clamp(std::round(scaled), -9.0e18, 9.0e18));
}

Result<Constant> bind_constant(const Literal& literal, const Field& field, const FieldName& name) {
    Constant constant;
    constant.type = literal.type;
    constant.text = literal.text;
    if (literal.type != Literal::Type::kString) {
        constant.number = literal.number;
    } else if (const auto number = read_number(literal.text)) {
        constant.number = *number;
    } else if (field.parts[0].type == model::ValueType::kBool) {
        constant.number = same_ignoring_case(literal.text, "true")    ? 1.0
                          : same_ignoring_case(literal.text, "false") ? 0.0
                                                                      : model::kMissing;
    }
    if (field.parts[0].type == model::ValueType::kTime) {
        AIML_ASSIGN(constant.integer, time_constant(literal, field.parts[0].id, name));
    }
    return constant;
}

Result<Node> bind_node(const Expression& expression, const store::Schema& schema) {
    Node node;
    node.kind = expression.kind;
    node.negated = expression.negated;
    node.op = expression.op;
    if (node.kind == Kind::kTrue) {
        return node;
    }
    if (node.kind == Kind::kAnd || node.kind == Kind::kOr) {
        for (const Expression& child : expression.children) {
            AIML_ASSIGN(Node bound, bind_node(child, schema));
            node.children.push_back(std::move(bound));
        }
        return node;
    }
    AIML_ASSIGN(node.field, resolve_field(expression.field, schema, "/filter"));
    for (const Literal& literal : expression.values) {
        AIML_ASSIGN(Constant constant, bind_constant(literal, node.field, expression.field));
        if (!std::isnan(constant.number)) {
            node.sorted_numbers.push_back(constant.number);
        }
        node.constants.push_back(std::move(constant));
    }
    std::ranges::sort(node.sorted_numbers);
    return node;
}

bool node_uses_labels(const Node& node) {
    return node.field.uses_labels() || std::ranges::any_of(node.children, node_uses_labels);
}

}  // namespace

BoundFilter::BoundFilter() : root_(std::make_unique<Node>()) {}

BoundFilter::BoundFilter(BoundFilter&&) noexcept = default;
BoundFilter& BoundFilter::operator=(BoundFilter&&) noexcept = default;
BoundFilter::~BoundFilter() = default;

Result<BoundFilter> BoundFilter::bind(const Expression& expression, const store::Schema& schema) {
    BoundFilter filter;
    AIML_ASSIGN(*filter.root_, bind_node(expression, schema));
    filter.text_ = canonical_text(expression);
    return filter;
}

bool BoundFilter::selects_all() const {
    return root_->kind == Kind::kTrue;
}

bool BoundFilter::uses_labels() const {
    return node_uses_labels(*root_);
}

bool BoundFilter::may_match(const store::Block& block) const {
    return node_may_match(*root_, block);
}

Status BoundFilter::select(BlockView& view, std::vector<std::uint32_t>& selection) const {
    selection.resize(view.rows());
    if (selects_all()) {
        std::iota(selection.begin(), selection.end(), 0U);
        return Status::ok();
    }
    if (selection.empty()) {
        return Status::ok();
    }
    Mask mask(view.rows());
    AIML_TRY(evaluate(*root_, view, mask));
    std::size_t n = 0;
    for (std::uint32_t i = 0; i < mask.size(); ++i) {
        selection[n] = i;
        n += mask[i];
    }
    selection.resize(n);
    return Status::ok();
}

}  // namespace aiml042::query
