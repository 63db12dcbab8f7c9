#include "app/import_source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/byte_source.h"
#include "app/csv_reader.h"
#include "app/csv_types.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "codec/json_writer.h"

namespace aiml042::app {

namespace {

constexpr std::size_t kBatchItems = 5'000;
constexpr std::size_t kBatchBytes = 4 << 20;

// --- NDJSON ------------------------------------------------------------------------------------

class NdjsonSource final : public ImportSource {
  public:
    explicit NdjsonSource(ByteSource bytes) : bytes_(std::move(bytes)) {}

    Result<bool> next(ImportBatch& batch) override {
        batch.body.clear();
        batch.lines.clear();
        while (batch.lines.size() < kBatchItems && batch.body.size() < kBatchBytes) {
            AIML_ASSIGN(const bool found, take_line(batch));
            if (!found) {
                break;
            }
        }
        return !batch.lines.empty() || !refused.empty();
    }

    [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_.bytes_read(); }

    [[nodiscard]] std::uint64_t bytes_total() const override { return bytes_.bytes_total(); }

  private:
    /// Appends the next line that is not blank; false at the end.
    Result<bool> take_line(ImportBatch& batch) {
        while (true) {
            std::size_t end = text_.find('\n', at_);
            for (std::size_t seen = text_.size(); end == std::string::npos;) {
                text_.erase(0, at_);
                seen -= at_;
                at_ = 0;
                AIML_ASSIGN(const bool more, bytes_.append_to(text_));
                if (!more) {
                    if (text_.empty() && !too_long_) {
                        return false;
                    }
                    text_.push_back('\n');
                }
                end = text_.find('\n', seen);
                seen = text_.size();
                if (end == std::string::npos && seen > limits::kItemBytesMax) {
                    text_.clear();  // What follows of this line is read over.
                    seen = 0;
                    too_long_ = true;
                }
            }
            if (std::exchange(too_long_, false)) {
                refused.emplace_back(line_++,
                                     fmt::format("longer than {} bytes", limits::kItemBytesMax));
                at_ = end + 1;
                continue;
            }
            const std::string_view line(text_.data() + at_, end + 1 - at_);
            at_ = end + 1;
            ++line_;
            if (line.find_first_not_of(" \t\r\n") != std::string_view::npos) {
                batch.body += line;
                batch.lines.push_back(line_ - 1);
                return true;
            }
        }
    }

