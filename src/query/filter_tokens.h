// The words of a filter expression.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace aiml042::query {

struct Token {
    enum class Kind : std::uint8_t {
        kEnd,
        kWord,    // Bare name or keyword; `text` as written, dots included.
        kName,    // A name with a part in backticks; `scope` and `text` taken apart.
        kString,  // `text` without quotes and escapes.
        kNumber,
        kSymbol,  // ( ) , = != < <= > >=; "==" and "<>" come as "=" and "!=".
    };

    Kind kind = Kind::kEnd;
    std::string text;
    std::string scope;  // kName only.
    double number = 0.0;
    std::size_t position = 0;  // Of its first byte, from 1.
};

/// Takes a filter apart; the last token is kEnd. Fails with kInvalidArgument at /filter.
[[nodiscard]] Result<std::vector<Token>> tokenize_filter(std::string_view text);

/// The failure of a filter at a place: "at character 12: …".
[[nodiscard]] Status filter_error(std::size_t position, std::string_view what);

}  // namespace aiml042::query
