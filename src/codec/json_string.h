// Strings as JSON text: finding their end, resolving their escapes, writing them.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aiml042::codec {

/// The bytes between the quotes, as they stand.
struct RawString {
    const char* begin;
    const char* end;  // At the closing quote.
    bool escaped;     // There is at least one backslash.
};

/// Bytes that find_string_end() may read behind the closing quote.
inline constexpr std::size_t kStringOverread = 16;

/// Finds the end of the string whose opening quote is at `quote`. The text was indexed, so there is one.
[[nodiscard]] RawString find_string_end(const char* quote);

/// Writes the text of `raw` to `out` (at least as many bytes as `raw` has) and returns the byte behind it; nullptr when
/// an escape is not one of JSON's or a surrogate has no partner.
[[nodiscard]] char* unescape(const RawString& raw, char* out);

/// Whether unescape() would succeed.
[[nodiscard]] bool escapes_are_valid(const RawString& raw);

/// Appends `text` to `out` with quotes and the escapes that JSON demands, and < escaped so that the text may stand in
/// HTML. Bytes that are not UTF-8 come out as U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace aiml042::codec
