// Single events as they were sent, with their labels: search by filter and time, and fetch by
// request_id.
//
// Threads: any. Cost of a search: the filter over the blocks that may hold the next `limit` events,
// newest or oldest first; of a fetch: the blocks of the days that `locate` names.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/core.h"

namespace aiml042::query {

struct EventSearch {
    ProjectId project{};
    std::string deployment;  // Empty: all of the project.
    TimeRange range;
    std::string filter;
    std::string model_version;
    bool ascending = false;
    std::uint32_t limit = 100;
    std::string cursor;  // Of an earlier answer of the same search (the range may differ);
                         // kInvalidArgument for any other.
};

/// {"events":[…],"next_cursor":…,"hint"?}; events have the fields they were sent with, and label,
/// label_ts, received_at, seq.
Result<std::string> search_events_json(const Core& core, const EventSearch& search);

struct EventTable {
    std::string text;
    std::string next_cursor;  // Empty: there is no more.
};

/// The same as CSV: timestamp,deployment_id,request_id,model_version,score,predicted_class,
/// predicted_value,label,latency_ms,error_code, then feature.NAME and metadata.NAME for each name
/// that an event of the page has, by name.
Result<EventTable> search_events_csv(const Core& core, const EventSearch& search);

/// UTC days of the events with that id, of a deployment.
using Locate = std::function<std::vector<std::int32_t>(
    ProjectId, std::string_view deployment, std::string_view request_id)>;

struct EventFetch {
    ProjectId project{};
    std::string deployment;  // Empty: the first of the project that has the id.
    std::string request_id;
};

/// One event with "labels", all it was ever given; kNotFound.
Result<std::string> fetch_event_json(const Core& core,
                                     const EventFetch& fetch,
                                     const Locate& locate);

}  // namespace aiml042::query
