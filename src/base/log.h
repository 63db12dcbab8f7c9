// The server's own log: one event, one JSON line on standard error, `event` fixed and the rest key
// and value.
//
//   log_info("listening", {{"address", "127.0.0.1:8042"}});

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace aiml042 {

/// One key with its value. Numbers and booleans stay such in the JSON.
struct LogField {
    LogField(std::string_view name, std::string_view text);

    LogField(std::string_view name, const char* text) : LogField(name, std::string_view(text)) {}

    LogField(std::string_view name, const std::string& text)
        : LogField(name, std::string_view(text)) {}

    LogField(std::string_view name, std::uint64_t number);
    LogField(std::string_view name, std::int64_t number);

    LogField(std::string_view name, std::uint32_t number) : LogField(name, std::uint64_t{number}) {}

    LogField(std::string_view name, int number) : LogField(name, std::int64_t{number}) {}

    LogField(std::string_view name, double number);
    LogField(std::string_view name, bool flag);

    std::string_view key;
    std::string json;  // The value, already JSON.
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

/// Lines below `level` are dropped. The default is kInfo.
void set_log_level(LogLevel level);

void log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log_line(LogLevel::kDebug, event, fields);
}

inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log_line(LogLevel::kInfo, event, fields);
}

inline void log_warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log_line(LogLevel::kWarn, event, fields);
}

inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log_line(LogLevel::kError, event, fields);
}

/// Appends `text` as a JSON string, quotes included; control characters and invalid UTF-8 are
/// escaped or replaced.
void append_json_string(std::string& out, std::string_view text);

}  // namespace aiml042
