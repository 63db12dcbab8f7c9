// One label of POST /v1/labels: from JSON to a row, every field checked. As EventParser in all
// else.

#pragma once

#include <string>

#include "codec/item_parser.h"
#include "codec/json_walker.h"
#include "codec/known_keys.h"
#include "codec/name_table.h"
#include "codec/row_writer.h"
#include "codec/time_reader.h"

namespace aiml042::codec {

class LabelParser {
  public:
    LabelParser(JsonWalker& walker, NameTable& names, RowWriter& row);

    /// Reads the object that stands at the walker into the row, which was begun. On success
    /// `extent` has its identity and time; otherwise the walker has the fault.
    bool parse(const ParseContext& context, RowExtent& extent);

  private:
    bool member(std::size_t field, const ParseContext& context);
    bool deployment();
    bool label();
    bool label_scalar();
    bool label_object();
    bool label_member(std::size_t field);
    bool relevance();
    bool finish(const ParseContext& context, RowExtent& extent);

    JsonWalker& walker_;
    NameTable& names_;
    RowWriter& row_;
    TimeReader times_;
    KnownKeys keys_;
    KnownKeys label_keys_;

    NameTable::Id deployment_ = NameTable::kNone;
    std::string_view request_id_;
    Timestamp time_ = 0;
    bool has_label_ = false;
    std::string remainder_;
};

}  // namespace aiml042::codec
