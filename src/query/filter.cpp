#include "query/filter.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "query/filter_tokens.h"

namespace aiml042::query {

namespace {

constexpr std::array<std::string_view, 11> kKeywords = {
    "and", "or", "not", "in", "is", "null", "true", "false", "between", "contains", "starts_with"};

constexpr std::array<std::string_view, 7> kScopes = {
    "feature", "features", "metadata", "scores", "quantiles", "attribution", "attributions"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return out;
}

bool is_keyword(std::string_view word) {
    return std::ranges::find(kKeywords, lower(word)) != kKeywords.end();
}

bool is_scope(std::string_view word) {
    return std::ranges::find(kScopes, word) != kScopes.end();
}

/// One spelling per scope.
std::string scope_of(std::string_view written) {
    if (written == "features") {
        return "feature";
    }
    return std::string(written == "attribution" ? "attributions" : written);
}

std::optional<CompareOp> compare_op(std::string_view symbol) {
    constexpr std::array<std::pair<std::string_view, CompareOp>, 6> kOps = {{
        {"=", CompareOp::kEqual},
        {"!=", CompareOp::kNotEqual},
        {"<", CompareOp::kLess},
        {"<=", CompareOp::kLessEqual},
        {">", CompareOp::kGreater},
        {">=", CompareOp::kGreaterEqual},
    }};
    for (const auto& [text, op] : kOps) {
        if (text == symbol) {
            return op;
        }
    }
    return std::nullopt;
}

std::string_view op_text(CompareOp op) {
    constexpr std::array<std::string_view, 6> kTexts = {"=", "!=", "<", "<=", ">", ">="};
    return kTexts[static_cast<std::size_t>(op)];
}

/// The operator with its sides exchanged.
CompareOp mirrored(CompareOp op) {
    switch (op) {
        case CompareOp::kLess:
            return CompareOp::kGreater;
        case CompareOp::kLessEqual:
            return CompareOp::kGreaterEqual;
        case CompareOp::kGreater:
            return CompareOp::kLess;
        case CompareOp::kGreaterEqual:
            return CompareOp::kLessEqual;
        default:
            return op;
    }
}

/// A name written whole in backticks may carry its scope inside them, as the page writes it.
FieldName field_of(const Token& token) {
    FieldName field;
    field.position = token.position;
    field.name = token.text;
    if (!token.scope.empty()) {
        field.scope = is_scope(token.scope) ? scope_of(token.scope) : std::string();
        if (field.scope.empty()) {
            field.name = token.scope + "." + token.text;
        }
        return field;
    }
    const std::size_t dot = token.text.find('.');
    if (dot != std::string::npos && dot + 1 < token.text.size() &&
        is_scope(std::string_view(token.text).substr(0, dot))) {
        field.scope = scope_of(std::string_view(token.text).substr(0, dot));
        field.name = token.text.substr(dot + 1);
    }
    return field;
}

class Parser {
  public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Result<Expression> run() {
        AIML_ASSIGN(Expression expression, either(false, 0));
        if (peek().kind != Token::Kind::kEnd) {
            return unexpected("\"and\", \"or\" or the end");
        }
        return expression;
    }

  private:
    [[nodiscard]] const Token& peek() const { return tokens_[at_]; }

    [[nodiscard]] bool is_word(std::string_view keyword) const {
        return peek().kind == Token::Kind::kWord && lower(peek().text) == keyword;
    }

    bool take_word(std::string_view keyword) {
        const bool found = is_word(keyword);
        at_ += found ? 1 : 0;
        return found;
    }

    bool take_symbol(std::string_view symbol) {
        const bool found = peek().kind == Token::Kind::kSymbol && peek().text == symbol;
        at_ += found ? 1 : 0;
        return found;
    }

