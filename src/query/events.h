// Events themselves: a filtered list in time order, page by page, and one event by its request_id.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "query/engine.h"

namespace aiml042::query {

struct EventQuery {
    ProjectId project{};
    std::optional<std::string> deployment;  // None: all of the project.
    std::string model_version;              // Empty: all.
    TimeRange range;
    std::string filter;
    bool descending = true;    // Newest first.
    std::uint32_t limit = 100;  // 1 to limits::kEventsPerPageMax.
    std::string cursor;        // next_cursor of the page before; empty: the first page.
};

/// Days (since the epoch) on which events of that request may lie, for look-ups that need not read everything.
using Locator = std::function<std::vector<std::int32_t>(ProjectId, std::string_view deployment, std::string_view request_id)>;

/// {"events":[…],"next_cursor":…}; shadow events included. kInvalidArgument for a filter or a cursor that is not good
/// here: a cursor belongs to one project, deployment, filter and order (not to one range: a live window may move on).
[[nodiscard]] Result<std::string> events_json(const Engine& engine, const EventQuery& query);

/// The same page as a table: timestamp,deployment_id,model_version,request_id,predicted_class,score,predicted_value,
/// label,label_ts,latency_ms,error_code.
[[nodiscard]] Result<std::string> events_csv(const Engine& engine, const EventQuery& query);

/// One event with all its labels; kNotFound. Without a deployment the project's are tried in turn. Without a locator every
/// block may be read.
[[nodiscard]] Result<std::string> event_json(const Engine& engine,
                                             ProjectId project,
                                             const std::optional<std::string>& deployment,
                                             std::string_view request_id,
                                             const Locator& locate);

}  // namespace aiml042::query
