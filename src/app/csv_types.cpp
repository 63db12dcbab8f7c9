#include "app/csv_types.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace aiml042::app {

namespace {

/// From here on a double does not hold every integer, and a long id is no number.
constexpr double kIntegerMax = 9'007'199'254'740'992.0;

std::optional<double> json_number(std::string_view text) {
    double value = 0;
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const bool digit_first = !digits.empty() && digits[0] >= '0' && digits[0] <= '9';
    const bool leading_zero = digits.size() > 1 && digits[0] == '0' && digits[1] != '.' &&
                              digits[1] != 'e' && digits[1] != 'E';
    const std::size_t dot = digits.find('.');
    const bool bare_dot =
        dot != std::string_view::npos &&
        (dot + 1 == digits.size() || digits[dot + 1] < '0' || digits[dot + 1] > '9');
    return whole && digit_first && !leading_zero && !bare_dot ? std::optional(value) : std::nullopt;
}

bool is_number(std::string_view text) {
    const std::optional<double> value = json_number(text);
    const bool integer = text.find_first_of(".eE") == std::string_view::npos;
    return value && (!integer || std::abs(*value) < kIntegerMax);
}

std::optional<bool> truth_of(std::string_view text) {
    if (text == "true" || text == "True" || text == "TRUE") {
        return true;
    }
    return text == "false" || text == "False" || text == "FALSE" ? std::optional(false)
                                                                 : std::nullopt;
}

}  // namespace

bool is_absent(std::string_view cell) {
    return cell.empty() || cell == "NaN" || cell == "nan";
}

CellType widened(CellType type, std::string_view cell) {
    if (type == CellType::kUndecided) {
        return is_number(cell)              ? CellType::kNumber
               : truth_of(cell).has_value() ? CellType::kBoolean
                                            : CellType::kText;
    }
    return fits(type, cell) ? type : CellType::kText;
}

bool fits(CellType type, std::string_view cell) {
    switch (type) {
        case CellType::kNumber:
            return is_number(cell);
        case CellType::kBoolean:
            return truth_of(cell).has_value();
        default:
            return true;
    }
}

void write_cell(codec::JsonWriter& json, CellType type, std::string_view cell) {
    const bool each = type == CellType::kEach;
    if (type == CellType::kNumber || (each && json_number(cell))) {
        json.raw(cell);
    } else if (const auto truth = truth_of(cell); truth && type != CellType::kText) {
        json.boolean(*truth);
    } else {
        json.string(cell);
    }
}

}  // namespace aiml042::app