    [[nodiscard]] Status unexpected(std::string_view expected) const {
        const Token& token = peek();
        if (token.kind == Token::Kind::kEnd) {
            return filter_error(token.position,
                                fmt::format("expected {}, but the filter ends here", expected));
        }
        std::string shown =
            token.kind == Token::Kind::kNumber ? fmt::format("{}", token.number) : token.text;
        if (shown.size() > 40) {
            shown = shown.substr(0, 37) + "…";
        }
        return filter_error(token.position,
                            fmt::format("expected {}, found \"{}\"", expected, shown));
    }

    Result<Expression> either(bool negate, std::size_t depth) {
        return chain("or", negate ? Expression::Kind::kAnd : Expression::Kind::kOr, negate, depth);
    }

    Result<Expression> both(bool negate, std::size_t depth) {
        return chain("and", negate ? Expression::Kind::kOr : Expression::Kind::kAnd, negate, depth);
    }

    /// Operands joined by `word` as one node with many children; a single operand stays itself.
    Result<Expression> chain(std::string_view word,
                             Expression::Kind kind,
                             bool negate,
                             std::size_t depth) {
        const bool is_or = word == "or";
        AIML_ASSIGN(Expression first, is_or ? both(negate, depth) : unary(negate, depth));
        if (!is_word(word)) {
            return first;
        }
        Expression node;
        node.kind = kind;
        adopt(node, std::move(first));
        while (take_word(word)) {
            AIML_ASSIGN(Expression next, is_or ? both(negate, depth) : unary(negate, depth));
            adopt(node, std::move(next));
        }
        return node;
    }

    /// Adds a child, flattening one of the same kind.
    static void adopt(Expression& node, Expression child) {
        if (child.kind == node.kind) {
            std::ranges::move(child.children, std::back_inserter(node.children));
        } else {
            node.children.push_back(std::move(child));
        }
    }

    Result<Expression> unary(bool negate, std::size_t depth) {
        while (take_word("not")) {
            negate = !negate;
        }
        if (!take_symbol("(")) {
            return test(negate);
        }
        if (depth >= limits::kFilterDepthMax) {
            return filter_error(
                tokens_[at_ - 1].position,
                fmt::format("parentheses may nest {} deep", limits::kFilterDepthMax));
        }
        AIML_ASSIGN(Expression inner, either(negate, depth + 1));
        if (!take_symbol(")")) {
            return unexpected("\"and\", \"or\" or \")\"");
        }
        return inner;
    }

    Result<Expression> test(bool negate) {
        if (++tests_ > limits::kFilterTermsMax) {
            return filter_error(peek().position,
                                fmt::format("a filter may have {} tests", limits::kFilterTermsMax));
        }
        const Token& token = peek();
        if (token.kind == Token::Kind::kNumber || token.kind == Token::Kind::kString ||
            is_word("true") || is_word("false")) {
            return literal_first(negate);
        }
        if (token.kind != Token::Kind::kName &&
            (token.kind != Token::Kind::kWord || is_keyword(token.text))) {
            return unexpected("a name");
        }
        Expression node;
        node.negated = negate;
        node.field = field_of(token);
        ++at_;
        return rest_of(std::move(node));
    }

    /// What follows a name.
    Result<Expression> rest_of(Expression node) {
        if (take_word("is")) {
            return null_test(std::move(node));
        }
        const bool negated_here = take_word("not");
        node.negated = node.negated != negated_here;
        if (take_word("in")) {
            return list_test(std::move(node));
        }
        if (take_word("between")) {
            return between_test(std::move(node));
        }
        if (is_word("contains") || is_word("starts_with")) {
            return text_test(std::move(node));
        }
        if (negated_here) {
            return unexpected("\"in\", \"between\", \"contains\" or \"starts_with\"");
        }
        const Token& token = peek();
        const auto op = token.kind == Token::Kind::kSymbol ? compare_op(token.text) : std::nullopt;
        if (op.has_value()) {
            ++at_;
            return compare_test(std::move(node), *op);
        }
        const bool alone = token.kind == Token::Kind::kEnd || is_word("and") || is_word("or") ||
                           (token.kind == Token::Kind::kSymbol && token.text == ")");
        if (!alone) {
            return unexpected("an operator such as \"=\", \">\", \"in\" or \"is\"");
        }
        node.kind = Expression::Kind::kCompare;
        node.values.push_back({Literal::Type::kBool, 1.0, {}});
        return node;
    }

