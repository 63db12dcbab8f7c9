// What a name or id may hold, so that it can be asked for: in a URL, a log line, a shell.

#pragma once

#include <algorithm>
#include <string_view>

namespace aiml042 {

/// Whether `text` has a byte of U+0000 to U+001F or U+007F.
[[nodiscard]] inline bool has_control_character(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Whether `text` is "." or "..": as a segment of a path a client resolves it, however escaped.
[[nodiscard]] inline bool is_dot_segment(std::string_view text) {
    return text == "." || text == "..";
}

}  // namespace aiml042
