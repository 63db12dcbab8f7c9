#include "codec/json_string.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace aiml042::codec {

namespace {

constexpr std::uint32_t kBadHex = 0xFFFF'FFFF;
constexpr std::uint32_t kHighSurrogate = 0xD800;
constexpr std::uint32_t kLowSurrogate = 0xDC00;
constexpr std::uint32_t kBehindSurrogates = 0xE000;

std::uint32_t hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint32_t>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<std::uint32_t>(lower - 'a' + 10) : kBadHex;
}

/// Four hexadecimal digits at `p`, or kBadHex.
std::uint32_t hex4(const char* p, const char* end) {
    if (end - p < 4) {
        return kBadHex;
    }
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::uint32_t digit = hex_digit(p[i]);
        if (digit == kBadHex) {
            return kBadHex;
        }
        value = value << 4 | digit;
    }
    return value;
}

/// Code point of the \u escape whose digits begin at `p`; moves `p` behind it. kBadHex when it is
/// not valid.
std::uint32_t code_point(const char*& p, const char* end) {
    const std::uint32_t first = hex4(p, end);
    if (first == kBadHex || (first >= kLowSurrogate && first < kBehindSurrogates)) {
        return kBadHex;
    }
    p += 4;
    if (first < kHighSurrogate || first >= kBehindSurrogates) {
        return first;
    }
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return kBadHex;
    }
    const std::uint32_t second = hex4(p + 2, end);
    if (second < kLowSurrogate || second >= kBehindSurrogates) {
        return kBadHex;
    }
    p += 6;
    return 0x10000 + ((first - kHighSurrogate) << 10) + (second - kLowSurrogate);
}

char* put_utf8(std::uint32_t point, char* out) {
    const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
    return out;
}

/// What stands for `\c`; 0 when nothing does.
char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return 0;
    }
}

const char* next_backslash(const char* p, const char* end) {
    const void* found = std::memchr(p, '\\', static_cast<std::size_t>(end - p));
    return found == nullptr ? end : static_cast<const char*>(found);
}

/// Moves `p` from behind a backslash to behind the escape; its code point, or kBadHex.
std::uint32_t read_escape(const char*& p, const char* end) {
    if (p == end) {
        return kBadHex;
    }
    const char c = *p++;
    if (c == 'u') {
        return code_point(p, end);
    }
    const char simple = simple_escape(c);
    return simple == 0 ? kBadHex : static_cast<std::uint32_t>(static_cast<unsigned char>(simple));
}

/// Length of the valid UTF-8 sequence at `p`, or 0.
std::size_t utf8_length(const char* p, const char* end) {
    const auto lead = static_cast<unsigned char>(*p);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 ||
        static_cast<std::size_t>(end - p) < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(p[i]) & 0xC0) != 0x80) {
            return 0;
        }
    }
    if (length >= 3) {
        const auto second = static_cast<unsigned char>(p[1]);
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
            return 0;
        }
    }
    return length;
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += kHex[static_cast<unsigned char>(c) >> 4];
            out += kHex[static_cast<unsigned char>(c) & 0xF];
    }
}

/// Bytes that append_quoted() may copy without a look at them.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) {
        plain[c] = c != '"' && c != '\\' && c != '<' && c != 0x7F;
    }
    return plain;
}();

}  // namespace

char* unescape(const RawString& raw, char* out) {
    const char* p = raw.begin;
    for (;;) {
        const char* const backslash = next_backslash(p, raw.end);
        const auto plain = static_cast<std::size_t>(backslash - p);
        std::memcpy(out, p, plain);
        out += plain;
        if (backslash == raw.end) {
            return out;
        }
        p = backslash + 1;
        const std::uint32_t point = read_escape(p, raw.end);
        if (point == kBadHex) {
            return nullptr;
        }
        out = put_utf8(point, out);
    }
}

bool escapes_are_valid(const RawString& raw) {
    const char* p = next_backslash(raw.begin, raw.end);
    while (p != raw.end) {
        ++p;
        if (read_escape(p, raw.end) == kBadHex) {
            return false;
        }
        p = next_backslash(p, raw.end);
    }
    return true;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p != end) {
        const char* plain = p;
        while (p != end && kPlain[static_cast<unsigned char>(*p)]) {
            ++p;
        }
        out.append(plain, p);
        if (p == end) {
            break;
        }
        if (static_cast<unsigned char>(*p) < 0x80) {
            append_escape(out, *p++);
        } else if (const std::size_t length = utf8_length(p, end); length != 0) {
            out.append(p, length);
            p += length;
        } else {
            out += "\xEF\xBF\xBD";
            ++p;
        }
    }
    out += '"';
}

}  // namespace aiml042::codec
