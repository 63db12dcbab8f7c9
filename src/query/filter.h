// Filter expressions: `age > 60 and region in ("NA","EU") and not (cohort = "ios")`, read into a
// tree.
//
// Grammar (keywords in any case):
//
//   either    = both { "or" both }
//   both      = unary { "and" unary }
//   unary     = { "not" } ( "(" either ")" | test )
//   test      = name "is" ["not"] "null" | name ["not"] "in" "(" literal { "," literal } ")"
//             | name ["not"] "between" literal "and" literal
//             | name ["not"] ( "contains" | "starts_with" ) string
//             | name op literal | literal op name | name          (alone: is true)
//   op        = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="
//   literal   = number | "text" | 'text' | "true" | "false"
//   name      = word | `any name` | scope "." (word | `any name`)
//   scope     = "feature" | "metadata" | "scores" | "quantiles" | "attributions"
//
// A test on a value that an event does not have is neither true nor false, and `not` does not
// change that (SQL's three values): only `is null` and `is not null` see missing values. `not` is
// moved down to the tests while parsing, so a tree has none, and what is left to decide per event
// is only "is this true".

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace aiml042::query {

/// A constant of a filter.
struct Literal {
    enum class Type : std::uint8_t { kNumber, kString, kBool };

    Type type = Type::kNumber;
    double number = 0.0;  // kBool as 0 and 1.
    std::string text;     // kString.

    friend bool operator==(const Literal&, const Literal&) = default;
};

/// A name as written: its scope ("feature", "metadata" …; empty where none was written) and the
/// rest.
struct FieldName {
    std::string scope;
    std::string name;
    std::size_t position = 0;  // In the filter, from 1, for messages.
};

enum class CompareOp : std::uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual
};

/// A node of a filter. Owns its children; depth is at most limits::kFilterDepthMax.
struct Expression {
    enum class Kind : std::uint8_t {
        kTrue,        // Every event.
        kAnd,         // children
        kOr,          // children
        kCompare,     // field op values[0]
        kIn,          // field in values
        kBetween,     // values[0] <= field <= values[1]
        kIsNull,      // field is missing
        kContains,    // text contains values[0]
        kStartsWith,  // text starts with values[0]
    };

    Kind kind = Kind::kTrue;
    bool negated = false;  // Of a test: true for events where the plain test is false (not where it
                           // is unknown).
    CompareOp op = CompareOp::kEqual;
    FieldName field;
    std::vector<Literal> values;
    std::vector<Expression> children;
};

/// Reads a filter; empty text is kTrue. Fails with kInvalidArgument at /filter, naming the
/// character (from 1), what was expected there and what was found. Linear in the text.
[[nodiscard]] Result<Expression> parse_filter(std::string_view text);

/// Both; either may be kTrue.
[[nodiscard]] Expression both_of(Expression a, Expression b);

/// The tree as text that parses to the same tree; equal trees give equal text whatever the spacing
/// of the source.
[[nodiscard]] std::string canonical_text(const Expression& expression);

/// A name as it is written in a filter, in backticks where it needs them.
[[nodiscard]] std::string filter_name(const FieldName& field);

}  // namespace aiml042::query
