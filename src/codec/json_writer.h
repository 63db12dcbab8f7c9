// JSON text, written left to right. Numbers in their shortest exact form; NaN and infinities as
// null.

#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiml042::codec {

/// Commas and quotes are its business; begin/end must pair (checked in debug builds).
class JsonWriter {
  public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& string(std::string_view text);
    JsonWriter& number(double value);
    JsonWriter& integer(std::int64_t value);
    JsonWriter& unsigned_integer(std::uint64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json);

    /// key() and value in one.
    JsonWriter& field(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }

    JsonWriter& field(std::string_view name, const char* text) { return key(name).string(text); }

    JsonWriter& field(std::string_view name, const std::string& text) {
        return key(name).string(text);
    }

    JsonWriter& field(std::string_view name, std::same_as<bool> auto value) {
        return key(name).boolean(value);
    }

    JsonWriter& field(std::string_view name, std::floating_point auto value) {
        return key(name).number(value);
    }

    JsonWriter& field(std::string_view name, std::signed_integral auto value) requires(
        !std::same_as<decltype(value), bool>) {
        return key(name).integer(value);
    }

    JsonWriter& field(std::string_view name, std::unsigned_integral auto value) requires(
        !std::same_as<decltype(value), bool>) {
        return key(name).unsigned_integer(value);
    }

    [[nodiscard]] const std::string& text() const { return out_; }

    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    void separate();

    std::string out_;
    std::vector<bool> has_items_;
    bool after_key_ = false;
};

}  // namespace aiml042::codec
