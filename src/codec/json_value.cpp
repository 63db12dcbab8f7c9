#include "codec/json_value.h"

#include "base/limits.h"
#include "codec/json_walker.h"
#include "codec/split.h"
#include "codec/structural_index.h"

namespace aiml042::codec {

/// Makes the tree; a friend so that JsonValue stays read-only for everyone else.
struct JsonValueBuilder {
    JsonWalker walker;

    bool build(JsonValue& out, std::size_t depth) {
        switch (walker.peek()) {
            case '{':
            case '[':
                if (depth >= limits::kJsonDepthMax) {
                    return walker.fail_syntax("nested deeper than " +
                                              std::to_string(limits::kJsonDepthMax));
                }
                return walker.peek() == '{' ? object(out, depth + 1) : array(out, depth + 1);
            case '"': {
                std::string_view text;
                if (!walker.read_string(text)) {
                    return false;
                }
                out.type_ = JsonValue::Type::kString;
                out.string_ = text;
                return true;
            }
            case 't':
            case 'f':
                out.type_ = JsonValue::Type::kBool;
                return walker.read_bool(out.boolean_);
            case 'n':
                return walker.read_null();
            default: {
                JsonNumber number;
                if (!walker.read_number(number)) {
                    return false;
                }
                out.type_ = JsonValue::Type::kNumber;
                out.number_ = number.value;
                return true;
            }
        }
    }

    bool object(JsonValue& out, std::size_t depth) {
        out.type_ = JsonValue::Type::kObject;
        return walker.visit_object(nullptr, [&](std::string_view key) {
            out.members_.emplace_back(key, JsonValue());
            return build(out.members_.back().second, depth);
        });
    }

    bool array(JsonValue& out, std::size_t depth) {
        out.type_ = JsonValue::Type::kArray;
        return walker.visit_array(nullptr, [&](std::size_t) {
            out.items_.emplace_back();
            return build(out.items_.back(), depth);
        });
    }
};

Result<JsonValue> JsonValue::parse(std::string_view text) {
    const std::size_t begin = byte_order_mark_size(text);
    const auto malformed =
        [begin](std::size_t offset, std::string_view what, std::string_view pointer = {}) {
            return Status(ErrorCode::kMalformedJson,
                          "at byte " + std::to_string(begin + offset) + ": " + std::string(what),
                          std::string(pointer));
        };
    std::string padded(text.substr(begin));
    padded.append(JsonWalker::kReadBehind, ' ');
    const std::string_view copy =
        trim_right(std::string_view(padded).substr(0, text.size() - begin));
    StructuralIndex index;
    if (const auto fault = index.build(copy); fault != StructuralIndex::Fault::kNone) {
        return malformed(locate(fault, copy), describe(fault));
    }
    const char first = copy[*index.begin()];
    const char last = copy[*(index.end() - 1)];
    if ((first == '{' && last != '}') || (first == '[' && last != ']')) {
        return malformed(*(index.end() - 1), "something follows the value, or it is not closed");
    }
    JsonValueBuilder builder;
    builder.walker.open(copy, index.begin(), index.end());
    JsonValue value;
    const bool whole =
        builder.build(value, 0) &&
        (builder.walker.done() || builder.walker.fail_syntax("something follows the value"));
    if (!whole) {
        const auto& fault = builder.walker.fault();
        return malformed(
            static_cast<std::size_t>(fault.at - copy.data()), fault.detail, fault.pointer);
    }
    return value;
}

const JsonValue* JsonValue::find(std::string_view name) const {
    for (const auto& [key, value] : members_) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

}  // namespace aiml042::codec
