// A strict walk over one indexed JSON text, token by token. It knows JSON and nothing of events.
//
// Every token is looked at: a value of no interest is visited too, so that broken JSON cannot hide
// in it. A call that returns false has noted a Fault; the callers on the way out add their key to
// its pointer with under(). Syntax faults (not JSON, or nested too deep) are told from faults of
// one item (a wrong type, a key given twice, a number beyond the doubles).
//
// The text is followed by kReadBehind readable bytes, and its last token is a closing bracket: then
// no token can be read behind it as long as next() is asked after each value. Threads: one owner.

#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "codec/json_number.h"
#include "codec/json_string.h"

namespace aiml042::codec {

inline constexpr std::array<bool, 256> kTokenEnds = [] {
    std::array<bool, 256> ends{};
    for (const char c : {',', '}', ']', ':', ' ', '\t', '\n', '\r', '{', '['}) {
        ends[static_cast<unsigned char>(c)] = true;
    }
    return ends;
}();

/// Whether `c` may follow a number or literal.
[[nodiscard]] inline bool ends_token(char c) {
    return kTokenEnds[static_cast<unsigned char>(c)];
}

class JsonWalker {
  public:
    /// Bytes behind the text that may be read (never believed).
    static constexpr std::size_t kReadBehind = 64;

    struct Fault {
        bool is_syntax = false;
        ErrorCode code = ErrorCode::kOk;
        std::string detail;
        std::string pointer;
        const char* at = nullptr;  // The token where it was found.
    };

    enum class Next : std::uint8_t { kMore, kClosed, kFault };

    /// Begins at the first of the tokens [`first`, `end`) of `text`, whose offsets count from
    /// text.data().
    void open(std::string_view text, const std::uint32_t* first, const std::uint32_t* end);

    /// Begins an item of the text: strings that were handed out before are gone.
    void begin_item() {
        scratch_at_ = scratch_.get();
        keys_.clear();
    }

    [[nodiscard]] const Fault& fault() const { return fault_; }

    // Where it stands.
    [[nodiscard]] bool done() const { return at_ >= end_; }

    [[nodiscard]] const std::uint32_t* token() const { return at_; }

    void rewind(const std::uint32_t* token) { at_ = token; }

    [[nodiscard]] char peek() const { return text_[*at_]; }

    [[nodiscard]] const char* position() const { return text_ + *at_; }

    /// End of the text; the walker's owner may read kReadBehind bytes more.
    [[nodiscard]] const char* limit() const { return limit_; }

    void advance() { ++at_; }

    /// Steps into the object or array that begins here; kClosed when it is empty (and then it is
    /// left again).
    Next enter(char close) {
        ++at_;
        if (done()) [[unlikely]] {
            return ended();
        }
        if (peek() == close) {
            ++at_;
            return Next::kClosed;
        }
        return Next::kMore;
    }

    /// After a value inside an object ('}') or array (']'): whether another one follows. Steps over
    /// what it read.
    Next next(char close) {
        if (done()) [[unlikely]] {
            return ended();
        }
        const char c = peek();
        ++at_;
        if (c == ',') {
            return done() ? ended() : Next::kMore;
        }
        return c == close ? Next::kClosed : unexpected(close);
    }

    /// Steps over the colon behind a key.
    bool colon() {
        if (done() || peek() != ':') [[unlikely]] {
            return fail_syntax("a colon is missing behind a key");
        }
        ++at_;
        return done() ? fail_syntax("the text ends too early") : true;
    }

    /// The key that stands here, with its colon. The view lives until begin_item().
    bool read_key(std::string_view& key);

    /// The string that stands here. The view lives until begin_item().
    bool read_string(std::string_view& text);

    /// The same, of 1 to `bytes_max` bytes and without control characters.
    bool read_name(std::string_view& text, std::size_t bytes_max);

    /// The same, and not "." or "..": what names a thing in the path of a URL.
    bool read_id(std::string_view& text, std::size_t bytes_max);

    /// Whether `name`, the key that was read last, may name something: as read_name() has it.
    bool check_key(std::string_view name, std::size_t bytes_max);

    bool read_number(JsonNumber& number);

    /// The same of a value that may name something (an id as a number, a class): kOutOfRange for an
    /// integer that a double would change.
    bool read_exact_number(JsonNumber& number);

    bool read_bool(bool& value);
    bool read_null();

    /// A string of 1 to `bytes_max` bytes, any characters, or a number or boolean in canonical
    /// text.
    bool read_scalar_text(std::string_view& text, std::size_t bytes_max);

    /// Visits the value that stands here, whatever it is, inside `depth` open objects and arrays.
    /// Appends its text without blanks to `copy` unless that is null.
    bool visit(std::string* copy, std::size_t depth);

    /// The same, for syntax only: faults of an item are passed over.
    bool visit_syntax(std::size_t depth);

    /// The number that stands here, as visit() does.
    bool visit_number(std::string* copy);

    /// The string that stands here, as visit() does, of at most `bytes_max` bytes once its escapes
    /// are resolved.
    bool visit_text(std::string* copy, std::size_t bytes_max);

    /// Visits the object that stands here, calling on_value(key) at each value: it steps over the
    /// value, appends to `copy` what is to be there, and says whether it succeeded. A key given
    /// twice is a fault.
    template <typename OnValue>
    bool visit_object(std::string* copy, OnValue on_value);

    /// The same for an array and on_item(index).
    template <typename OnItem>
    bool visit_array(std::string* copy, OnItem on_item);

    // Faults. All return false.
    bool fail_syntax(std::string_view what);
    bool fail(ErrorCode code, std::string detail);
    /// The value that stands here is not `wanted` ("a number").
    bool fail_type(std::string_view wanted);
    /// Puts "/key" before the pointer of the fault.
    bool under(std::string_view key);
    bool under(std::size_t index);

