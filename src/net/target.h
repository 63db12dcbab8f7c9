// The target of a request, decoded.

#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace aiml042::net {

/// Percent-decodes `text` into `out` (replaced); with `plus_is_space` as in forms. False when an
/// escape is not two hex digits, or when the result has a control character or is not UTF-8.
[[nodiscard]] bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

/// Fills path, raw_path and query of `out` from a target in origin form. False when an escape is
/// not valid, a segment of the path is "." or "..", or there are more than
/// limits::kQueryParametersMax parameters.
[[nodiscard]] bool read_target(std::string_view target, Request& out);

}  // namespace aiml042::net
