#include "api/media_type.h"

#include <algorithm>
#include <string>

namespace aiml042::api {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(first);
    const std::size_t last = text.find_last_not_of(" \t");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// "application/json" of "Application/JSON; charset=utf-8". Empty when a charset other than UTF-8 is named.
std::string media_type(std::string_view value) {
    const std::string text = lower(value);
    const std::size_t semicolon = std::min(text.find(';'), text.size());
    const std::size_t charset = text.find("charset=", semicolon);
    if (charset != std::string::npos) {
        std::string_view name = trimmed(std::string_view(text).substr(charset + 8));
        name = trimmed(name.substr(0, std::min(name.find(';'), name.size())));
        if (name != "utf-8" && name != "\"utf-8\"" && name != "utf8") {
            return {};
        }
    }
    return std::string(trimmed(std::string_view(text).substr(0, semicolon)));
}

}  // namespace

Result<codec::BodyForm> body_form_of(const net::Request& request) {
    const std::string type = media_type(request.header("content-type"));
    if (type == "application/json") {
        return codec::BodyForm::kJson;
    }
    if (type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonlines" ||
        type == "application/jsonl") {
        return codec::BodyForm::kNdjson;
    }
    return Status(ErrorCode::kUnsupportedMediaType,
                  "Content-Type must be application/json or application/x-ndjson, in UTF-8.");
}

Result<codec::Encoding> encoding_of(const net::Request& request) {
    const auto given = std::ranges::count_if(request.headers, [](const auto& h) { return h.first == "content-encoding"; });
    const std::string name = lower(request.header("content-encoding"));
    if (given == 0 || (given == 1 && name == "identity")) {
        return codec::Encoding::kIdentity;
    }
    if (given == 1 && (name == "gzip" || name == "x-gzip")) {
        return codec::Encoding::kGzip;
    }
    if (given == 1 && name == "zstd") {
        return codec::Encoding::kZstd;
    }
    return Status(ErrorCode::kUnsupportedMediaType, "Content-Encoding may be gzip, zstd or identity, once.");
}

Status require_json(const net::Request& request) {
    if (media_type(request.header("content-type")) != "application/json") {
        return {ErrorCode::kUnsupportedMediaType, "Content-Type must be application/json, in UTF-8."};
    }
    const auto encoding = encoding_of(request);
    if (!encoding.is_ok() || *encoding != codec::Encoding::kIdentity) {
        return {ErrorCode::kUnsupportedMediaType, "This body may not have a Content-Encoding."};
    }
    return Status::ok();
}

bool announces_body(const net::Request& request) {
    const std::string_view length = request.header("content-length");
    return !request.header("transfer-encoding").empty() ||
           length.find_first_not_of('0') != std::string_view::npos;
}

bool accepts_gzip(const net::Request& request) {
    const std::string text = lower(request.header("accept-encoding"));
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view entry = trimmed(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t semicolon = std::min(entry.find(';'), entry.size());
        const std::string_view name = trimmed(entry.substr(0, semicolon));
        if (name != "gzip" && name != "*") {
            continue;
        }
        const std::size_t quality = entry.find("q=", semicolon);
        // "q=0", "q=0.000": not acceptable.
        return quality == std::string_view::npos ||
               entry.find_first_not_of("0. \t", quality + 2) != std::string_view::npos;
    }
    return false;
}

}  // namespace aiml042::api
