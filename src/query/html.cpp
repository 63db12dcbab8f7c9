#include "query/html.h"

namespace aiml042::query {

void append_html(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default: {
                const auto byte = static_cast<unsigned char>(c);
                const bool control = byte < 0x20 && c != '\n' && c != '\t';
                if (control || byte == 0x7F) {
                    out += "\xEF\xBF\xBD";
                } else {
                    out += c;
                }
            }
        }
    }
}

std::string html_data(std::string_view text) {
    std::string out = "<bdi>";
    append_html(out, text);
    out += "</bdi>";
    return out;
}

}  // namespace aiml042::query
