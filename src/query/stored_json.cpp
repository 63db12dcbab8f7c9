#include "query/stored_json.h"

#include <algorithm>

#include "codec/json_string.h"

namespace aiml042::query {

std::size_t stored_string_end(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        at = std::min(text.find('"', at), text.size());
        std::size_t backslashes = 0;
        while (text[at - 1 - backslashes] == '\\') {
            ++backslashes;
        }
        if (backslashes % 2 == 0) {
            return std::min(at + 1, text.size());
        }
    }
    return text.size();
}

std::size_t stored_value_end(std::string_view text, std::size_t at) {
    for (int depth = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at = stored_string_end(text, at);
            continue;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return at;
        } else if (c == '}' || c == ']') {
            --depth;
        }
        ++at;
    }
    return at;
}

std::string_view stored_member(std::string_view object, std::string_view name) {
    std::string_view out;
    for_each_stored_member(object, [&](std::string_view key, std::string_view value) {
        out = key == name ? value : out;
    });
    return out;
}

std::string_view stored_text(std::string_view between_quotes, std::string& owner) {
    if (between_quotes.find('\\') == std::string_view::npos) {
        return between_quotes;
    }
    owner.resize(between_quotes.size());
    const codec::RawString raw{
        between_quotes.data(), between_quotes.data() + between_quotes.size(), true};
    const char* const end = codec::unescape(raw, owner.data());
    owner.resize(end == nullptr ? 0 : static_cast<std::size_t>(end - owner.data()));
    return owner;
}

}  // namespace aiml042::query
