// One row of a block written as the event that was sent.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "query/block_view.h"
#include "store/directory.h"

namespace aiml042::query {

/// Names of features and metadata, which have a column each in a table of events.
struct NamedColumns {
    std::set<std::string> features;
    std::set<std::string> metadata;
};

class EventWriter {
  public:
    EventWriter(const store::DeploymentInfo& deployment, BlockView& view)
        : deployment_(deployment), view_(view) {}

    /// The event as a JSON object; `history` adds "labels".
    Status write(codec::JsonWriter& writer, std::uint32_t row, bool history);

    /// Adds the features and metadata that the row has.
    Status add_columns(NamedColumns& columns, std::uint32_t row);

    /// The first line of CSV, see search_events_csv().
    static void append_csv_head(std::string& out, const NamedColumns& columns);

    /// One line of CSV with these columns.
    Status write_csv(std::string& out, const NamedColumns& columns, std::uint32_t row);

  private:
    /// Calls visit(column, text, number) for each column of a kind that the row has a value in; a
    /// text is there where its data() is not null.
    template <typename Visit>
    Status visit_named(model::ColumnKind kind, std::uint32_t row, const Visit& visit);
    Status append_cells(std::string& out,
                        const NamedColumns& columns,
                        model::ColumnKind kind,
                        std::uint32_t row);
    Result<std::string> label_text(std::uint32_t row);
    Result<double> number(ColumnId id, std::uint32_t row);
    Result<std::string_view> text(ColumnId id, std::uint32_t row);  // data() == nullptr: missing.
    Result<std::int64_t> integer(ColumnId id, std::uint32_t row);

    Status write_number(codec::JsonWriter& writer,
                        std::string_view name,
                        ColumnId id,
                        std::uint32_t row);
    Status write_text(codec::JsonWriter& writer,
                      std::string_view name,
                      ColumnId id,
                      std::uint32_t row);
    Status write_prediction(codec::JsonWriter& writer, std::uint32_t row);
    Status write_named(codec::JsonWriter& writer,
                       std::string_view name,
                       model::ColumnKind kind,
                       std::uint32_t row);
    Status write_label(codec::JsonWriter& writer, std::uint32_t row);
    Status write_history(codec::JsonWriter& writer, std::uint32_t row);

    const store::DeploymentInfo& deployment_;
    BlockView& view_;
};

}  // namespace aiml042::query
