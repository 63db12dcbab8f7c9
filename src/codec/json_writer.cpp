#include "codec/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/check.h"
#include "codec/json_number.h"
#include "codec/json_string.h"

namespace aiml042::codec {

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!has_items_.empty()) {
        if (has_items_.back()) {
            out_ += ',';
        }
        has_items_.back() = true;
    }
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    AIML_DCHECK(!has_items_.empty());
    AIML_DCHECK(!after_key_);
    has_items_.pop_back();
    out_ += '}';
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    AIML_DCHECK(!has_items_.empty());
    AIML_DCHECK(!after_key_);
    has_items_.pop_back();
    out_ += ']';
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    AIML_DCHECK(!after_key_);
    separate();
    append_quoted(out_, name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_quoted(out_, text);
    return *this;
}

JsonWriter& JsonWriter::number(double value) {
    separate();
    if (std::isfinite(value)) {
        char text[kNumberTextMax];
        out_.append(text, write_number(value, text));
    } else {
        out_ += "null";
    }
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
    return *this;
}

JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
    separate();
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace aiml042::codec
