#include "api/json_body.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

using Type = codec::JsonValue::Type;

Status invalid(std::string_view name, std::string_view wanted) {
    return {ErrorCode::kInvalidField,
            std::string(name) + " must be " + std::string(wanted),
            pointer_to(name)};
}

Status check_text(std::string_view name, std::string_view text, std::size_t bytes_max) {
    if (text.empty() || text.size() > bytes_max || has_control_character(text)) {
        return invalid(
            name,
            "a text of 1 to " + std::to_string(bytes_max) + " bytes without control characters");
    }
    return Status::ok();
}

}  // namespace

std::string pointer_to(std::string_view name) {
    std::string pointer = "/";
    for (const char c : name) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer.push_back(c);
        }
    }
    return pointer;
}

Result<JsonBody> JsonBody::parse(std::string_view text,
                                 std::initializer_list<std::string_view> known) {
    AIML_ASSIGN(codec::JsonValue value, codec::JsonValue::parse(text));
    if (value.type() != Type::kObject) {
        return Status(ErrorCode::kInvalidField, "the body must be a JSON object", "");
    }
    for (const auto& [name, member] : value.members()) {
        if (std::ranges::find(known, std::string_view(name)) == known.end()) {
            return Status(
                ErrorCode::kUnknownField, "this field is not known here", pointer_to(name));
        }
    }
    return JsonBody(std::move(value));
}

const codec::JsonValue* JsonBody::given(std::string_view name) const {
    const codec::JsonValue* found = value_.find(name);
    return found == nullptr || found->type() == Type::kNull ? nullptr : found;
}

Result<std::optional<std::string>> JsonBody::text(std::string_view name,
                                                  std::size_t bytes_max) const {
    const codec::JsonValue* found = given(name);
    if (found == nullptr) {
        return std::optional<std::string>();
    }
    if (found->type() != Type::kString) {
        return invalid(name, "a text");
    }
    AIML_TRY(check_text(name, found->string(), bytes_max));
    return std::optional<std::string>(found->string());
}

Result<std::optional<double>> JsonBody::number(std::string_view name,
                                               double smallest,
                                               double largest) const {
    const codec::JsonValue* found = given(name);
    if (found == nullptr) {
        return std::optional<double>();
    }
    if (found->type() != Type::kNumber) {
        return invalid(name, "a number");
    }
    if (!(found->number() >= smallest && found->number() <= largest)) {
        return Status(ErrorCode::kOutOfRange,
                      std::string(name) + " must be from " +
                          codec::JsonWriter().number(smallest).take() + " to " +
                          codec::JsonWriter().number(largest).take(),
                      pointer_to(name));
    }
    return std::optional<double>(found->number());
}

Result<std::optional<std::uint64_t>> JsonBody::integer(std::string_view name,
                                                       std::uint64_t smallest,
                                                       std::uint64_t largest) const {
    AIML_ASSIGN(const std::optional<double> value,
                number(name, static_cast<double>(smallest), static_cast<double>(largest)));
    if (value && *value != std::floor(*value)) {
        return invalid(name, "a whole number");
    }
    return value ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Result<std::optional<Timestamp>> JsonBody::time(std::string_view name) const {
    AIML_ASSIGN(const std::optional<std::string> value, text(name, 64));
    if (!value) {
        return std::optional<Timestamp>();
    }
    const std::optional<Timestamp> read = parse_rfc3339(*value);
    if (!read) {
        return invalid(name, "a time as in 2026-01-31T12:00:00Z");
    }
    return read;
}

Result<std::optional<std::vector<std::string>>> JsonBody::texts(std::string_view name,
                                                                std::size_t count_max,
                                                                std::size_t bytes_max) const {
    const codec::JsonValue* found = given(name);
    if (found == nullptr) {
        return std::optional<std::vector<std::string>>();
    }
    if (found->type() != Type::kArray || found->items().size() > count_max) {
        return invalid(name, "a list of at most " + std::to_string(count_max) + " texts");
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < found->items().size(); ++i) {
        const codec::JsonValue& item = found->items()[i];
        const std::string pointer = pointer_to(name) + "/" + std::to_string(i);
        if (item.type() != Type::kString || !check_text(name, item.string(), bytes_max).is_ok()) {
            return Status(
                ErrorCode::kInvalidField, "this must be a text that is not empty", pointer);
        }
        if (std::ranges::find(texts, item.string()) != texts.end()) {
            return Status(ErrorCode::kInvalidField, "this is in the list twice", pointer);
        }
        texts.push_back(item.string());
    }
    return std::optional<std::vector<std::string>>(std::move(texts));
}

Result<std::optional<std::string>> JsonBody::scalar(std::string_view name,
                                                    std::size_t bytes_max) const {
    const codec::JsonValue* found = given(name);
    if (found == nullptr) {
        return std::optional<std::string>();
    }
    switch (found->type()) {
        case Type::kBool:
            return std::optional<std::string>(found->boolean() ? "true" : "false");
        case Type::kNumber:
            return std::optional<std::string>(codec::JsonWriter().number(found->number()).take());
        case Type::kString:
            if (found->string().empty() || found->string().size() > bytes_max) {
                return invalid(name, "a text of 1 to " + std::to_string(bytes_max) + " bytes");
            }
            return std::optional<std::string>(found->string());
        default:
            return invalid(name, "a text, a number or a boolean");
    }
}

}  // namespace aiml042::api
