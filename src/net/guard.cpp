#include "net/guard.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/limits.h"

namespace aiml042::net {

namespace {

constexpr Refusal kAccepted{};

constexpr Refusal malformed(std::string_view reason) {
    return {ErrorCode::kMalformedRequest, reason};
}

/// One bit per character class.
enum Class : std::uint8_t { kToken = 1, kTarget = 2, kValue = 4, kHostName = 8, kDigit = 16 };

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        unsigned bits = 0;
        if (digit || letter ||
            std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                std::string_view::npos) {
            bits |= kToken;
        }
        if (c > 0x20 && c < 0x7F && c != '#') {
            bits |= kTarget;
        }
        if (c == '\t' || (c >= 0x20 && c != 0x7F)) {
            bits |= kValue;
        }
        if (digit || letter || c == '-' || c == '.' || c == '_' || c == '~') {
            bits |= kHostName;
        }
        if (digit) {
            bits |= kDigit;
        }
        table[c] = static_cast<std::uint8_t>(bits);
    }
    table[0] = 0;
    return table;
}

constexpr auto kClasses = make_classes();

bool is(char c, Class wanted) {
    return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

bool all_of(std::string_view text, Class wanted) {
    return std::ranges::all_of(text, [wanted](char c) { return is(c, wanted); });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// `lower_case` has no capitals.
bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
    return text.size() == lower_case.size() &&
           std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) {
               return lower(a) == b;
           });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Host [":" port], without userinfo: a registered name, an IPv4 address or a bracketed IPv6
/// address.
bool is_host(std::string_view host) {
    if (host.empty() || host.size() > limits::kHostBytesMax) {
        return false;
    }
    std::size_t end = 0;
    if (host.front() == '[') {
        end = host.find(']');
        if (end == std::string_view::npos || end < 3) {
            return false;
        }
        const std::string_view inside = host.substr(1, end - 1);
        if (inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
            return false;
        }
        ++end;
    } else {
        end = std::min(host.find(':'), host.size());
        if (end == 0 || !all_of(host.substr(0, end), kHostName)) {
            return false;
        }
    }
    if (end == host.size()) {
        return true;
    }
    const std::string_view port = host.substr(end + 1);
    return host[end] == ':' && port.size() <= 5 && all_of(port, kDigit);
}

Refusal read_method(std::string_view text, Method& out) {
    using enum Method;
    static constexpr std::pair<std::string_view, Method> kServed[] = {{"GET", kGet},
                                                                      {"POST", kPost},
                                                                      {"PUT", kPut},
                                                                      {"DELETE", kDelete},
                                                                      {"HEAD", kHead},
                                                                      {"OPTIONS", kOptions},
                                                                      {"PATCH", kUnserved}};
    for (const auto& [name, method] : kServed) {
        if (text == name) {
            out = method;
            return kAccepted;
        }
    }
    if (text.empty() || !all_of(text, kToken)) {
        return malformed("The request line does not begin with a method.");
    }
    if (text == "CONNECT") {
        return malformed("CONNECT is not served: this is no proxy.");
    }
    if (text == "TRACE") {
        return {ErrorCode::kMethodNotAllowed, "This method is not served."};
    }
    return {ErrorCode::kNotImplemented,
            "This method is not known (methods are written in capitals)."};
}

/// Brings the target into origin form. An absolute one (which a server must understand) also names
/// the host.
Refusal read_target(std::string_view text, GuardedHead& out) {
    if (text.empty() || !all_of(text, kTarget)) {
        return malformed("The request target has characters that must be percent-encoded.");
    }
    if (text.front() == '/') {
        out.target = text;
        return kAccepted;
    }
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos ||
        (!equals_ignoring_case(text.substr(0, scheme), "http") &&
         !equals_ignoring_case(text.substr(0, scheme), "https"))) {
        return malformed("The request target must be a path or an absolute http URL.");
    }
    const std::string_view rest = text.substr(scheme + 3);
    const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
    out.host = rest.substr(0, path);
    if (!is_host(out.host) || (path < rest.size() && rest[path] == '?')) {
        return malformed("The request target is not an acceptable absolute URL.");
    }
    out.target = path == rest.size() ? std::string_view("/") : rest.substr(path);
    return kAccepted;
}

