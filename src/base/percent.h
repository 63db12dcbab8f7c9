// Percent-encoding of what goes into a URL (RFC 3986).

#pragma once

#include <string>
#include <string_view>

namespace aiml042 {

/// Every byte but the unreserved ones (letters, digits, - . _ ~) as %XX: fit for a path segment and
/// for a query's names and values.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace aiml042
