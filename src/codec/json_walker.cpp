#include "codec/json_walker.h"

#include <algorithm>

#include "base/limits.h"

namespace aiml042::codec {

namespace {

/// Texts that are made and not read: numbers and booleans in canonical form.
constexpr std::size_t kScratchExtra = 4096;

constexpr std::size_t kPairwiseKeysMax = 8;

}  // namespace

std::string_view kind_of_value(char c) {
    switch (c) {
        case '"':
            return "a string";
        case '{':
            return "an object";
        case '[':
            return "an array";
        case 't':
        case 'f':
            return "a boolean";
        case 'n':
            return "null";
        default:
            return c == '-' || (c >= '0' && c <= '9') ? "a number" : "no JSON value";
    }
}

void append_pointer(std::string& out, std::string_view key) {
    out += '/';
    std::size_t size = std::min(key.size(), limits::kNameBytesMax);
    while (size < key.size() && size > 0 &&
           (static_cast<unsigned char>(key[size]) & 0xC0) == 0x80) {
        --size;  // Not within a character.
    }
    for (const char c : key.substr(0, size)) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
}

void JsonWalker::open(std::string_view text, const std::uint32_t* first, const std::uint32_t* end) {
    text_ = text.data();
    limit_ = text.data() + text.size();
    at_ = first;
    end_ = end;
    syntax_only_ = false;
    const std::size_t wanted = text.size() + kScratchExtra;
    if (scratch_capacity_ < wanted) {
        scratch_capacity_ = wanted + wanted / 2;
        scratch_ = std::make_unique_for_overwrite<char[]>(scratch_capacity_);
    }
    begin_item();
}

bool JsonWalker::fail_syntax(std::string_view what) {
    fault_ =
        Fault{true, ErrorCode::kMalformedJson, std::string(what), {}, done() ? limit_ : position()};
    return false;
}

bool JsonWalker::fail(ErrorCode code, std::string detail) {
    fault_ = Fault{false, code, std::move(detail), {}, done() ? limit_ : position()};
    return false;
}

bool JsonWalker::fail_type(std::string_view wanted) {
    const std::string_view found = kind_of_value(peek());
    if (found == "no JSON value") {
        return fail_syntax("a value is missing");
    }
    return fail(ErrorCode::kInvalidField,
                "expected " + std::string(wanted) + ", found " + std::string(found));
}

bool JsonWalker::under(std::string_view key) {
    std::string pointer;
    append_pointer(pointer, key);
    fault_.pointer.insert(0, pointer);
    return false;
}

bool JsonWalker::under(std::size_t index) {
    return under(std::to_string(index));
}

JsonWalker::Next JsonWalker::ended() {
    fail_syntax("the text ends inside an object or array");
    return Next::kFault;
}

JsonWalker::Next JsonWalker::unexpected(char close) {
    --at_;
    fail_syntax(close == '}' ? "expected a comma or } in an object"
                             : "expected a comma or ] in an array");
    return Next::kFault;
}

bool JsonWalker::resolve_escapes(const RawString& raw, std::string_view& text) {
    const char* const end = unescape(raw, scratch_at_);
    if (end == nullptr) {
        return fail_syntax("a string holds an escape that is not valid");
    }
    text = {scratch_at_, static_cast<std::size_t>(end - scratch_at_)};
    keep_scratch(end);
    return true;
}

bool JsonWalker::fail_length(std::string_view text, std::size_t bytes_max) {
    return text.empty() ? fail(ErrorCode::kInvalidField, "the text is empty")
                        : fail(ErrorCode::kOutOfRange,
                               "longer than " + std::to_string(bytes_max) + " bytes");
}

bool JsonWalker::read_bounded(std::string_view& text, std::size_t bytes_max) {
    const std::uint32_t* const token = at_;
    if (!read_string(text)) {
        return false;
    }
    if (text.empty() || text.size() > bytes_max) {
        rewind(token);
        return fail_length(text, bytes_max);
    }
    return true;
}

bool JsonWalker::read_id(std::string_view& text, std::size_t bytes_max) {
    const std::uint32_t* const token = at_;
    if (!read_name(text, bytes_max)) {
        return false;
    }
    if (is_dot_segment(text)) {
        rewind(token);
        return fail(ErrorCode::kInvalidField,
                    "an id cannot be \".\" or \"..\": no URL can hold it");
    }
    return true;
}

bool JsonWalker::check_key(std::string_view name, std::size_t bytes_max) {
    if (name.empty() || name.size() > bytes_max) {
        return fail_length(name, bytes_max);
    }
    return !has_control_character(name) ||
           fail(ErrorCode::kInvalidField, std::string(kControlCharacter));
}

bool JsonWalker::read_exact_number(JsonNumber& number) {
    const std::uint32_t* const token = at_;
    const char* const begin = position();
    if (!read_number(number)) {
        return false;
    }
    if (!number.is_decimal && changes_integer(begin, number.value)) [[unlikely]] {
        rewind(token);
        return fail(ErrorCode::kOutOfRange,
                    "an integer that a double cannot hold: send it as text");
    }
    return true;
}

bool JsonWalker::read_null() {
    if (!at_literal("null")) [[unlikely]] {
        return fail_syntax("expected null");
    }
    advance();
    return true;
}

bool JsonWalker::read_scalar_text(std::string_view& text, std::size_t bytes_max) {
    switch (peek()) {
        case '"':
            return read_bounded(text, bytes_max);
        case 't':
        case 'f': {
            bool value = false;
            if (!read_bool(value)) {
                return false;
            }
            text = value ? "true" : "false";
            return true;
        }
        case '{':
        case '[':
        case 'n':
            return fail_type("a string, number or boolean");
        default: {
            JsonNumber number;
            if (!read_exact_number(number)) {
                return false;
            }
            const char* const end = write_number(number.value, scratch_at_);
            text = {scratch_at_, static_cast<std::size_t>(end - scratch_at_)};
            keep_scratch(end);
            return true;
        }
    }
}

bool JsonWalker::visit_syntax(std::size_t depth) {
    syntax_only_ = true;
    const bool good = visit(nullptr, depth);
    syntax_only_ = false;
    return good;
}

bool JsonWalker::visit(std::string* copy, std::size_t depth) {
    switch (peek()) {
        case '"':
            return visit_string(copy);
        case '{':
        case '[':
            if (depth >= limits::kJsonDepthMax) {
                return fail_syntax("nested deeper than " + std::to_string(limits::kJsonDepthMax));
            }
            if (peek() == '[') {
                return visit_array(copy, [&](std::size_t) { return visit(copy, depth + 1); });
            }
            return visit_object(copy, [&](std::string_view) { return visit(copy, depth + 1); });
        case 't':
        case 'f':
        case 'n':
            return visit_literal(copy);
        default:
            return visit_number(copy);
    }
}

bool JsonWalker::visit_string(std::string* copy) {
    const RawString raw = find_string_end(position());
    if (raw.escaped && !escapes_are_valid(raw)) {
        return fail_syntax("a string holds an escape that is not valid");
    }
    if (copy != nullptr) {
        copy->append(raw.begin - 1, raw.end + 1);
    }
    advance();
    return true;
}

bool JsonWalker::visit_number(std::string* copy) {
    const char* const begin = position();
    JsonNumber number;
    if (!read_number(number)) {
        return false;
    }
    if (copy != nullptr) {
        const char* end = begin + 1;
        while (!ends_token(*end)) {
            ++end;
        }
        copy->append(begin, end);
    }
    return true;
}

bool JsonWalker::visit_literal(std::string* copy) {
    for (const std::string_view literal : {"true", "false", "null"}) {
        if (at_literal(literal)) {
            if (copy != nullptr) {
                copy->append(literal);
            }
            advance();
            return true;
        }
    }
    return fail_syntax("expected true, false or null");
}

bool JsonWalker::visit_text(std::string* copy, std::size_t bytes_max) {
    if (peek() != '"') {
        return fail_type("a string");
    }
    const RawString raw = find_string_end(position());
    if (static_cast<std::size_t>(raw.end - raw.begin) > bytes_max) {
        std::string_view text;
        if (!resolve(raw, text)) {
            return false;
        }
        if (text.size() > bytes_max) {
            return fail(ErrorCode::kOutOfRange,
                        "longer than " + std::to_string(bytes_max) + " bytes");
        }
    }
    return visit_string(copy);
}

bool JsonWalker::take_key(std::string* copy, bool is_first, std::string_view& key) {
    const char* const quote = position();
    if (!read_key(key)) {
        return false;
    }
    if (!syntax_only_) {
        keys_.push_back(key);
    }
    if (copy != nullptr) {
        if (!is_first) {
            copy->push_back(',');
        }
        copy->append(quote, find_string_end(quote).end + 1);
        copy->push_back(':');
    }
    return true;
}

bool JsonWalker::check_keys(std::size_t first) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
    auto twice = keys_.end();
    if (keys_.size() - first <= kPairwiseKeysMax) {
        for (auto a = begin; a != keys_.end() && twice == keys_.end(); ++a) {
            twice = std::find(a + 1, keys_.end(), *a);
        }
    } else {
        std::sort(begin, keys_.end());
        twice = std::adjacent_find(begin, keys_.end());
    }
    if (twice != keys_.end()) {
        const std::string_view key = *twice;
        fail(ErrorCode::kDuplicateField, "the key is given twice");
        return under(key);
    }
    keys_.resize(first);
    return true;
}

}  // namespace aiml042::codec