    Result<Expression> null_test(Expression node) {
        if (take_word("not")) {
            node.negated = !node.negated;
        }
        if (!take_word("null")) {
            return unexpected("\"null\" or \"not null\"");
        }
        node.kind = Expression::Kind::kIsNull;
        return node;
    }

    Result<Expression> list_test(Expression node) {
        node.kind = Expression::Kind::kIn;
        if (!take_symbol("(")) {
            return unexpected("\"(\"");
        }
        do {
            AIML_ASSIGN(Literal value, literal());
            node.values.push_back(std::move(value));
        } while (take_symbol(","));
        if (!take_symbol(")")) {
            return unexpected("\",\" or \")\"");
        }
        return node;
    }

    Result<Expression> between_test(Expression node) {
        node.kind = Expression::Kind::kBetween;
        AIML_ASSIGN(Literal low, literal());
        if (!take_word("and")) {
            return unexpected("\"and\" and the upper end");
        }
        AIML_ASSIGN(Literal high, literal());
        node.values = {std::move(low), std::move(high)};
        return node;
    }

    Result<Expression> text_test(Expression node) {
        node.kind =
            is_word("contains") ? Expression::Kind::kContains : Expression::Kind::kStartsWith;
        ++at_;
        if (peek().kind != Token::Kind::kString) {
            return unexpected("a text in quotes");
        }
        AIML_ASSIGN(Literal value, literal());
        node.values.push_back(std::move(value));
        return node;
    }

    Result<Expression> compare_test(Expression node, CompareOp op) {
        node.kind = Expression::Kind::kCompare;
        node.op = op;
        if (is_word("null")) {
            return filter_error(peek().position,
                                "nothing is equal to null; write \"is null\" or \"is not null\"");
        }
        AIML_ASSIGN(Literal value, literal());
        node.values.push_back(std::move(value));
        return node;
    }

    /// `60 < age`.
    Result<Expression> literal_first(bool negate) {
        AIML_ASSIGN(Literal value, literal());
        const Token& token = peek();
        const auto op = token.kind == Token::Kind::kSymbol ? compare_op(token.text) : std::nullopt;
        if (!op.has_value()) {
            return unexpected("an operator such as \"=\" or \"<\"");
        }
        ++at_;
        const Token& name = peek();
        if (name.kind != Token::Kind::kName &&
            (name.kind != Token::Kind::kWord || is_keyword(name.text))) {
            return unexpected("a name");
        }
        Expression node;
        node.kind = Expression::Kind::kCompare;
        node.negated = negate;
        node.op = mirrored(*op);
        node.field = field_of(name);
        node.values.push_back(std::move(value));
        ++at_;
        return node;
    }

