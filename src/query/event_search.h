// Which events a page of the list has. Behind events.h.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "query/block_view.h"
#include "query/core.h"
#include "query/events.h"
#include "query/filter_eval.h"
#include "store/directory.h"

namespace aiml042::query {

/// Where an event stands in the order of a list.
struct EventPosition {
    Timestamp timestamp = 0;
    Lsn sequence = 0;

    friend auto operator<=>(const EventPosition&, const EventPosition&) = default;
};

struct EventHit {
    EventPosition position;
    std::size_t block = 0;  // Index in EventPage::blocks.
    std::uint32_t row = 0;
};

struct EventPage {
    struct Source {
        std::shared_ptr<const store::Block> block;
        std::size_t deployment = 0;  // Index in `deployments`.
    };

    std::vector<store::DeploymentInfo> deployments;
    std::vector<Source> blocks;
    std::vector<EventHit> hits;  // In the order of the list.
    std::string next_cursor;     // Empty: no more.
};

Result<EventPage> search_events(const Core& core, const EventQuery& query);

}  // namespace aiml042::query