    ByteSource bytes_;
    std::string text_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
    bool too_long_ = false;
};

// --- CSV ---------------------------------------------------------------------------------------

struct CsvField {
    std::string_view name;
    CellType type;
};

constexpr std::array<CsvField, 23> kEventFields = {{{"deployment_id", CellType::kText},
                                                    {"model_version", CellType::kText},
                                                    {"request_id", CellType::kText},
                                                    {"trace_id", CellType::kText},
                                                    {"timestamp", CellType::kEach},
                                                    {"prediction", CellType::kEach},
                                                    {"score", CellType::kEach},
                                                    {"latency_ms", CellType::kEach},
                                                    {"error_code", CellType::kText},
                                                    {"prompt_version", CellType::kText},
                                                    {"shadow", CellType::kEach},
                                                    {"prediction.class", CellType::kText},
                                                    {"prediction.score", CellType::kEach},
                                                    {"prediction.value", CellType::kEach},
                                                    {"prediction.action", CellType::kText},
                                                    {"prediction.propensity", CellType::kEach},
                                                    {"prediction.text", CellType::kText},
                                                    {"experiment.id", CellType::kText},
                                                    {"experiment.variant", CellType::kText},
                                                    {"llm.prompt", CellType::kText},
                                                    {"llm.response", CellType::kText},
                                                    {"llm.input_tokens", CellType::kEach},
                                                    {"llm.output_tokens", CellType::kEach}}};

constexpr std::array<CsvField, 9> kLabelFields = {{{"request_id", CellType::kText},
                                                   {"trace_id", CellType::kText},
                                                   {"deployment_id", CellType::kText},
                                                   {"label", CellType::kUndecided},
                                                   {"label.class", CellType::kText},
                                                   {"label.value", CellType::kEach},
                                                   {"label.reward", CellType::kEach},
                                                   {"label_ts", CellType::kEach},
                                                   {"source", CellType::kText}}};

// Fields whose members have names of the user's.
constexpr std::array<std::string_view, 5> kOpenFields = {
    "features.", "metadata.", "attributions.", "prediction.scores.", "prediction.quantiles."};

/// Where a cell goes.
struct Cell {
    std::vector<std::string> path;  // Keys from the outermost.
    CellType type = CellType::kUndecided;
    std::size_t column = 0;
    std::optional<std::string> constant;  // Instead of the column.
};

std::vector<std::string> path_of(std::string_view field, std::string_view open) {
    std::vector<std::string> path;
    std::string_view rest = field.substr(0, open.size());
    for (std::size_t dot = 0; (dot = rest.find('.')) != std::string_view::npos;) {
        path.emplace_back(rest.substr(0, dot));
        rest.remove_prefix(dot + 1);
    }
    if (open.empty()) {  // A fixed field, perhaps of an object.
        const std::size_t dot = field.find('.');
        if (dot != std::string_view::npos) {
            path.emplace_back(field.substr(0, dot));
        }
        field = dot == std::string_view::npos ? field : field.substr(dot + 1);
    }
    path.emplace_back(field.substr(open.size()));
    return path;
}

/// The place of a field; nothing when there is none of this name.
std::optional<Cell> place_of(std::string_view field, bool labels) {
    const std::span<const CsvField> fields =
        labels ? std::span<const CsvField>(kLabelFields) : std::span<const CsvField>(kEventFields);
    if (const auto found = std::ranges::find(fields, field, &CsvField::name);
        found != fields.end()) {
        return Cell{.path = path_of(field, ""), .type = found->type, .column = 0, .constant = {}};
    }
    if (!labels) {
        for (const std::string_view open : kOpenFields) {
            if (field.size() > open.size() && field.starts_with(open)) {
                return Cell{.path = path_of(field, open),
                            .type = open == "features." || open == "metadata."
                                        ? CellType::kUndecided
                                        : CellType::kEach,
                            .column = 0,
                            .constant = {}};
            }
        }
    }
    return std::nullopt;
}

Status no_such_field(std::string_view flag, std::string_view field, bool labels) {
    std::vector<std::string_view> names;
    for (const CsvField& one : labels ? std::span<const CsvField>(kLabelFields)
                                      : std::span<const CsvField>(kEventFields)) {
        names.push_back(one.name);
    }
    return {
        ErrorCode::kInvalidArgument,
        fmt::format("{} {}: there is no such field{}", flag, field, did_you_mean(field, names))};
}

class CsvSource final : public ImportSource {
  public:
    static Result<std::unique_ptr<ImportSource>> open(const std::string& path,
                                                      const CsvOptions& options) {
        AIML_ASSIGN(ByteSource bytes, ByteSource::open(path));
        std::unique_ptr<CsvSource> source(
            new CsvSource(CsvReader(std::move(bytes), options.delimiter)));
        AIML_TRY(source->read_header(options).with_context(path));
        source->path_ = path;
        return std::unique_ptr<ImportSource>(std::move(source));
    }

    Result<bool> next(ImportBatch& batch) override {
        batch.body.clear();
        batch.lines.clear();
        AIML_TRY(read_rows().with_context(path_));
        decide_columns();
        for (const CsvReader::Record& record : std::span(records_).first(rows_)) {
            if (std::string why = misfit(record); !why.empty()) {
                refused.emplace_back(record.line, std::move(why));
                continue;
            }
            batch.body += item(record);
            batch.body += '\n';
            batch.lines.push_back(record.line);
        }
        return !batch.lines.empty() || !refused.empty();
    }

