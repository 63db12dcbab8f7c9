// What the cells of a CSV column are: numbers, booleans or texts. A column is decided as a whole,
// by the first rows that have values in it, so that an id is not a number in one row and a text in
// the next.

#pragma once

#include <cstdint>
#include <string_view>

#include "codec/json_writer.h"

namespace aiml042::app {

enum class CellType : std::uint8_t {
    kText,
    kEach,       // A field that says itself what it takes: each cell is what it looks like.
    kUndecided,  // No row had a value yet.
    kNumber,
    kBoolean,
};

/// Whether the cell is empty or a NaN, as other programs write what is missing.
[[nodiscard]] bool is_absent(std::string_view cell);

/// What a column of `type` is once it also has the value `cell`: a number as JSON spells it (no
/// leading zero or plus) that a double holds, true or false (also True, TRUE …), else text.
/// kText and kEach stay.
[[nodiscard]] CellType widened(CellType type, std::string_view cell);

/// Whether `cell`, which is not absent, is of the type of its column.
[[nodiscard]] bool fits(CellType type, std::string_view cell);

/// Writes a cell that fits.
void write_cell(codec::JsonWriter& json, CellType type, std::string_view cell);

}  // namespace aiml042::app