Refusal read_request_line(std::string_view line, GuardedHead& out) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos) {
        return malformed("The request line is not complete.");
    }
    if (const Refusal refused = read_method(line.substr(0, first), out.method);
        refused.code != ErrorCode::kOk) {
        return refused;
    }
    if (first == last) {
        return malformed("The request line has no version.");
    }
    const std::string_view version = line.substr(last + 1);
    if (version == "HTTP/1.0") {
        out.http_1_0 = true;
        out.keep_alive = false;
    } else if (version != "HTTP/1.1") {
        return malformed("Only HTTP/1.1 and HTTP/1.0 are served here.");
    }
    return read_target(line.substr(first + 1, last - first - 1), out);
}

/// The fields that decide framing, each counted: most may be given once only.
struct Seen {
    unsigned content_length = 0;
    unsigned transfer_encoding = 0;
    unsigned host = 0;
    unsigned expect = 0;
    bool close = false;
    bool keep_alive = false;
};

Refusal read_content_length(std::string_view value, Seen& seen, GuardedHead& out) {
    if (++seen.content_length > 1) {
        return malformed("Content-Length is given twice.");
    }
    if (value.empty() || value.size() > 19 || !all_of(value, kDigit)) {
        return malformed("Content-Length is not a plain decimal number.");
    }
    std::uint64_t length = 0;
    for (const char c : value) {
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (length > INT64_MAX) {
        return malformed("Content-Length is not a plain decimal number.");
    }
    out.content_length = length;
    out.framing = length == 0 ? Framing::kNone : Framing::kLength;
    return kAccepted;
}

Refusal read_transfer_encoding(std::string_view value, Seen& seen) {
    if (++seen.transfer_encoding > 1 || !equals_ignoring_case(value, "chunked")) {
        return malformed("The only transfer encoding served is one single \"chunked\".");
    }
    return kAccepted;
}

Refusal read_host(std::string_view value, Seen& seen, GuardedHead& out) {
    if (++seen.host > 1) {
        return malformed("Host is given twice.");
    }
    if (!is_host(value)) {
        return malformed("Host is not a name with an optional port.");
    }
    if (out.host.empty()) {
        out.host = value;
    }
    return kAccepted;
}

Refusal read_expect(std::string_view value, Seen& seen, GuardedHead& out) {
    if (++seen.expect > 1 || !equals_ignoring_case(value, "100-continue")) {
        return {ErrorCode::kExpectationFailed,
                "The only expectation that can be met is 100-continue."};
    }
    out.expects_continue = true;
    return kAccepted;
}

void read_connection(std::string_view value, Seen& seen) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        const std::string_view option = trimmed(value.substr(0, comma));
        seen.close = seen.close || equals_ignoring_case(option, "close");
        seen.keep_alive = seen.keep_alive || equals_ignoring_case(option, "keep-alive");
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
}

/// Whether one of the comma-separated protocols of Upgrade is HTTP/2. Other upgrades are offers we
/// do not take up.
bool offers_http2(std::string_view value) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        const std::string_view protocol = trimmed(value.substr(0, comma));
        if (equals_ignoring_case(protocol, "h2c") || equals_ignoring_case(protocol, "h2")) {
            return true;
        }
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return false;
}

Refusal read_field(std::string_view line, Seen& seen, GuardedHead& out) {
    if (line.front() == ' ' || line.front() == '\t') {
        return malformed("A header field is folded over two lines.");
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || !all_of(line.substr(0, colon), kToken)) {
        return malformed("A header field has no acceptable name.");
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!all_of(value, kValue)) {
        return malformed("A header field has a control character.");
    }
    switch (name.size()) {
        case 4:
            return equals_ignoring_case(name, "host") ? read_host(value, seen, out) : kAccepted;
        case 6:
            return equals_ignoring_case(name, "expect") ? read_expect(value, seen, out) : kAccepted;
        case 7:
            if (equals_ignoring_case(name, "upgrade") && offers_http2(value)) {
                return malformed("HTTP/2 is not served here: use HTTP/1.1 without an upgrade.");
            }
            return kAccepted;
        case 10:
            if (equals_ignoring_case(name, "connection")) {
                read_connection(value, seen);
            }
            return kAccepted;
        case 14:
            return equals_ignoring_case(name, "content-length")
                       ? read_content_length(value, seen, out)
                       : kAccepted;
        case 17:
            return equals_ignoring_case(name, "transfer-encoding")
                       ? read_transfer_encoding(value, seen)
                       : kAccepted;
        default:
            return kAccepted;
    }
}

