#include "base/log.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace aiml042 {

namespace {

spdlog::logger& logger() {
    // Never destroyed: threads may log until the process is gone.
    static spdlog::logger* const kLogger = [] {
        auto* made =
            new spdlog::logger("aiml042", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::info);
        return made;
    }();
    return *kLogger;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarn:
            return spdlog::level::warn;
        case LogLevel::kError:
            break;
    }
    return spdlog::level::err;
}

template <typename T>
std::string number_text(T number) {
    std::array<char, 40> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return {text.data(), end};
}

/// Bytes of the UTF-8 sequence at `at`, or 0 when it is not a valid one.
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t i) {
        return i < text.size() && (byte(i) & 0xC0U) == 0x80U;
    };
    const unsigned first = byte(at);
    if (first >= 0xC2 && first <= 0xDF) {
        return follows(at + 1) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF && follows(at + 1) && follows(at + 2)) {
        const unsigned second = byte(at + 1);
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4 && follows(at + 1) && follows(at + 2) && follows(at + 3)) {
        const unsigned second = byte(at + 1);
        const bool overlong = first == 0xF0 && second < 0x90;
        const bool beyond = first == 0xF4 && second > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out.push_back('"');
    std::size_t plain = 0;  // Start of the run not yet copied.
    std::size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++i;
            continue;
        }
        if (c >= 0x80) {
            const std::size_t length = utf8_length(text, i);
            if (length != 0) {
                i += length;
                continue;
            }
        }
        out.append(text.substr(plain, i - plain));
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(text[i]);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c < 0x20) {
            out += "\\u00";
            out.push_back(kHex[c >> 4]);
            out.push_back(kHex[c & 15]);
        } else {
            out += "\xEF\xBF\xBD";  // U+FFFD for a byte that is not UTF-8.
        }
        plain = ++i;
    }
    out.append(text.substr(plain));
    out.push_back('"');
}

LogField::LogField(std::string_view name, std::string_view text) : key(name) {
    append_json_string(json, text);
}

LogField::LogField(std::string_view name, std::uint64_t number)
    : key(name), json(number_text(number)) {}

LogField::LogField(std::string_view name, std::int64_t number)
    : key(name), json(number_text(number)) {}

LogField::LogField(std::string_view name, double number)
    : key(name), json(std::isfinite(number) ? number_text(number) : "null") {}

LogField::LogField(std::string_view name, bool flag) : key(name), json(flag ? "true" : "false") {}

void set_log_level(LogLevel level) {
    logger().set_level(to_spdlog(level));
}

void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    const auto wanted = to_spdlog(level);
    if (!logger().should_log(wanted)) {
        return;
    }
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    std::string line = "{\"ts\":\"";
    append_rfc3339(line, now.count());
    line += "\",\"level\":\"";
    line += level == LogLevel::kError  ? "error"
            : level == LogLevel::kWarn ? "warn"
            : level == LogLevel::kInfo ? "info"
                                       : "debug";
    line += "\",\"event\":";
    append_json_string(line, event);
    for (const LogField& field : fields) {
        line += ",";
        append_json_string(line, field.key);
        line += ":" + field.json;
    }
    line += "}";
    logger().log(wanted, spdlog::string_view_t(line));
}

}  // namespace aiml042
