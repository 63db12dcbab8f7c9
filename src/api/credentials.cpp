#include "api/credentials.h"

#include <algorithm>

#include "access/secret.h"

namespace aiml042::api {

namespace {

std::string_view without_scheme(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    return scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

std::string_view cookie_of(const net::Request& request, std::string_view name) {
    for (const auto& [field, value] : request.headers) {
        if (field != "cookie") {
            continue;
        }
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            std::string_view pair = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
            if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
                return pair.substr(name.size() + 1);
            }
        }
    }
    return {};
}

bool is_cross_site(const net::Request& request) {
    const std::string_view site = request.header("sec-fetch-site");
    if (!site.empty()) {  // "none": typed by the user.
        return site != "same-origin" && site != "none";
    }
    const std::string_view origin = request.header("origin");
    return !origin.empty() && without_scheme(origin) != request.header("host");
}

access::Credentials credentials_of(const net::Request& request) {
    access::Credentials credentials;
    for (const auto& [name, value] : request.headers) {
        if (name == "authorization") {
            credentials.authorization = value;
            ++credentials.authorization_count;
        } else if (name == "x-api-key") {
            credentials.api_key = value;
            ++credentials.api_key_count;
        }
    }
    credentials.session = cookie_of(request, kSessionCookie);
    credentials.remote_address = request.remote_address;
    credentials.key_in_query = std::ranges::any_of(
        request.query, [](const auto& parameter) { return access::has_key_shape(parameter.second); });
    credentials.changes_things = request.method != net::Method::kGet && request.method != net::Method::kHead;
    credentials.csrf_header = request.header("x-aiml042-csrf") == "1";
    credentials.cross_site = is_cross_site(request);
    return credentials;
}

}  // namespace aiml042::api
