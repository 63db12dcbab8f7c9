// The JSON object of a request body, read field by field: every failure names the field by its JSON Pointer, and fields
// that nobody asked for are refused, so that a typing error or an attempt to set `project_id` does not pass in silence.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "codec/json_value.h"

namespace aiml042::api {

class JsonBody {
  public:
    /// kMalformedJson, or kInvalidField when it is no object, or kUnknownField for a field not in `known`.
    static Result<JsonBody> parse(std::string_view text, std::initializer_list<std::string_view> known);

    // Each: nothing when the field is absent or null; kInvalidField or kOutOfRange (with its pointer) when it is not
    // what is asked for.
    Result<std::optional<std::string>> text(std::string_view name, std::size_t bytes_max) const;
    Result<std::optional<double>> number(std::string_view name, double smallest, double largest) const;
    Result<std::optional<std::uint64_t>> integer(std::string_view name,
                                                 std::uint64_t smallest,
                                                 std::uint64_t largest) const;
    Result<std::optional<Timestamp>> time(std::string_view name) const;
    /// Distinct, not empty texts.
    Result<std::optional<std::vector<std::string>>> texts(std::string_view name,
                                                          std::size_t count_max,
                                                          std::size_t bytes_max) const;
    /// A string, number or boolean as the text that class labels are compared by.
    Result<std::optional<std::string>> scalar(std::string_view name, std::size_t bytes_max) const;

  private:
    explicit JsonBody(codec::JsonValue value) : value_(std::move(value)) {}

    /// The field, unless it is absent or null.
    [[nodiscard]] const codec::JsonValue* given(std::string_view name) const;

    codec::JsonValue value_;
};

/// "/name", with what JSON Pointer wants escaped.
[[nodiscard]] std::string pointer_to(std::string_view name);

}  // namespace aiml042::api
