// The names closest to a wrong one, for messages.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiml042::query {

/// At most three of `names`, closest first, whose edit distance to `wrong` (letter case set aside)
/// is at most a third of its length, or that begin with it.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view wrong,
                                                     std::span<const std::string> names);

/// "; did you mean `a`, `b`?", or nothing when no name is close.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, std::span<const std::string> names);

}  // namespace aiml042::query
