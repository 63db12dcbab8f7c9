// Cells of a CSV table (RFC 4180). A missing value is an empty cell, an empty text is a quoted one.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aiml042::query {

/// A comma and the text, quoted where it must be. A text that a spreadsheet would take for a
/// formula, because it begins with = + - @, a tab or a carriage return and is no number, gets an
/// apostrophe in front. data() == nullptr: missing.
void append_text_cell(std::string& out, std::string_view text);

/// A comma and the number; missing: nothing behind the comma.
void append_number_cell(std::string& out, std::optional<double> number);

}  // namespace aiml042::query
