// Strings as JSON text: finding their end, resolving their escapes, writing them.

#pragma once

#include <bit>
#include <cstddef>
#include <string>
#include <string_view>

#include <emmintrin.h>

namespace aiml042::codec {

/// The bytes between the quotes, as they stand.
struct RawString {
    const char* begin;
    const char* end;  // At the closing quote.
    bool escaped;     // There is at least one backslash.
};

/// Bytes that find_string_end() may read behind the closing quote.
inline constexpr std::size_t kStringOverread = 16;

/// Finds the end of the string whose opening quote is at `quote`. The text was indexed, so there is
/// one.
[[nodiscard]] inline RawString find_string_end(const char* quote) {
    const char* p = quote + 1;
    RawString raw{p, p, false};
    const __m128i quotes = _mm_set1_epi8('"');
    const __m128i backslashes = _mm_set1_epi8('\\');
    for (;;) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        const auto found = static_cast<unsigned>(_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(block, quotes), _mm_cmpeq_epi8(block, backslashes))));
        if (found == 0) {
            p += 16;
            continue;
        }
        p += std::countr_zero(found);
        if (*p == '"') {
            raw.end = p;
            return raw;
        }
        raw.escaped = true;
        p += 2;
    }
}

/// Writes the text of `raw` to `out` (at least as many bytes as `raw` has) and returns the byte
/// behind it; nullptr when an escape is not one of JSON's or a surrogate has no partner.
[[nodiscard]] char* unescape(const RawString& raw, char* out);

/// Whether unescape() would succeed.
[[nodiscard]] bool escapes_are_valid(const RawString& raw);

/// Appends `text` to `out` with quotes and the escapes that JSON demands, and < escaped so that the
/// text may stand in HTML. Bytes that are not UTF-8 come out as U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace aiml042::codec
