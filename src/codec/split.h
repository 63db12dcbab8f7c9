// Cutting request bodies into items before they are parsed.

#pragma once

#include <cstddef>
#include <string_view>

namespace aiml042::codec {

/// Blanks of JSON: space, tab, line feed, carriage return.
[[nodiscard]] constexpr bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

[[nodiscard]] constexpr std::string_view trim_right(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return trim_right(text);
}

/// Bytes of the byte order mark in front of `text`, which RFC 8259 allows to read over: 3 or 0.
[[nodiscard]] constexpr std::size_t byte_order_mark_size(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

/// Offset of the first byte at or behind `at` that is no blank; text.size() when there is none.
[[nodiscard]] constexpr std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && is_blank(text[at])) {
        ++at;
    }
    return at;
}

/// A guess where a part of an array may end: just behind the } of the last "},{" (blanks allowed)
/// of `text`, 0 when there is none. It may lie inside a string or a nested array; who uses it must
/// find out.
[[nodiscard]] std::size_t find_cut(std::string_view text);

/// Length of the array element at the front of `text`: up to the comma or bracket behind it. At
/// most `bytes_max` bytes are looked at; that is also the answer when the element does not end
/// within them. Cost: one byte at a time.
[[nodiscard]] std::size_t find_element_end(std::string_view text, std::size_t bytes_max);

}  // namespace aiml042::codec
