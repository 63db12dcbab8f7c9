// What a request says about who sent it.

#pragma once

#include <string_view>

#include "access/authenticator.h"
#include "net/http.h"

namespace aiml042::api {

inline constexpr std::string_view kSessionCookie = "aiml042_session";

/// Value of that cookie, over all Cookie fields; empty when there is none.
[[nodiscard]] std::string_view cookie_of(const net::Request& request, std::string_view name);

/// Whether a browser says that a page of another origin caused the request (Sec-Fetch-Site; else Origin against Host).
[[nodiscard]] bool is_cross_site(const net::Request& request);

/// Views into `request`.
[[nodiscard]] access::Credentials credentials_of(const net::Request& request);

}  // namespace aiml042::api
