#include "codec/structural_index.h"

#include <bit>

#include <simdjson.h>

#include "base/check.h"

namespace aiml042::codec {

namespace {

constexpr std::size_t kSmallestCapacity = 16 * 1024;

/// Bytes of the UTF-8 sequence at the front of `text`, 0 when it is not one.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    const unsigned second = byte(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    return overlong || beyond ? 0 : length;
}

std::size_t locate_bad_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return at;
}

std::size_t locate_in_strings(std::string_view text, bool control_character) {
    bool inside = false;
    std::size_t opened = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inside && c == '\\') {
            ++i;
        } else if (c == '"') {
            inside = !inside;
            opened = i;
        } else if (inside && control_character && static_cast<unsigned char>(c) < 0x20) {
            return i;
        }
    }
    return inside ? opened : text.size();
}

}  // namespace

struct StructuralIndex::State {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

StructuralIndex::StructuralIndex() : state_(std::make_unique<State>()) {
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        kSmallestCapacity, 1, state_->stages);
    AIML_CHECK(error == simdjson::SUCCESS);
}

StructuralIndex::~StructuralIndex() = default;

StructuralIndex::Fault StructuralIndex::build(std::string_view text) {
    auto& stages = *state_->stages;
    if (text.empty()) {
        return Fault::kEmpty;
    }
    if (text.size() > stages.capacity()) {
        const auto error = stages.set_capacity(std::bit_ceil(text.size()));
        AIML_CHECK(error == simdjson::SUCCESS);
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    switch (stages.stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS:
            return Fault::kNone;
        case simdjson::UTF8_ERROR:
            return Fault::kUtf8;
        case simdjson::UNCLOSED_STRING:
            return Fault::kUnclosedString;
        case simdjson::UNESCAPED_CHARS:
            return Fault::kControlCharacter;
        default:
            return Fault::kEmpty;
    }
}

const std::uint32_t* StructuralIndex::begin() const {
    return state_->stages->structural_indexes.get();
}

const std::uint32_t* StructuralIndex::end() const {
    return begin() + state_->stages->n_structural_indexes;
}

std::string_view describe(StructuralIndex::Fault fault) {
    switch (fault) {
        case StructuralIndex::Fault::kNone:
            return "no fault";
        case StructuralIndex::Fault::kEmpty:
            return "there is no JSON value";
        case StructuralIndex::Fault::kUtf8:
            return "the text is not valid UTF-8";
        case StructuralIndex::Fault::kUnclosedString:
            return "a string has no end";
        case StructuralIndex::Fault::kControlCharacter:
            return "a control character stands in a string without being escaped";
    }
    return "";
}

std::size_t locate(StructuralIndex::Fault fault, std::string_view text) {
    switch (fault) {
        case StructuralIndex::Fault::kUtf8:
            return locate_bad_utf8(text);
        case StructuralIndex::Fault::kUnclosedString:
            return locate_in_strings(text, false);
        case StructuralIndex::Fault::kControlCharacter:
            return locate_in_strings(text, true);
        default:
            return 0;
    }
}

}  // namespace aiml042::codec
