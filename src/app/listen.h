// The address that a server listens on, as settings and flags give it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace aiml042::app {

struct Listen {
    std::string address;  // An IPv6 address without its brackets.
    std::uint16_t port = 0;
};

/// 127.0.0.1:8042 or [::1]:8042.
Result<Listen> parse_listen(std::string_view text);

/// The host of a URL on this machine that reaches it: of a wildcard address the loopback one.
[[nodiscard]] std::string url_host(const Listen& listen);

}  // namespace aiml042::app
