#include "query/csv.h"

#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace aiml042::query {

namespace {

/// "-1.5", "+3": a cell that a spreadsheet reads as the number it is.
bool is_number(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) {
        text.remove_prefix(1);
    }
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos ||
        text.starts_with('-')) {
        return false;
    }
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool is_formula(std::string_view text) {
    return !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos &&
           !is_number(text);
}

}  // namespace

void append_text_cell(std::string& out, std::string_view text) {
    out += ',';
    if (text.data() == nullptr) {
        return;
    }
    const bool formula = is_formula(text);
    if (!formula && !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    if (formula) {
        out += '\'';
    }
    for (const char c : text) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

void append_number_cell(std::string& out, std::optional<double> number) {
    out += ',';
    if (number) {
        fmt::format_to(std::back_inserter(out), "{}", *number);
    }
}

}  // namespace aiml042::query
