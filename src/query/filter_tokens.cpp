#include "query/filter_tokens.h"

#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace aiml042::query {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
    return is_word_start(c) || is_digit(c) || c == '.';
}

class Tokenizer {
  public:
    explicit Tokenizer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> run() {
        while (true) {
            while (at_ < text_.size() && is_space(text_[at_])) {
                ++at_;
            }
            if (at_ == text_.size()) {
                tokens_.push_back(make(Token::Kind::kEnd, at_));
                return std::move(tokens_);
            }
            AIML_TRY(next());
        }
    }

  private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    static Token make(Token::Kind kind, std::size_t begin) {
        Token token;
        token.kind = kind;
        token.position = begin + 1;
        return token;
    }

    Status next() {
        const char c = peek();
        if (c == '"' || c == '\'') {
            return string_token(c);
        }
        if (c == '`') {
            return name_token({}, at_);
        }
        if (is_digit(c) || ((c == '-' || c == '.') && (is_digit(peek(1)) || peek(1) == '.'))) {
            return number_token();
        }
        if (is_word_start(c)) {
            return word_token();
        }
        return symbol_token(c);
    }

    Status string_token(char quote) {
        Token token = make(Token::Kind::kString, at_);
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == quote) {
                if (peek() != quote) {
                    tokens_.push_back(std::move(token));
                    return Status::ok();
                }
                ++at_;  // A doubled quote is one quote, as in SQL.
                token.text.push_back(quote);
            } else if (c == '\\' && at_ < text_.size()) {
                token.text.push_back(unescape(text_[at_++]));
            } else {
                token.text.push_back(c);
            }
        }
        return filter_error(token.position, "this text has no closing quote");
    }

    static char unescape(char c) {
        switch (c) {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            default:
                return c;
        }
    }

    Status name_token(std::string scope, std::size_t begin) {
        Token token = make(Token::Kind::kName, begin);
        token.scope = std::move(scope);
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c != '`') {
                token.text.push_back(c);
            } else if (peek() == '`') {
                ++at_;
                token.text.push_back(c);
            } else if (token.text.empty()) {
                return filter_error(token.position, "a name in backticks cannot be empty");
            } else {
                tokens_.push_back(std::move(token));
                return Status::ok();
            }
        }
        return filter_error(token.position, "this name has no closing backtick");
    }

    Status word_token() {
        const std::size_t begin = at_;
        while (is_word(peek())) {
            ++at_;
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        if (peek() == '`' && word.back() == '.') {
            return name_token(std::string(word.substr(0, word.size() - 1)), begin);
        }
        Token token = make(Token::Kind::kWord, begin);
        token.text = word;
        tokens_.push_back(std::move(token));
        return Status::ok();
    }

    Status number_token() {
        Token token = make(Token::Kind::kNumber, at_);
        const char* const begin = text_.data() + at_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), token.number);
        if (error == std::errc::result_out_of_range) {
            return filter_error(token.position, "this number is outside the range of a double");
        }
        if (error != std::errc{} || !std::isfinite(token.number)) {
            return filter_error(token.position, "this is not a number");
        }
        at_ += static_cast<std::size_t>(end - begin);
        if (is_word(peek())) {
            return filter_error(token.position,
                                "a number must end before a letter or a second point; put names "
                                "that begin with a digit in backticks");
        }
        tokens_.push_back(std::move(token));
        return Status::ok();
    }

    Status symbol_token(char c) {
        Token token = make(Token::Kind::kSymbol, at_);
        const char second = peek(1);
        const auto take = [&](std::string_view as, std::size_t length) {
            token.text = as;
            at_ += length;
            tokens_.push_back(token);
            return Status::ok();
        };
        switch (c) {
            case '(':
                return take("(", 1);
            case ')':
                return take(")", 1);
            case ',':
                return take(",", 1);
            case '=':
                return take("=", second == '=' ? 2 : 1);
            case '<':
                return second == '>' ? take("!=", 2) : second == '=' ? take("<=", 2) : take("<", 1);
            case '>':
                return second == '=' ? take(">=", 2) : take(">", 1);
            case '!':
                if (second == '=') {
                    return take("!=", 2);
                }
                return filter_error(token.position, "expected \"!=\"; for \"not\" write the word");
            case '&':
            case '|':
                return filter_error(token.position, "write the words \"and\" and \"or\"");
            default:
                return filter_error(token.position, "this character has no meaning here");
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

Status filter_error(std::size_t position, std::string_view what) {
    return {ErrorCode::kInvalidArgument,
            fmt::format("at character {} of the filter: {}", position, what),
            "/filter"};
}

Result<std::vector<Token>> tokenize_filter(std::string_view text) {
    if (text.size() > limits::kFilterBytesMax) {
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("the filter has {} bytes; at most {} are read",
                                  text.size(),
                                  limits::kFilterBytesMax),
                      "/filter");
    }
    return Tokenizer(text).run();
}

}  // namespace aiml042::query
