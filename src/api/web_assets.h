#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace aiml042::api {

/// One file of the web page, embedded in the binary by scripts/pack_web.py. All views point into
/// static storage and live as long as the process.
///
/// Exactly one of `gzip` and `identity` holds the bytes:
/// - `gzip`: the body to send with `Content-Encoding: gzip`. A client that does not accept gzip is
/// sent the inflated body
///   (`identity_size` bytes).
/// - `identity`: the body as it is, for files that gzip does not shrink (fonts) and for
/// `/index.html`, whose every
///   occurrence of `__CSP_NONCE__` is replaced by the nonce of the answer's Content-Security-Policy
///   before it is sent; compress it afterwards or not at all, and send it with `Cache-Control:
///   no-store` and without its etag.
struct WebAsset {
    std::string_view path;          ///< With a leading slash: "/assets/index-C5Jn1TRJ.js".
    std::string_view content_type;  ///< Ready for the header, charset included.
    std::string_view etag;          ///< Strong, with its quotes, from the uncompressed bytes.
    std::string_view gzip;          ///< Empty when `identity` is set.
    bool immutable;  ///< The name carries a content hash: `public, max-age=31536000, immutable`.
    std::string_view identity;  ///< Empty when `gzip` is set.
    std::size_t identity_size;  ///< Bytes of the uncompressed file.
};

/// Every file of the page in ascending order of `path`, so that a lookup may bisect. `/index.html`
/// is always there: it is the answer to every path that is neither an asset nor an API route. Built
/// without npm it is a plain page that says so. Cost: none. Any thread.
[[nodiscard]] std::span<const WebAsset> web_assets();

}  // namespace aiml042::api
