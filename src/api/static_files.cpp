#include "api/static_files.h"

#include <algorithm>
#include <array>
#include <string>

#include "api/media_type.h"
#include "api/route.h"
#include "codec/inflate.h"
#include "os/entropy.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kNonceMark = "__CSP_NONCE__";

std::string base64(std::span<const char> bytes) {
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const auto byte = i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
            group = (group << 8) | byte;
        }
        for (std::size_t k = 0; k < 4; ++k) {
            const bool there = i + k <= bytes.size();
            out.push_back(there ? kAlphabet[(group >> (18 - 6 * k)) & 63U] : '=');
        }
    }
    return out;
}

/// index.html with a nonce of its own, which its styles carry.
net::Response serve_index(const WebAsset& index) {
    std::array<char, 18> random{};
    os::random_bytes(random);
    const std::string nonce = base64(random);
    net::Response response;
    response.content_type = index.content_type;
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
            "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'");
    std::string_view rest = index.identity;
    while (true) {
        const std::size_t mark = rest.find(kNonceMark);
        if (mark == std::string_view::npos) {
            break;
        }
        response.body.append(rest.substr(0, mark)).append(nonce);
        rest.remove_prefix(mark + kNonceMark.size());
    }
    response.body.append(rest);
    return response;
}

/// The etag of what is sent: the gzipped bytes are another representation than the plain ones.
std::string etag_of(const WebAsset& asset, bool gzipped) {
    std::string etag(asset.etag);
    if (gzipped && etag.size() >= 2) {
        etag.insert(etag.size() - 1, "-gz");
    }
    return etag;
}

bool if_none_match(const net::Request& request, std::string_view etag) {
    std::string_view rest = request.header("if-none-match");
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string_view entry = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        entry.remove_prefix(std::min(entry.find_first_not_of(" \t"), entry.size()));
        if (entry.starts_with("W/")) {
            entry.remove_prefix(2);
        }
        entry = entry.substr(0, entry.find_last_not_of(" \t") + 1);
        if (entry == etag || entry == "*") {
            return true;
        }
    }
    return false;
}

net::Response serve_file(const net::Request& request, const WebAsset& asset) {
    const bool gzipped = !asset.gzip.empty() && accepts_gzip(request);
    const std::string etag = etag_of(asset, gzipped);
    net::Response response;
    response.content_type = asset.content_type;
    response.headers.emplace_back("ETag", etag);
    response.headers.emplace_back("Cache-Control",
                                  asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (if_none_match(request, etag)) {
        response.status = 304;
        return response;
    }
    if (gzipped) {
        response.headers.emplace_back("Content-Encoding", "gzip");
        response.static_body = asset.gzip;
    } else if (asset.gzip.empty()) {
        response.static_body = asset.identity;
    } else if (const Status status =
                   codec::inflate(asset.gzip, codec::Encoding::kGzip, asset.identity_size, response.body);
               !status.is_ok()) {
        return problem_response(Status(ErrorCode::kInternal, "A file of the page is damaged."), request.request_id);
    }
    return response;
}

}  // namespace

bool is_page_path(std::string_view path) {
    return path != "/v1" && !path.starts_with("/v1/") && path.find("/.") == std::string_view::npos &&
           path.find("//") == std::string_view::npos && path.find('\\') == std::string_view::npos;
}

net::Response serve_page(const net::Request& request, std::span<const WebAsset> assets) {
    const auto find = [assets](std::string_view path) {
        const auto at = std::ranges::lower_bound(assets, path, {}, &WebAsset::path);
        return at != assets.end() && at->path == path ? &*at : nullptr;
    };
    const WebAsset* index = find("/index.html");
    const WebAsset* file = find(request.path);
    if (file != nullptr && file != index) {
        return serve_file(request, *file);
    }
    const bool navigating = request.header("accept").find("text/html") != std::string_view::npos &&
                            !request.path.starts_with("/assets/");
    if (index != nullptr && (file == index || request.path == "/" || navigating)) {
        return serve_index(*index);
    }
    return problem_response(Status(ErrorCode::kNotFound, "There is nothing at this path."), request.request_id);
}

net::Response serve_page(const net::Request& request) {
    return serve_page(request, web_assets());
}

}  // namespace aiml042::api
