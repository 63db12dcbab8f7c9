// "Did you mean …": the names closest to a wrong one.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aiml042 {

/// Those of `names` whose edit distance (Levenshtein) to `wrong` is at most a third of its length,
/// at least 2; closest first, at most `count`. Cost: names × lengths; names over 64 bytes are
/// passed over.
[[nodiscard]] std::vector<std::string_view> nearest(std::string_view wrong,
                                                    std::span<const std::string_view> names,
                                                    std::size_t count = 3);

/// " (did you mean a, b or c?)", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view wrong,
                                       std::span<const std::string_view> names);

}  // namespace aiml042
