// Text in HTML.

#pragma once

#include <string>
#include <string_view>

namespace aiml042::query {

/// Appends the text so that it is nothing but text, in an element or in a quoted attribute. Control
/// characters become U+FFFD, and its direction stays its own: <bdi> around it is the caller's.
void append_html(std::string& out, std::string_view text);

/// <bdi>the text</bdi>: for what came from data, which may run from right to left.
[[nodiscard]] std::string html_data(std::string_view text);

}  // namespace aiml042::query