    [[nodiscard]] std::uint64_t bytes_read() const override { return reader_.bytes().bytes_read(); }

    [[nodiscard]] std::uint64_t bytes_total() const override {
        return reader_.bytes().bytes_total();
    }

    [[nodiscard]] std::string remark() const override {
        return ignored_.empty() ? std::string()
                                : fmt::format("columns left out: {}", fmt::join(ignored_, ", "));
    }

  private:
    explicit CsvSource(CsvReader reader) : reader_(std::move(reader)) {}

    Status read_header(const CsvOptions& options) {
        CsvReader::Record header;
        AIML_ASSIGN(const bool found, reader_.next(header));
        if (!found) {
            return {ErrorCode::kInvalidArgument, "the file is empty: a CSV file begins with names"};
        }
        names_ = std::move(header.cells);
        for (const auto& [field, value] : options.constants) {
            auto cell = place_of(field, options.labels);
            if (!cell) {
                return no_such_field("--set", field, options.labels);
            }
            cell->constant = value;
            cell->type = widened(cell->type, value);
            cells_.push_back(std::move(*cell));
        }
        for (const auto& [field, column] : options.columns) {
            AIML_TRY(check_column(fmt::format("--map {}={}", field, column), column));
            if (!place_of(field, options.labels)) {
                return no_such_field("--map", field, options.labels);
            }
        }
        for (const std::string& column : options.texts) {
            AIML_TRY(check_column("--text " + column, column));
        }
        for (std::size_t column = 0; column < names_.size(); ++column) {
            place_column(options, column);
        }
        std::ranges::sort(cells_, {}, &Cell::path);
        return check_paths();
    }

    /// Whether the header has `column`, which `flag` names.
    [[nodiscard]] Status check_column(std::string_view flag, const std::string& column) const {
        if (std::ranges::find(names_, column) != names_.end()) {
            return {};
        }
        const std::vector<std::string_view> names(names_.begin(), names_.end());
        return {ErrorCode::kInvalidArgument,
                fmt::format("{}: there is no such column{}", flag, did_you_mean(column, names))};
    }

    /// No field twice, and none that is both a value and an object.
    [[nodiscard]] Status check_paths() const {
        for (std::size_t i = 1; i < cells_.size(); ++i) {
            const std::vector<std::string>& one = cells_[i - 1].path;
            const std::vector<std::string>& next = cells_[i].path;
            if (one == next) {
                return {ErrorCode::kInvalidArgument,
                        fmt::format("{} is given twice", fmt::join(next, "."))};
            }
            if (std::ranges::mismatch(one, next).in1 == one.end()) {
                return {ErrorCode::kInvalidArgument,
                        fmt::format("{} and {} are both given; an item has one of them (another "
                                    "column can be a feature: --map features.NAME=COLUMN)",
                                    fmt::join(one, "."),
                                    fmt::join(next, "."))};
            }
        }
        return {};
    }

    void place_column(const CsvOptions& options, std::size_t column) {
        const std::string& name = names_[column];
        const bool text = std::ranges::find(options.texts, name) != options.texts.end();
        const auto place = [&](Cell cell) {
            cell.column = column;
            cell.type = text ? CellType::kText : cell.type;
            cells_.push_back(std::move(cell));
        };
        bool mapped = false;
        for (const auto& [field, from] : options.columns) {
            if (from == name) {
                place(*place_of(field, options.labels));
                mapped = true;
            }
        }
        if (mapped) {
            return;
        }
        auto cell = place_of(name, options.labels);
        const bool of_label = place_of(name, true).has_value();
        if (!cell && !options.labels && !of_label && !name.empty()) {
            cell = place_of("features." + name, false);
        }
        if (cell) {
            place(std::move(*cell));
        } else {
            ignored_.push_back(name.empty() ? fmt::format("column {}", column + 1) : name);
        }
    }

