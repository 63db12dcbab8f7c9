// One row of a block written as the event that was sent.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "query/block_view.h"
#include "store/directory.h"

namespace aiml042::query {

class EventWriter {
  public:
    EventWriter(const store::DeploymentInfo& deployment, BlockView& view)
        : deployment_(deployment), view_(view) {}

    /// The event as a JSON object; `history` adds "labels".
    Status write(codec::JsonWriter& writer, std::uint32_t row, bool history);

    /// One line of CSV, see search_events_csv().
    Status write_csv(std::string& out, std::uint32_t row);

  private:
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
