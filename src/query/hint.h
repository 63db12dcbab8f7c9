// Where a question met no event at all: which of its parts nothing can meet, and what is near.

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "query/filter.h"
#include "query/profile.h"
#include "store/directory.h"

namespace aiml042::query {

/// What was asked of a deployment.
struct Asked {
    std::string_view model_version;  // Empty: all.
    const Expression& filter;
    TimeRange range;
};

/// One sentence; empty where nothing tells why. Looks at what is known of the deployment's newest
/// blocks, and at no event.
[[nodiscard]] std::string hint_of_nothing(const Asked& asked,
                                          const Profile& profile,
                                          const store::Schema& schema);

}  // namespace aiml042::query
