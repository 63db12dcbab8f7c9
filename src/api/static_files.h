// The web page out of the binary.

#pragma once

#include <span>
#include <string_view>

#include "api/web_assets.h"
#include "net/http.h"

namespace aiml042::api {

/// Whether a path that no route serves may be one of the page: not under /v1 and without hidden segments.
[[nodiscard]] bool is_page_path(std::string_view path);

/// The file of the path; else, for a browser that navigates there (Accept: text/html) and for "/", the page itself, which
/// then finds its way; else 404. Nothing is ever read from a disk.
[[nodiscard]] net::Response serve_page(const net::Request& request, std::span<const WebAsset> assets);
[[nodiscard]] net::Response serve_page(const net::Request& request);

}  // namespace aiml042::api
