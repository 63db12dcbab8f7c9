// One stored event as JSON, the way it was sent.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "query/block_view.h"
#include "store/directory.h"

namespace aiml042::query {

/// Writes row `row` of the block as one object: ids, times, prediction (put together again from its columns), features,
/// metadata, attributions, llm, embeddings, experiment, and its current label. With `history` also every label that was
/// ever given, oldest first. What an event did not have is left out.
Status write_event(codec::JsonWriter& json,
                   BlockView& view,
                   std::uint32_t row,
                   const store::DeploymentInfo& deployment,
                   bool history);

/// The members of a JSON object of our own as (name, JSON), without reading the values. Malformed text yields what came
/// before the fault.
[[nodiscard]] std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object);

}  // namespace aiml042::query
