#include "codec/split.h"

#include <algorithm>

namespace aiml042::codec {

std::size_t find_cut(std::string_view text) {
    std::size_t brace = text.rfind('{');
    while (brace != std::string_view::npos && brace > 0) {
        const std::string_view before = trim_right(text.substr(0, brace));
        if (before.ends_with(',')) {
            const std::string_view element = trim_right(before.substr(0, before.size() - 1));
            if (element.ends_with('}')) {
                return element.size();
            }
        }
        brace = text.rfind('{', brace - 1);
    }
    return 0;
}

std::size_t find_element_end(std::string_view text, std::size_t bytes_max) {
    const std::size_t size = std::min(text.size(), bytes_max);
    std::size_t depth = 0;
    for (std::size_t i = 0; i < size; ++i) {
        switch (text[i]) {
            case '"':
                for (++i; i < size && text[i] != '"'; ++i) {
                    i += text[i] == '\\' ? std::size_t{1} : std::size_t{0};
                }
                break;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                if (depth == 0) {
                    return i;
                }
                --depth;
                break;
            case ',':
                if (depth == 0) {
                    return i;
                }
                break;
            default:
                break;
        }
    }
    return size;
}

}  // namespace aiml042::codec
