#include "api/query_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"

namespace aiml042::api {

namespace {

Status refuse(std::string_view name, std::string detail) {
    return {ErrorCode::kInvalidArgument, std::move(detail), "/" + std::string(name)};
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

void split_list(std::string_view text, std::vector<std::string>& out) {
    std::string item;
    bool quoted = false;
    const auto finish = [&] {
        if (!item.empty()) {
            out.push_back(std::move(item));
        }
        item.clear();
    };
    for (const char c : text) {
        quoted = c == '`' ? !quoted : quoted;
        if (c == ',' && !quoted) {
            finish();
        } else {
            item.push_back(c);
        }
    }
    finish();
}

}  // namespace

std::optional<Timestamp> parse_duration(std::string_view text) {
    constexpr std::pair<std::string_view, Timestamp> kUnits[] = {
        {"ms", kMillisecond}, {"s", kSecond},   {"m", kMinute},      {"h", kHour},
        {"d", kDay},          {"w", 7 * kDay}, {"M", 30 * kDay}, {"y", 365 * kDay},
    };
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = whole_number<std::int64_t>(text.substr(0, digits));
    for (const auto& [unit, length] : kUnits) {
        if (text.substr(digits) == unit && count.has_value() && *count <= (kTimestampMax - kTimestampMin) / length) {
            return *count * length;
        }
    }
    return std::nullopt;
}

std::optional<Timestamp> parse_time(std::string_view text, Timestamp now) {
    std::optional<Timestamp> time;
    if (text.starts_with("now")) {
        const std::string_view rest = text.substr(3);
        if (rest.empty()) {
            return now;
        }
        const auto moved = parse_duration(rest.substr(1));
        if (!moved.has_value() || (rest[0] != '-' && rest[0] != '+')) {
            return std::nullopt;
        }
        time = rest[0] == '-' ? now - *moved : now + *moved;
    } else if (const auto milliseconds = whole_number<std::int64_t>(text)) {
        constexpr std::int64_t kLargest = kTimestampMax / kMillisecond;
        time = std::abs(*milliseconds) <= kLargest ? std::optional(*milliseconds * kMillisecond) : std::nullopt;
    } else {
        time = parse_rfc3339(text);
    }
    const bool inside = time.has_value() && *time >= kTimestampMin && *time <= kTimestampMax;
    return inside ? time : std::nullopt;
}

Result<QueryParameters> QueryParameters::read(const net::Request& request,
                                              std::span<const ParameterDoc> known,
                                              std::span<const std::string_view> repeatable,
                                              Timestamp now) {
    QueryParameters out;
    out.now_ = now;
    std::vector<std::string_view> names;
    for (const ParameterDoc& parameter : known) {
        if (parameter.where == "query") {
            names.push_back(parameter.name);
        }
    }
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(names, name) == names.end()) {
            return refuse(name.substr(0, 64), fmt::format("there is no parameter {}{}", name.substr(0, 64), did_you_mean(name, names)));
        }
        const bool again = std::ranges::any_of(out.values_, [&](const auto& one) { return one.first == name; });
        if (again && std::ranges::find(repeatable, name) == repeatable.end()) {
            return refuse(name, fmt::format("{} is given twice", name));
        }
        out.values_.emplace_back(name, value);
    }
    return out;
}

std::optional<std::string_view> QueryParameters::text(std::string_view name) const {
    for (const auto& [key, value] : values_) {
        if (key == name && !value.empty()) {
            return value;
        }
    }
    return std::nullopt;
}

Result<std::string> QueryParameters::required(std::string_view name) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return refuse(name, fmt::format("{} is required", name));
    }
    return std::string(*value);
}

std::vector<std::string> QueryParameters::list(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& [key, value] : values_) {
        if (key == name) {
            split_list(value, out);
        }
    }
    return out;
}

Result<std::optional<Timestamp>> QueryParameters::time(std::string_view name) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return std::optional<Timestamp>();
    }
    const auto time = parse_time(*value, now_);
    if (!time.has_value()) {
        return refuse(name, fmt::format("{} must be a time: RFC 3339 such as 2025-11-25T10:00:00Z, epoch milliseconds, now or "
                                        "now-6h; from year 1600 to 9999",
                                        name));
    }
    return time;
}

Result<std::optional<Timestamp>> QueryParameters::duration(std::string_view name) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return std::optional<Timestamp>();
    }
    const auto length = parse_duration(*value);
    if (!length.has_value() || *length == 0) {
        return refuse(name, fmt::format("{} must be a time span such as 30s, 5m, 1h, 7d or 4w", name));
    }
    return length;
}

Result<TimeRange> QueryParameters::range() const {
    TimeRange range;
    AIML_ASSIGN(const auto from, time("from"));
    AIML_ASSIGN(const auto to, time("to"));
    AIML_ASSIGN(const auto window, duration("window"));
    if (window.has_value() && from.has_value()) {
        return refuse("window", "window and from exclude each other: window ends at to and says how long");
    }
    if (window.has_value()) {
        range.to = to.value_or(now_);
        range.from = std::max(kTimestampMin, range.to - *window);
        return range;
    }
    range.from = from.value_or(kTimestampMin);
    range.to = to.value_or(kTimestampMax);
    if (range.from >= range.to) {
        return refuse("to", "to must be after from");
    }
    return range;
}

Result<std::optional<double>> QueryParameters::number(std::string_view name, const Bounds& bounds) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return std::optional<double>();
    }
    const auto number = whole_number<double>(*value);
    const bool inside = number.has_value() && std::isfinite(*number) &&
                        (bounds.open ? *number > bounds.min && *number < bounds.max
                                     : *number >= bounds.min && *number <= bounds.max);
    if (!inside) {
        return refuse(name, fmt::format("{} must be a number {} {} and {}", name, bounds.open ? "strictly between" : "between",
                                        bounds.min, bounds.max));
    }
    return number;
}

Result<std::optional<std::uint64_t>> QueryParameters::integer(std::string_view name, std::uint64_t min, std::uint64_t max) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return std::optional<std::uint64_t>();
    }
    const auto number = whole_number<std::uint64_t>(*value);
    if (!number.has_value() || *number < min || *number > max) {
        return refuse(name, fmt::format("{} must be a whole number from {} to {}", name, min, max));
    }
    return number;
}

Result<bool> QueryParameters::flag(std::string_view name) const {
    const std::string_view value = text(name).value_or("false");
    if (value != "true" && value != "false" && value != "1" && value != "0") {
        return refuse(name, fmt::format("{} must be true or false", name));
    }
    return value == "true" || value == "1";
}

Result<std::optional<std::size_t>> QueryParameters::choice(std::string_view name,
                                                           std::span<const std::string_view> choices) const {
    const auto value = text(name);
    if (!value.has_value()) {
        return std::optional<std::size_t>();
    }
    const auto at = std::ranges::find(choices, *value);
    if (at == choices.end()) {
        return refuse(name, fmt::format("{} must be one of {}{}", name, fmt::join(choices, ", "), did_you_mean(*value, choices)));
    }
    return std::optional(static_cast<std::size_t>(at - choices.begin()));
}

}  // namespace aiml042::api