  private:
    static constexpr char kDelete = 0x7F;
    static constexpr std::string_view kControlCharacter = "a name cannot have control characters";

    void keep_scratch(const char* end) { scratch_at_ += end - scratch_at_; }

    Next ended();
    Next unexpected(char close);
    bool resolve(const RawString& raw, std::string_view& text);
    bool resolve_escapes(const RawString& raw, std::string_view& text);
    bool read_bounded(std::string_view& text, std::size_t bytes_max);
    bool fail_length(std::string_view text, std::size_t bytes_max);
    bool visit_string(std::string* copy);
    bool visit_literal(std::string* copy);
    bool take_key(std::string* copy, bool is_first, std::string_view& key);
    bool check_keys(std::size_t first);
    bool at_literal(std::string_view literal);

    const char* text_ = nullptr;
    const char* limit_ = nullptr;
    const std::uint32_t* at_ = nullptr;
    const std::uint32_t* end_ = nullptr;
    bool syntax_only_ = false;
    Fault fault_;
    std::vector<std::string_view> keys_;  // Of the objects that visit() is in.
    std::unique_ptr<char[]> scratch_;
    std::size_t scratch_capacity_ = 0;
    char* scratch_at_ = nullptr;
};

inline bool JsonWalker::resolve(const RawString& raw, std::string_view& text) {
    if (raw.escaped) [[unlikely]] {
        return resolve_escapes(raw, text);
    }
    text = {raw.begin, static_cast<std::size_t>(raw.end - raw.begin)};
    return true;
}

inline bool JsonWalker::read_key(std::string_view& key) {
    if (peek() != '"') [[unlikely]] {
        return fail_syntax("expected a key in quotes");
    }
    if (!resolve(find_string_end(position()), key)) {
        return false;
    }
    advance();
    return colon();
}

inline bool JsonWalker::read_string(std::string_view& text) {
    if (peek() != '"') [[unlikely]] {
        return fail_type("a string");
    }
    if (!resolve(find_string_end(position()), text)) {
        return false;
    }
    advance();
    return true;
}

inline bool JsonWalker::read_name(std::string_view& text, std::size_t bytes_max) {
    if (peek() != '"') [[unlikely]] {
        return fail_type("a string");
    }
    const RawString raw = find_string_end(position());
    if (!resolve(raw, text)) {
        return false;
    }
    if (text.empty() || text.size() > bytes_max) [[unlikely]] {
        return fail_length(text, bytes_max);
    }
    // The index lets no control character through but DEL; the others come by an escape.
    const bool suspect = raw.escaped || std::memchr(text.data(), kDelete, text.size()) != nullptr;
    if (suspect && has_control_character(text)) [[unlikely]] {
        return fail(ErrorCode::kInvalidField, std::string(kControlCharacter));
    }
    advance();
    return true;
}

inline bool JsonWalker::read_number(JsonNumber& number) {
    const char first = peek();
    if (first != '-' && (first < '0' || first > '9')) [[unlikely]] {
        return fail_type("a number");
    }
    const char* const end = codec::read_number(position(), number);
    if (end == nullptr || !ends_token(*end)) [[unlikely]] {
        return fail_syntax("a number is not well-formed");
    }
    if (!number.is_decimal && std::isinf(number.value) && !syntax_only_) [[unlikely]] {
        return fail(ErrorCode::kOutOfRange, "the number is larger than a double can hold");
    }
    advance();
    return true;
}

inline bool JsonWalker::at_literal(std::string_view literal) {
    const char* const p = position();
    return std::memcmp(p, literal.data(), literal.size()) == 0 && ends_token(p[literal.size()]);
}

inline bool JsonWalker::read_bool(bool& value) {
    const char first = peek();
    if (first != 't' && first != 'f') [[unlikely]] {
        return fail_type("a boolean");
    }
    value = first == 't';
    if (!at_literal(value ? "true" : "false")) [[unlikely]] {
        return fail_syntax("expected true or false");
    }
    advance();
    return true;
}

template <typename OnValue>
bool JsonWalker::visit_object(std::string* copy, OnValue on_value) {
    if (peek() != '{') {
        return fail_type("an object");
    }
    const std::size_t first_key = keys_.size();
    if (copy != nullptr) {
        copy->push_back('{');
    }
    Next step = enter('}');
    for (bool is_first = true; step == Next::kMore; is_first = false) {
        std::string_view key;
        if (!take_key(copy, is_first, key)) {
            return false;
        }
        if (!on_value(key)) {
            return under(key);
        }
        step = next('}');
    }
    if (copy != nullptr) {
        copy->push_back('}');
    }
    return step == Next::kClosed && check_keys(first_key);
}

template <typename OnItem>
bool JsonWalker::visit_array(std::string* copy, OnItem on_item) {
    if (peek() != '[') {
        return fail_type("an array");
    }
    if (copy != nullptr) {
        copy->push_back('[');
    }
    Next step = enter(']');
    for (std::size_t i = 0; step == Next::kMore; ++i) {
        if (copy != nullptr && i > 0) {
            copy->push_back(',');
        }
        if (!on_item(i)) {
            return under(i);
        }
        step = next(']');
    }
    if (copy != nullptr) {
        copy->push_back(']');
    }
    return step == Next::kClosed;
}

/// "a string", "an object" …: what begins with `c`.
[[nodiscard]] std::string_view kind_of_value(char c);

/// Appends "/key" with ~ and / escaped as ~0 and ~1 (RFC 6901), cut at 256 bytes of key.
void append_pointer(std::string& out, std::string_view key);

}  // namespace aiml042::codec
