// Members of JSON objects that several answers write.

#pragma once

#include <limits>
#include <optional>
#include <string_view>

#include "codec/json_writer.h"

namespace aiml042::query {

/// A number, or null where there is none or it is not finite.
inline void write_optional(codec::JsonWriter& writer,
                           std::string_view name,
                           const std::optional<double>& value) {
    writer.key(name).number(value.value_or(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace aiml042::query