    Result<Literal> literal() {
        const Token& token = peek();
        if (++values_ > limits::kFilterValuesMax) {
            return filter_error(
                token.position,
                fmt::format("a filter may have {} values", limits::kFilterValuesMax));
        }
        Literal value;
        if (token.kind == Token::Kind::kNumber) {
            value.number = token.number;
        } else if (token.kind == Token::Kind::kString) {
            value.type = Literal::Type::kString;
            value.text = token.text;
        } else if (is_word("true") || is_word("false")) {
            value.type = Literal::Type::kBool;
            value.number = is_word("true") ? 1.0 : 0.0;
        } else if (token.kind == Token::Kind::kWord && !is_keyword(token.text)) {
            return unexpected("a value; texts go in quotes");
        } else {
            return unexpected("a value");
        }
        ++at_;
        return value;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t tests_ = 0;
    std::size_t values_ = 0;
};

void append_quoted(std::string& out, std::string_view text, char quote) {
    out.push_back(quote);
    for (const char c : text) {
        if (c == quote || (quote == '"' && c == '\\')) {
            out.push_back(quote == '"' ? '\\' : quote);
        }
        out.push_back(c);
    }
    out.push_back(quote);
}

void append_literal(std::string& out, const Literal& value) {
    switch (value.type) {
        case Literal::Type::kNumber:
            fmt::format_to(std::back_inserter(out), "{}", value.number);
            return;
        case Literal::Type::kBool:
            out += value.number != 0.0 ? "true" : "false";
            return;
        case Literal::Type::kString:
            append_quoted(out, value.text, '"');
            return;
    }
}

void append_list(std::string& out, const std::vector<Literal>& values) {
    out += '(';
    for (std::size_t i = 0; i < values.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_literal(out, values[i]);
    }
    out += ')';
}

void append_test(std::string& out, const Expression& node) {
    out += filter_name(node.field);
    out += node.negated && node.kind != Expression::Kind::kIsNull ? " not " : " ";
    switch (node.kind) {
        case Expression::Kind::kIn:
            out += "in ";
            append_list(out, node.values);
            return;
        case Expression::Kind::kBetween:
            out += "between ";
            append_literal(out, node.values[0]);
            out += " and ";
            append_literal(out, node.values[1]);
            return;
        case Expression::Kind::kIsNull:
            out += node.negated ? "is not null" : "is null";
            return;
        case Expression::Kind::kContains:
        case Expression::Kind::kStartsWith:
            out += node.kind == Expression::Kind::kContains ? "contains " : "starts_with ";
            append_literal(out, node.values[0]);
            return;
        default:
            return;
    }
}

void append_text(std::string& out, const Expression& node, bool inside_and) {
    switch (node.kind) {
        case Expression::Kind::kTrue:
            return;
        case Expression::Kind::kAnd:
        case Expression::Kind::kOr: {
            const bool is_and = node.kind == Expression::Kind::kAnd;
            out += inside_and && !is_and ? "(" : "";
            for (std::size_t i = 0; i < node.children.size(); ++i) {
                if (i > 0) {
                    out += is_and ? " and " : " or ";
                }
                append_text(out, node.children[i], is_and);
            }
            out += inside_and && !is_and ? ")" : "";
            return;
        }
        case Expression::Kind::kCompare:
            out += node.negated ? "not " : "";
            out += filter_name(node.field);
            fmt::format_to(std::back_inserter(out), " {} ", op_text(node.op));
            append_literal(out, node.values[0]);
            return;
        default:
            append_test(out, node);
            return;
    }
}

bool is_bare(std::string_view name) {
    const auto word_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, word_char) && !is_keyword(name);
}

}  // namespace

Result<Expression> parse_filter(std::string_view text) {
    AIML_ASSIGN(std::vector<Token> tokens, tokenize_filter(text));
    if (tokens.size() == 1) {
        return Expression{};
    }
    return Parser(std::move(tokens)).run();
}

Expression both_of(Expression a, Expression b) {
    if (a.kind == Expression::Kind::kTrue) {
        return b;
    }
    if (b.kind == Expression::Kind::kTrue) {
        return a;
    }
    Expression node;
    node.kind = Expression::Kind::kAnd;
    node.children.push_back(std::move(a));
    node.children.push_back(std::move(b));
    return node;
}

std::string canonical_text(const Expression& expression) {
    std::string out;
    append_text(out, expression, false);
    return out;
}

std::string filter_name(const FieldName& field) {
    std::string out;
    if (!field.scope.empty()) {
        out = field.scope + ".";
    }
    if (is_bare(field.name)) {
        return out + field.name;
    }
    append_quoted(out, field.name, '`');
    return out;
}

}  // namespace aiml042::query