    /// Reads the next rows into records_; those that are no items are refused.
    Status read_rows() {
        rows_ = 0;
        for (std::size_t bytes = 0; rows_ + refused.size() < kBatchItems && bytes < kBatchBytes;) {
            if (rows_ == records_.size()) {
                records_.emplace_back();
            }
            CsvReader::Record& record = records_[rows_];
            AIML_ASSIGN(const bool found, reader_.next(record));
            if (!found) {
                break;
            }
            if (record.cells.size() != names_.size()) {
                refused.emplace_back(
                    record.line,
                    fmt::format("{} cells, the header has {}", record.cells.size(), names_.size()));
                continue;
            }
            for (const std::string& cell : record.cells) {
                bytes += cell.size() + 1;
            }
            ++rows_;
        }
        return {};
    }

    /// Decides the columns that had no values before these rows.
    void decide_columns() {
        for (Cell& cell : cells_) {
            if (cell.type != CellType::kUndecided) {
                continue;
            }
            for (std::size_t row = 0; row < rows_; ++row) {
                const std::string& text = records_[row].cells[cell.column];
                cell.type = is_absent(text) ? cell.type : widened(cell.type, text);
            }
        }
    }

    /// Why a record is no item: a cell unlike those that decided its column. Empty when it is one.
    [[nodiscard]] std::string misfit(const CsvReader::Record& record) const {
        for (const Cell& cell : cells_) {
            if (cell.constant) {
                continue;
            }
            const std::string& text = record.cells[cell.column];
            if (!is_absent(text) && !fits(cell.type, text)) {
                return fmt::format(
                    "column {} had {} so far, and here another text (--text {} makes all its cells "
                    "texts)",
                    names_[cell.column],
                    cell.type == CellType::kNumber ? "numbers" : "booleans",
                    names_[cell.column]);
            }
        }
        return {};
    }

    /// The record as a JSON object.
    [[nodiscard]] std::string item(const CsvReader::Record& record) const {
        codec::JsonWriter json;
        json.begin_object();
        std::span<const std::string> open;  // Keys of the objects that are begun.
        for (const Cell& cell : cells_) {
            const std::string& text = cell.constant ? *cell.constant : record.cells[cell.column];
            if (is_absent(text)) {
                continue;
            }
            const auto parents = std::span(cell.path).first(cell.path.size() - 1);
            std::size_t same = 0;
            while (same < open.size() && same < parents.size() && open[same] == parents[same]) {
                ++same;
            }
            for (std::size_t i = open.size(); i > same; --i) {
                json.end_object();
            }
            for (std::size_t i = same; i < parents.size(); ++i) {
                json.key(parents[i]).begin_object();
            }
            open = parents;
            json.key(cell.path.back());
            write_cell(json, cell.type, text);
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            json.end_object();
        }
        json.end_object();
        return json.take();
    }

    std::string path_;
    CsvReader reader_;
    std::vector<std::string> names_;          // Of the header.
    std::vector<CsvReader::Record> records_;  // The rows being read, and memory for more …
    std::size_t rows_ = 0;                    // … of which so many are read.
    std::vector<Cell> cells_;                 // Sorted by path, so that objects are in one piece.
    std::vector<std::string> ignored_;
};

}  // namespace

bool is_csv_name(std::string_view path, char& delimiter) {
    for (const std::string_view packed : {".gz", ".zst"}) {
        if (path.ends_with(packed)) {
            path.remove_suffix(packed.size());
        }
    }
    if (path.ends_with(".tsv")) {
        delimiter = '\t';
        return true;
    }
    return path.ends_with(".csv");
}

Result<std::unique_ptr<ImportSource>> open_ndjson(const std::string& path) {
    AIML_ASSIGN(ByteSource bytes, ByteSource::open(path));
    return std::unique_ptr<ImportSource>(std::make_unique<NdjsonSource>(std::move(bytes)));
}

Result<std::unique_ptr<ImportSource>> open_csv(const std::string& path, const CsvOptions& options) {
    return CsvSource::open(path, options);
}

}  // namespace aiml042::app
