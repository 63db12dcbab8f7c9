#include "net/target.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"

namespace aiml042::net {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const auto letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Length of the UTF-8 sequence that `first` begins, by its lead byte alone; 0 for a byte that
/// begins none.
std::size_t utf8_sequence_length(unsigned first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const unsigned first = static_cast<unsigned char>(text[at]);
        const std::size_t length = utf8_sequence_length(first);
        if (length == 0 || at + length > text.size()) {
            return false;
        }
        for (std::size_t i = 1; i < length; ++i) {
            const unsigned next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xC0U) != 0x80U) {
                return false;
            }
            // Overlong forms, surrogates and what is beyond U+10FFFF show in the second byte.
            if (i == 1 && ((first == 0xE0 && next < 0xA0) || (first == 0xED && next > 0x9F) ||
                           (first == 0xF0 && next < 0x90) || (first == 0xF4 && next > 0x8F))) {
                return false;
            }
        }
        at += length;
    }
    return true;
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);  // The '/'.
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view segment = path.substr(0, end);
        if (is_dot_segment(segment)) {
            return true;
        }
        path.remove_prefix(end);
    }
    return false;
}

bool read_query(std::string_view text, Request& out) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) {
            continue;
        }
        if (out.query.size() == limits::kQueryParametersMax) {
            return false;
        }
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto& [name, value] = out.query.emplace_back();
        if (!percent_decode(pair.substr(0, equals), TargetPart::kQuery, name) ||
            !percent_decode(
                pair.substr(std::min(equals + 1, pair.size())), TargetPart::kQuery, value)) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool percent_decode(std::string_view text, TargetPart part, std::string& out) {
    out.clear();
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && part == TargetPart::kQuery) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    const bool clean = part == TargetPart::kQuery ? out.find('\0') == std::string::npos
                                                  : !has_control_character(out);
    return clean && is_utf8(out);
}

bool read_target(std::string_view target, Request& out) {
    const std::size_t question = std::min(target.find('?'), target.size());
    out.raw_path = target.substr(0, question);
    out.query.clear();
    return percent_decode(out.raw_path, TargetPart::kPath, out.path) &&
           !has_dot_segment(out.path) &&
           read_query(target.substr(std::min(question + 1, target.size())), out);
}

}  // namespace aiml042::net
