// Records of CSV text (RFC 4180) that comes in pieces: quoted cells with doubled quotes, line ends
// within quotes, CRLF, LF or CR. Blank lines are no records.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/byte_source.h"
#include "base/status.h"

namespace aiml042::app {

class CsvReader {
  public:
    CsvReader(ByteSource bytes, char delimiter) : bytes_(std::move(bytes)), delimiter_(delimiter) {}

    static constexpr std::size_t kCellsMax = 16'384;

    struct Record {
        std::uint64_t line = 0;  // Where it begins.
        std::vector<std::string> cells;
    };

    /// The next record in the memory of the one before; false at the end. Cells beyond
    /// kCellsMax are read over. kInvalidArgument when a quote is not closed, or a cell is longer
    /// than limits::kItemBytesMax.
    Result<bool> next(Record& record);

    [[nodiscard]] const ByteSource& bytes() const { return bytes_; }

  private:
    Result<bool> fill();
    /// The next byte without taking it; false at the end.
    Result<bool> peek(char& c);
    Result<bool> read_cell(std::string& cell, bool& last);
    Status read_quoted(std::string& cell);

    ByteSource bytes_;
    const char delimiter_;
    std::string text_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
};

}  // namespace aiml042::app
