// One event of POST /v1/ingest/metrics: from JSON to a row, every field checked.
//
// What is refused and with which code is written in docs/formats/batch.md beside the row. Cost: one
// pass, no allocation per event. Threads: one owner; walker, names and row are lent to it and
// outlive it.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "codec/item_parser.h"
#include "codec/json_walker.h"
#include "codec/known_keys.h"
#include "codec/name_table.h"
#include "codec/row_writer.h"
#include "codec/time_reader.h"

namespace aiml042::codec {

class EventParser {
  public:
    EventParser(JsonWalker& walker, NameTable& names, RowWriter& row);

    /// Reads the object that stands at the walker into the row, which was begun. On success
    /// `extent` has its identity and time; otherwise the walker has the fault.
    bool parse(const ParseContext& context, RowExtent& extent);

  private:
    /// What must be known of the event when its last field was read.
    struct Draft {
        NameTable::Id deployment = NameTable::kNone;
        NameTable::Id version = NameTable::kNone;
        std::string_view request_id;
        std::string_view trace_id;
        Timestamp time = 0;
        JsonNumber score;             // Field "score".
        JsonNumber prediction_score;  // Field "prediction.score".
        bool has_score = false;
        bool has_prediction_score = false;
        bool has_prediction = false;
        bool has_error = false;
    };

    bool member(std::size_t field, const ParseContext& context);
    bool name_member(NameKind kind, NameTable::Id& id);
    bool text_member(EventTag tag);
    bool amount_member(EventTag tag);
    bool probability(JsonNumber& number);

    bool prediction();
    bool prediction_member(std::size_t field);
    bool propensity();
    bool ranking();
    bool ranking_item();

    bool values(NameKind kind);
    bool value(NameTable::Id id);
    bool numbers(NameKind kind);
    bool class_scores();
    bool named(NameKind kind, NameTable::Id previous, NameTable::Id& id);
    bool quantile_name(std::string_view key, std::string& canonical);
    template <typename OnValue>
    bool read_named(NameKind kind, OnValue on_value);

    bool embeddings();
    bool experiment();
    bool llm();
    bool llm_member(std::size_t field, bool& is_first);
    bool llm_text_list();
    bool llm_citations();
    bool llm_retrieved();
    void begin_part(std::string_view name);

    bool finish(const ParseContext& context, RowExtent& extent);

    static std::span<const std::string_view> llm_fields();

    JsonWalker& walker_;
    NameTable& names_;
    RowWriter& row_;
    TimeReader times_;
    KnownKeys keys_;
    KnownKeys prediction_keys_;
    KnownKeys ranking_keys_;
    KnownKeys experiment_keys_;
    KnownKeys llm_keys_;
    Draft draft_;
    std::string remainder_;
};

}  // namespace aiml042::codec
