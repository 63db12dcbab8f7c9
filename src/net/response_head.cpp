#include "net/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace aiml042::net {

namespace {

struct DefaultField {
    std::string_view name;
    std::string_view line;
};

/// What every answer says unless it says otherwise itself.
constexpr std::array kDefaultFields = {
    DefaultField{"cache-control", "Cache-Control: no-store\r\n"},
    DefaultField{"content-security-policy",
                 "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    DefaultField{"cross-origin-opener-policy", "Cross-Origin-Opener-Policy: same-origin\r\n"},
    DefaultField{"cross-origin-resource-policy", "Cross-Origin-Resource-Policy: same-origin\r\n"},
    DefaultField{"permissions-policy",
                 "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"},
    DefaultField{"referrer-policy", "Referrer-Policy: no-referrer\r\n"},
    DefaultField{"x-content-type-options", "X-Content-Type-Options: nosniff\r\n"},
    DefaultField{"x-frame-options", "X-Frame-Options: DENY\r\n"},
};

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [lower](char x, char y) {
               return lower(x) == lower(y);
           });
}

bool is_field_text(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 24> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (is_field_text(name) && is_field_text(value)) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
}

}  // namespace

std::string_view reason_phrase(int status) {
    struct Phrase {
        int status;
        std::string_view text;
    };

    static constexpr std::array kPhrases = {Phrase{200, "OK"},
                                            Phrase{201, "Created"},
                                            Phrase{202, "Accepted"},
                                            Phrase{204, "No Content"},
                                            Phrase{303, "See Other"},
                                            Phrase{304, "Not Modified"},
                                            Phrase{400, "Bad Request"},
                                            Phrase{401, "Unauthorized"},
                                            Phrase{403, "Forbidden"},
                                            Phrase{404, "Not Found"},
                                            Phrase{405, "Method Not Allowed"},
                                            Phrase{409, "Conflict"},
                                            Phrase{413, "Content Too Large"},
                                            Phrase{415, "Unsupported Media Type"},
                                            Phrase{417, "Expectation Failed"},
                                            Phrase{421, "Misdirected Request"},
                                            Phrase{422, "Unprocessable Content"},
                                            Phrase{429, "Too Many Requests"},
                                            Phrase{431, "Request Header Fields Too Large"},
                                            Phrase{500, "Internal Server Error"},
                                            Phrase{501, "Not Implemented"},
                                            Phrase{503, "Service Unavailable"},
                                            Phrase{504, "Gateway Timeout"}};
    for (const Phrase& phrase : kPhrases) {
        if (phrase.status == status) {
            return phrase.text;
        }
    }
    return "Unknown";
}

std::string http_date(Timestamp now) {
    static constexpr std::array kDays = {
        "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970 began on Thursday.
    static constexpr std::array kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Timestamp midnight = floor_to(now, kDay);
    const std::int64_t day = midnight / kDay;
    const CivilDate date = civil_from_days(day);
    const auto seconds = static_cast<unsigned>((now - midnight) / kSecond);
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(),
                                     text.size(),
                                     "%s, %02u %s %04d %02u:%02u:%02u GMT",
                                     kDays[static_cast<std::size_t>((day % 7 + 7) % 7)],
                                     date.day,
                                     kMonths[date.month - 1],
                                     date.year,
                                     seconds / 3600,
                                     seconds / 60 % 60,
                                     seconds % 60);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string_view response_body(const Response& response) {
    return response.static_body.empty() ? std::string_view(response.body) : response.static_body;
}

void append_response_head(const Response& response,
                          const ResponseHeadOptions& options,
                          std::string& out) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    append_field(out, "Date", options.date);
    append_field(out, "X-Request-Id", options.request_id);
    const bool has_body = response.status != 204 && response.status != 304;
    if (has_body) {
        append_field(out, "Content-Type", response.content_type);
        out.append("Content-Length: ");
        append_number(out, response_body(response).size());
        out.append("\r\n");
    }
    if (!options.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (options.http_1_0) {
        out.append("Connection: keep-alive\r\n");
    }
    for (const auto& [name, value] : response.headers) {
        append_field(out, name, value);
    }
    for (const DefaultField& field : kDefaultFields) {
        const bool given = std::ranges::any_of(response.headers, [&field](const auto& header) {
            return same_name(header.first, field.name);
        });
        if (!given) {
            out.append(field.line);
        }
    }
    out.append("\r\n");
}

}  // namespace aiml042::net
