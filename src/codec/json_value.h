// A small JSON document read whole, for requests that are not ingest (settings, keys …): strict,
// bounded, no duplicates.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace aiml042::codec {

class JsonValue {
  public:
    enum class Type : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

    /// Depth at most limits::kJsonDepthMax, keys of an object distinct, nothing behind the value; a
    /// byte order mark in front is read over.
    static Result<JsonValue> parse(std::string_view text);

    [[nodiscard]] Type type() const { return type_; }

    [[nodiscard]] bool boolean() const { return boolean_; }

    [[nodiscard]] double number() const { return number_; }

    [[nodiscard]] const std::string& string() const { return string_; }

    [[nodiscard]] const std::vector<JsonValue>& items() const { return items_; }

    [[nodiscard]] const std::vector<std::pair<std::string, JsonValue>>& members() const {
        return members_;
    }

    /// The member of that name; null when there is none or this is no object.
    [[nodiscard]] const JsonValue* find(std::string_view name) const;

  private:
    friend struct JsonValueBuilder;
    Type type_ = Type::kNull;
    bool boolean_ = false;
    double number_ = 0.0;
    std::string string_;
    std::vector<JsonValue> items_;
    std::vector<std::pair<std::string, JsonValue>> members_;
};

}  // namespace aiml042::codec
