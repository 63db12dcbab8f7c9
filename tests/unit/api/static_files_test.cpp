#include "api/static_files.h"

#include <array>
#include <set>

#include <catch2/catch.hpp>

#include "codec/inflate.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using api::WebAsset;

namespace {

const std::string& kScript = *new std::string(5'000, 's');
const std::string& kScriptGzip =
    *new std::string(codec::deflate(kScript, codec::Encoding::kGzip, 6));

const std::array<WebAsset, 4> kAssets = {
    WebAsset{"/assets/app.js",
             "text/javascript; charset=utf-8",
             "\"abc\"",
             kScriptGzip,
             true,
             "",
             kScript.size()},
    WebAsset{"/assets/font.woff2", "font/woff2", "\"def\"", "", true, "font", 4},
    WebAsset{"/favicon.svg", "image/svg+xml", "\"ico\"", "", false, "<svg/>", 6},
    WebAsset{"/index.html",
             "text/html; charset=utf-8",
             "\"idx\"",
             "",
             false,
             "<style nonce=\"__CSP_NONCE__\"></style>__CSP_NONCE__.",
             50},
};

net::Response serve(const std::string& path,
                    std::vector<std::pair<std::string, std::string>> headers = {}) {
    net::Request request;
    request.path = path;
    request.headers = std::move(headers);
    return api::serve_page(request, kAssets);
}

std::string header(const net::Response& response, std::string_view name) {
    for (const auto& [field, value] : response.headers) {
        if (field == name) {
            return value;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("page: assets come gzipped to who takes it, inflated to others, with an etag each") {
    const auto gzipped = serve("/assets/app.js", {{"accept-encoding", "br, gzip;q=0.8"}});
    CHECK(gzipped.static_body == kScriptGzip);
    CHECK(header(gzipped, "Content-Encoding") == "gzip");
    CHECK(header(gzipped, "ETag") == "\"abc-gz\"");
    CHECK(header(gzipped, "Vary") == "Accept-Encoding");
    CHECK(header(gzipped, "Cache-Control") == "public, max-age=31536000, immutable");
    for (const char* accepts : {"", "br", "gzip;q=0", "identity"}) {
        const auto plain = serve("/assets/app.js", {{"accept-encoding", accepts}});
        CHECK(plain.body == kScript);
        CHECK(header(plain, "Content-Encoding").empty());
        CHECK(header(plain, "ETag") == "\"abc\"");
    }
    CHECK(serve("/assets/font.woff2", {{"accept-encoding", "gzip"}}).static_body == "font");
    CHECK(header(serve("/favicon.svg"), "Cache-Control") == "no-cache");
}

TEST_CASE("page: what the browser has already is not sent again") {
    CHECK(serve("/favicon.svg", {{"if-none-match", "\"ico\""}}).status == 304);
    CHECK(serve("/favicon.svg", {{"if-none-match", "\"x\", W/\"ico\""}}).status == 304);
    CHECK(serve("/favicon.svg", {{"if-none-match", "\"x\""}}).status == 200);
    CHECK(serve("/assets/app.js", {{"accept-encoding", "gzip"}, {"if-none-match", "\"abc-gz\""}})
              .status == 304);
}

TEST_CASE("page: each index has a nonce of its own, in its policy and in its text") {
    std::set<std::string> nonces;
    for (int i = 0; i < 20; ++i) {
        const auto index = serve("/");
        const std::string policy = header(index, "Content-Security-Policy");
        const std::size_t at = policy.find("'nonce-") + 7;
        const std::string nonce = policy.substr(at, policy.find('\'', at) - at);
        CHECK(nonce.size() == 24);
        CHECK(index.body == "<style nonce=\"" + nonce + "\"></style>" + nonce + ".");
        CHECK(policy.find("unsafe") == std::string::npos);
        nonces.insert(nonce);
    }
    CHECK(nonces.size() == 20);
}

TEST_CASE("page: browsers find it at any path, others get 404") {
    const std::vector<std::pair<std::string, std::string>> browser = {
        {"accept", "text/html,*/*;q=0.8"}};
    CHECK(serve("/deployments/fraud", browser).status == 200);
    CHECK(serve("/index.html").status == 200);
    CHECK(serve("/deployments/fraud").status == 404);
    CHECK(serve("/assets/gone.js", browser).status == 404);
    CHECK(serve("/admin.key").status == 404);
}

// A66, A81
TEST_CASE("page: hidden files and the API's paths are never the page's") {
    for (const char* path :
         {"/v1", "/v1/", "/v1/x", "/.git/config", "/a/.env", "//etc/passwd", "/..\\x"}) {
        CAPTURE(path);
        CHECK_FALSE(api::is_page_path(path));
    }
    CHECK(api::is_page_path("/"));
    CHECK(api::is_page_path("/v1x"));
}
