// The target of a request, decoded.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace aiml042::net {

/// Whose escapes are decoded. A path has no control characters; a query is a form, where a plus is
/// a blank, and may have any but NUL, as the values that a filter asks for do.
enum class TargetPart : std::uint8_t { kPath, kQuery };

/// Percent-decodes `text` into `out` (replaced). False when an escape is not two hex digits, or
/// when the result has a control character that may not be there or is not UTF-8.
[[nodiscard]] bool percent_decode(std::string_view text, TargetPart part, std::string& out);

/// Fills path, raw_path and query of `out` from a target in origin form. False when an escape is
/// not valid, a segment of the path is "." or "..", or there are more than
/// limits::kQueryParametersMax parameters.
[[nodiscard]] bool read_target(std::string_view target, Request& out);

}  // namespace aiml042::net
