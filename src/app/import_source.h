// Where `aiml042 import` takes its items from: NDJSON or CSV files, plain or compressed, read in
// pieces.
//
// Memory: two batches and the window of the decompression, whatever the size of the file. Threads:
// one owner.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace aiml042::app {

/// Some items as NDJSON, and where in the file they are.
struct ImportBatch {
    std::string body;
    std::vector<std::uint64_t> lines;  // Number of the line where each item begins, from 1.
};

/// What a CSV file's columns mean.
struct CsvOptions {
    bool labels = false;
    char delimiter = ',';
    std::vector<std::pair<std::string, std::string>> columns;    // Field and the column it is in.
    std::vector<std::pair<std::string, std::string>> constants;  // Field and its value in all rows.
    std::vector<std::string> texts;  // Columns whose cells are texts, whatever they look like.
};

class ImportSource {
  public:
    virtual ~ImportSource() = default;

    /// The next items; false at the end. kInvalidArgument when the file as a whole is not readable.
    virtual Result<bool> next(ImportBatch& batch) = 0;

    /// Rows that are no items (too few cells, a text among numbers), each with its line; to be told
    /// and cleared.
    std::vector<std::pair<std::uint64_t, std::string>> refused;

    /// Of the file as it is on disk. The size is 0 where it is not known (a pipe).
    [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes_total() const = 0;

    /// What the user should know before the first item; empty where there is nothing.
    [[nodiscard]] virtual std::string remark() const { return {}; }
};

/// Whether a file of this name is CSV (.csv or .tsv, also .gz or .zst); `delimiter` follows.
[[nodiscard]] bool is_csv_name(std::string_view path, char& delimiter);

/// Lines of JSON objects; "-" is standard input.
Result<std::unique_ptr<ImportSource>> open_ndjson(const std::string& path);

/// RFC 4180, with a header. A column named like a field of an event or label ("score",
/// "prediction.class", "features.age" …) is that field; any other column of an events file is a
/// feature. Empty cells and NaN are absent. A feature, metadata key or label is of the type that
/// all its values in the first rows with any have (numbers, true/false, else text; a batch of up to
/// 5,000 rows); a later row with another is refused.
Result<std::unique_ptr<ImportSource>> open_csv(const std::string& path, const CsvOptions& options);

}  // namespace aiml042::app