/// What can only be judged when all fields were seen.
Refusal finish(const Seen& seen, GuardedHead& out) {
    if (seen.host == 0 && !out.http_1_0) {
        return malformed("Host is missing.");
    }
    if (seen.transfer_encoding != 0) {
        if (seen.content_length != 0) {
            return malformed("Content-Length and Transfer-Encoding are both given.");
        }
        if (out.http_1_0) {
            return malformed("HTTP/1.0 has no transfer encodings.");
        }
        out.framing = Framing::kChunked;
    }
    if (seen.close) {
        out.keep_alive = false;
    } else if (seen.keep_alive) {
        out.keep_alive = true;
    }
    return kAccepted;
}

}  // namespace

Refusal guard_head(std::string_view head, GuardedHead& out) {
    out = GuardedHead{};
    if (head.size() > limits::kHeaderBytesMax) {
        return {ErrorCode::kHeadersTooLarge, "The request header has too many bytes."};
    }
    Seen seen;
    std::size_t fields = 0;
    bool request_line = true;
    while (true) {
        const std::size_t end = head.find('\r');
        if (end == std::string_view::npos || end + 1 >= head.size() || head[end + 1] != '\n') {
            return malformed("A header line does not end with CR LF.");
        }
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.find('\n') != std::string_view::npos) {
            return malformed("A header line does not end with CR LF.");
        }
        Refusal refused;
        if (request_line) {
            request_line = false;
            refused = read_request_line(line, out);
        } else if (line.empty()) {
            return head.empty() ? finish(seen, out) : malformed("Bytes follow the empty line.");
        } else if (++fields > limits::kHeaderFieldsMax) {
            refused = {ErrorCode::kHeadersTooLarge, "The request header has too many fields."};
        } else {
            refused = read_field(line, seen, out);
        }
        if (refused.code != ErrorCode::kOk) {
            return refused;
        }
    }
}

HeadEnd find_head_end(std::string_view bytes, std::size_t scanned) {
    using enum HeadEnd::State;
    if (!bytes.empty() && !is(bytes.front(), kToken)) {
        return {kRefused, 0, malformed("The request does not begin with a method.")};
    }
    std::size_t at = scanned;
    while (at < bytes.size()) {
        const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
        if (found == nullptr) {
            break;
        }
        const auto line_end =
            static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (line_end == 0 || bytes[line_end - 1] != '\r') {
            return {kRefused, 0, malformed("A header line does not end with CR LF.")};
        }
        if (line_end >= 3 && bytes[line_end - 2] == '\n') {
            if (line_end + 1 > limits::kHeaderBytesMax) {
                break;
            }
            return {kComplete, line_end + 1, {}};
        }
        at = line_end + 1;
    }
    if (bytes.size() > limits::kHeaderBytesMax) {
        return {
            kRefused, 0, {ErrorCode::kHeadersTooLarge, "The request header has too many bytes."}};
    }
    return {};
}

bool host_is(std::string_view host_and_port, std::string_view name) {
    std::size_t end = host_and_port.size();
    if (!host_and_port.empty() && host_and_port.front() == '[') {
        end = std::min(host_and_port.find(']') + 1, end);
    } else {
        end = std::min(host_and_port.find(':'), end);
    }
    std::string_view host = host_and_port.substr(0, end);
    if (!host.empty() && host.back() == '.') {
        host.remove_suffix(1);
    }
    return host.size() == name.size() &&
           std::equal(host.begin(), host.end(), name.begin(), [](char a, char b) {
               return lower(a) == lower(b);
           });
}

}  // namespace aiml042::net
