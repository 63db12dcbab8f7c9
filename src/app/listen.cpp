#include "app/listen.h"

#include <charconv>

#include <fmt/format.h>

namespace aiml042::app {

Result<Listen> parse_listen(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t colon = bracketed ? text.find("]:") : text.find(':');
    Listen listen;
    if (colon != std::string_view::npos && colon != 0) {
        const std::size_t begin = bracketed ? 1 : 0;
        listen.address = text.substr(begin, colon - begin);
        const std::string_view port = text.substr(colon + 1 + begin);
        const char* const end = port.data() + port.size();
        const auto [stop, error] = std::from_chars(port.data(), end, listen.port);
        if (error == std::errc() && stop == end) {
            return listen;
        }
    }
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("server.listen (--listen) {}: expected ADDRESS:PORT, such as "
                              "127.0.0.1:8042 or [::1]:8042",
                              text));
}

std::string url_host(const Listen& listen) {
    if (listen.address == "0.0.0.0") {
        return "127.0.0.1";
    }
    if (listen.address == "::") {
        return "[::1]";
    }
    return listen.address.find(':') == std::string::npos ? listen.address
                                                         : "[" + listen.address + "]";
}

}  // namespace aiml042::app
