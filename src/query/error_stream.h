// The errors of a deployment's labelled events, in the order of their time.
//
// Blocks are read one after another by their first event. What a later block may still come before
// is held back; the rest is passed on, so memory is that of blocks that overlap in time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "query/core.h"
#include "query/plan.h"

namespace aiml042::query {

/// One labelled event.
struct ErrorOfEvent {
    Timestamp ts = 0;
    Lsn sequence = 0;
    double error = 0.0;
    std::uint32_t block = 0;  // Of the plan.
    std::uint32_t row = 0;
};

/// Calls visit(event) in order of time, then of sequence. Of values where the plan's first family
/// reads predicted values, else of classes. Errors: kQueryTooLarge when too many events overlap.
[[nodiscard]] Status for_each_error(const Core& core,
                                    const Plan& plan,
                                    const std::function<Status(const ErrorOfEvent&)>& visit);

/// The request id of one, read when it is asked for.
[[nodiscard]] Result<std::string> request_id_of(const Plan& plan, const ErrorOfEvent& event);

}  // namespace aiml042::query
