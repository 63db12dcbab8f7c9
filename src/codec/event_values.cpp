// The parts of an event that carry named values and texts: features, metadata, scores, quantiles,
// attributions, embeddings and llm.
#include <array>
#include <cstring>

#include "base/limits.h"
#include "codec/event_parser.h"

namespace aiml042::codec {

namespace {

using model::ValueType;

enum LlmField : std::size_t {
    kPrompt,
    kResponse,
    kContext,
    kCitations,
    kRetrieved,
    kInputTokens,
    kOutputTokens,
    kCostUsd,
    kModel,
    kRefusal,
};

constexpr std::array<std::string_view, 10> kLlmFields = {"prompt",
                                                         "response",
                                                         "context",
                                                         "citations",
                                                         "retrieved",
                                                         "input_tokens",
                                                         "output_tokens",
                                                         "cost_usd",
                                                         "model",
                                                         "refusal"};

/// Open objects and arrays around a member of llm, and around an item of an array in it.
constexpr std::size_t kLlmDepth = 2;

constexpr std::size_t kEmbeddingsMax = 64;

std::string longer_than(std::size_t bytes) {
    return "longer than " + std::to_string(bytes) + " bytes";
}

}  // namespace

std::span<const std::string_view> EventParser::llm_fields() {
    return kLlmFields;
}

bool EventParser::quantile_name(std::string_view key, std::string& canonical) {
    char text[64] = {};  // A zero byte ends the number.
    JsonNumber number;
    if (key.size() < sizeof(text) - kNumberOverread) {
        std::memcpy(text, key.data(), key.size());
        const char* const end = read_number(text, number);
        if (end == text + key.size() && number.value > 0.0 && number.value < 1.0) {
            canonical = number_text(number.value);
            return true;
        }
    }
    return walker_.fail(ErrorCode::kInvalidField,
                        "expected the name of a quantile to be a number between 0 and 1");
}

bool EventParser::named(NameKind kind, NameTable::Id previous, NameTable::Id& id) {
    id = names_.guess(kind, previous);
    if (walker_.peek() == '"' && names_.matches(id, kind, walker_.position(), walker_.limit()))
        [[likely]] {
        walker_.advance();
        if (!walker_.colon()) {
            return false;
        }
    } else {
        std::string_view key;
        std::string canonical;
        if (!walker_.read_key(key)) {
            return false;
        }
        if (!walker_.check_key(key, limits::kNameBytesMax)) {
            return walker_.under(key);
        }
        if (kind == NameKind::kQuantile) {
            if (!quantile_name(key, canonical)) {
                return walker_.under(key);
            }
            key = canonical;
        }
        id = names_.find(kind, key);
        if (id == NameTable::kNone) {
            walker_.fail(ErrorCode::kCardinalityLimit, "too many distinct names in one request");
            return walker_.under(key);
        }
    }
    if (!names_.use(kind, previous, id)) [[unlikely]] {
        walker_.fail(ErrorCode::kDuplicateField, "the name is given twice");
        return walker_.under(names_.text(id));
    }
    return true;
}

template <typename OnValue>
bool EventParser::read_named(NameKind kind, OnValue on_value) {
    if (walker_.peek() != '{') [[unlikely]] {
        return walker_.fail_type("an object");
    }
    NameTable::Id previous = NameTable::kNone;
    JsonWalker::Next step = walker_.enter('}');
    while (step == JsonWalker::Next::kMore) {
        NameTable::Id id = NameTable::kNone;
        if (!named(kind, previous, id)) {
            return false;
        }
        previous = id;
        if (row_.columns() >= limits::kColumnsPerEventMax) [[unlikely]] {
            return walker_.fail(ErrorCode::kCardinalityLimit,
                                "more than " + std::to_string(limits::kColumnsPerEventMax) +
                                    " named values in one event");
        }
        const bool good = walker_.peek() == 'n' ? walker_.read_null() : on_value(id);
        if (!good) [[unlikely]] {
            return walker_.under(names_.text(id));
        }
        step = walker_.next('}');
    }
    return step == JsonWalker::Next::kClosed;
}

bool EventParser::values(NameKind kind) {
    return read_named(kind, [this](NameTable::Id id) { return value(id); });
}

bool EventParser::value(NameTable::Id id) {
    switch (walker_.peek()) {
        case '"': {
            std::string_view text;
            const std::uint32_t* const token = walker_.token();
            if (!walker_.read_string(text)) {
                return false;
            }
            if (text.size() > limits::kStringBytesMax) [[unlikely]] {
                walker_.rewind(token);
                return walker_.fail(ErrorCode::kOutOfRange, longer_than(limits::kStringBytesMax));
            }
            row_.column_text(names_.column(id, ValueType::kString), text);
            return true;
        }
        case 't':
        case 'f': {
            bool flag = false;
            if (!walker_.read_bool(flag)) {
                return false;
            }
            row_.column_bool(names_.column(id, ValueType::kBool), flag);
            return true;
        }
        case '{':
        case '[':
            return walker_.fail_type("a number, string, boolean or null");
        default: {
            JsonNumber number;
            if (!walker_.read_exact_number(number)) {
                return false;
            }
            row_.column_number(names_.column(id, ValueType::kNumber), number);
            return true;
        }
    }
}

bool EventParser::numbers(NameKind kind) {
    return read_named(kind, [this](NameTable::Id id) {
        JsonNumber number;
        if (!walker_.read_number(number)) {
            return false;
        }
        row_.column_number(names_.column(id, ValueType::kNumber), number);
        return true;
    });
}

bool EventParser::class_scores() {
    return read_named(NameKind::kClassScore, [this](NameTable::Id id) {
        JsonNumber number;
        if (!probability(number)) {
            return false;
        }
        row_.column_number(names_.column(id, ValueType::kNumber), number);
        return true;
    });
}

bool EventParser::embeddings() {
    begin_part("embeddings");
    std::size_t count = 0;
    return walker_.visit_object(&remainder_, [&](std::string_view key) {
        if (++count > kEmbeddingsMax) {
            return walker_.fail(
                ErrorCode::kCardinalityLimit,
                "more than " + std::to_string(kEmbeddingsMax) + " embeddings in one event");
        }
        if (!walker_.check_key(key, limits::kNameBytesMax)) {
            return false;
        }
        return walker_.visit_array(&remainder_, [&](std::size_t index) {
            if (index >= limits::kEmbeddingLengthMax) {
                return walker_.fail(ErrorCode::kOutOfRange,
                                    "more than " + std::to_string(limits::kEmbeddingLengthMax) +
                                        " numbers in one embedding");
            }
            return walker_.visit_number(&remainder_);
        });
    });
}

bool EventParser::llm() {
    const std::size_t mark = remainder_.size();
    begin_part("llm");
    remainder_ += '{';
    bool is_first = true;
    KnownKeys::Visit visit;
    if (!read_object(walker_, llm_keys_, visit, [&](std::size_t field) {
            return llm_member(field, is_first);
        })) {
        return false;
    }
    if (is_first) {
        remainder_.resize(mark);  // Nothing but what has columns.
    } else {
        remainder_ += '}';
    }
    return true;
}

bool EventParser::llm_member(std::size_t field, bool& is_first) {
    switch (field) {
        case kInputTokens:
            return amount_member(EventTag::kInputTokens);
        case kOutputTokens:
            return amount_member(EventTag::kOutputTokens);
        case kCostUsd:
            return amount_member(EventTag::kCostUsd);
        default:
            break;
    }
    remainder_ += is_first ? "\"" : ",\"";
    remainder_ += kLlmFields[field];
    remainder_ += "\":";
    is_first = false;
    bool refusal = false;
    switch (field) {
        case kContext:
            return llm_text_list();
        case kCitations:
            return llm_citations();
        case kRetrieved:
            return llm_retrieved();
        case kModel:
            return walker_.visit_text(&remainder_, limits::kNameBytesMax);
        case kRefusal:
            if (!walker_.read_bool(refusal)) {
                return false;
            }
            remainder_ += refusal ? "true" : "false";
            return true;
        default:
            return walker_.visit_text(&remainder_, limits::kTextBytesMax);
    }
}

bool EventParser::llm_text_list() {
    return walker_.visit_array(&remainder_, [&](std::size_t) {
        return walker_.visit_text(&remainder_, limits::kTextBytesMax);
    });
}

bool EventParser::llm_citations() {
    return walker_.visit_array(
        &remainder_, [&](std::size_t) { return walker_.visit(&remainder_, kLlmDepth + 1); });
}

bool EventParser::llm_retrieved() {
    return walker_.visit_array(&remainder_, [&](std::size_t) {
        bool has_id = false;
        const auto on_value = [&](std::string_view key) {
            if (key == "id") {
                has_id = true;
                const std::string_view found = kind_of_value(walker_.peek());
                return found == "a string" ? walker_.visit_text(&remainder_, limits::kNameBytesMax)
                       : found == "a number" ? walker_.visit_number(&remainder_)
                                             : walker_.fail_type("a string or a number");
            }
            if (walker_.peek() != 'n' && key == "score") {
                return walker_.visit_number(&remainder_);
            }
            if (walker_.peek() != 'n' && key == "text") {
                return walker_.visit_text(&remainder_, limits::kTextBytesMax);
            }
            return walker_.visit(&remainder_, kLlmDepth + 2);
        };
        if (!walker_.visit_object(&remainder_, on_value)) {
            return false;
        }
        if (!has_id) {
            walker_.fail(ErrorCode::kMissingField, "a retrieved document needs its id");
            return walker_.under("id");
        }
        return true;
    });
}

}  // namespace aiml042::codec
