#include "app/csv_reader.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace aiml042::app {

/// Drops what was read and brings more.
Result<bool> CsvReader::fill() {
    text_.erase(0, at_);
    at_ = 0;
    return bytes_.append_to(text_);
}

Result<bool> CsvReader::peek(char& c) {
    while (at_ == text_.size()) {
        AIML_ASSIGN(const bool more, fill());
        if (!more) {
            return false;
        }
    }
    c = text_[at_];
    return true;
}

/// Reads behind the opening quote up to and with the closing one.
Status CsvReader::read_quoted(std::string& cell) {
    const std::uint64_t opened = line_;
    while (true) {
        char c = 0;
        AIML_ASSIGN(const bool more, peek(c));
        if (!more || cell.size() > limits::kItemBytesMax) {
            return {ErrorCode::kInvalidArgument,
                    fmt::format("line {}: a quote is not closed", opened)};
        }
        ++at_;
        line_ += c == '\n' ? 1 : 0;
        if (c == '"') {
            AIML_ASSIGN(const bool another, peek(c));
            if (!another || c != '"') {
                return {};
            }
            ++at_;
        }
        cell.push_back(c);
    }
}

/// One cell and what ends it; `last` of its record. False at the end of the file, where there is no
/// cell.
Result<bool> CsvReader::read_cell(std::string& cell, bool& last) {
    cell.clear();
    last = true;
    char c = 0;
    AIML_ASSIGN(bool more, peek(c));
    if (!more) {
        return false;
    }
    if (c == '"') {
        ++at_;
        AIML_TRY(read_quoted(cell));
    }
    while (true) {
        AIML_ASSIGN(more, peek(c));
        if (!more) {
            return true;
        }
        ++at_;
        if (c == delimiter_) {
            last = false;
            return true;
        }
        if (c == '\n' || c == '\r') {
            ++line_;
            if (c == '\r') {
                AIML_ASSIGN(more, peek(c));
                at_ += more && c == '\n' ? 1 : 0;
            }
            return true;
        }
        cell.push_back(c);
        if (cell.size() > limits::kItemBytesMax) {
            return Status(
                ErrorCode::kInvalidArgument,
                fmt::format(
                    "line {}: a cell is longer than {} bytes", line_, limits::kItemBytesMax));
        }
    }
}

Result<bool> CsvReader::next(Record& record) {
    while (true) {
        record.line = line_;
        std::size_t count = 0;
        bool last = false;
        while (!last) {
            if (count == record.cells.size()) {
                record.cells.emplace_back();
            }
            AIML_ASSIGN(const bool found, read_cell(record.cells[count], last));
            if (!found && count == 0) {
                return false;
            }
            count += count < kCellsMax ? 1U : 0U;  // The place behind the last is used again.
        }
        record.cells.resize(count);
        if (count > 1 || !record.cells.front().empty()) {
            return true;
        }
    }
}

}  // namespace aiml042::app
