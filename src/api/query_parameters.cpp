#include "api/query_parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"

namespace aiml042::api {

namespace {

std::string pointer(std::string_view name) {
    return "/" + std::string(name);
}

Status unreadable(std::string_view name, std::string_view expected, std::string_view value) {
    return {ErrorCode::kInvalidArgument,
            fmt::format("{}: expected {}, got \"{}\"", name, expected, value.substr(0, 64)),
            pointer(name)};
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional<Number>(value)
                                                                    : std::nullopt;
}

/// The comma that ends the item of a list, or the end; commas in backticks are of a name.
std::size_t end_of_item(std::string_view value, std::size_t at) {
    bool quoted = false;
    while (at < value.size() && (quoted || value[at] != ',')) {
        quoted = quoted != (value[at] == '`');
        ++at;
    }
    return at;
}

constexpr std::string_view kInstantForms = "RFC 3339, epoch milliseconds, now or now-6h";
constexpr std::string_view kDurationForms = "a duration such as 30s, 5m, 1h, 7d or 4w";
constexpr Timestamp kDurationMax = 36'525 * kDay;

}  // namespace

std::optional<Timestamp> parse_duration(std::string_view text) {
    constexpr std::pair<std::string_view, Timestamp> kUnits[] = {{"ms", kMillisecond},
                                                                 {"s", kSecond},
                                                                 {"m", kMinute},
                                                                 {"h", kHour},
                                                                 {"d", kDay},
                                                                 {"w", 7 * kDay}};
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_number<std::int64_t>(text.substr(0, digits));
    if (!count || *count <= 0) {
        return std::nullopt;
    }
    for (const auto& [unit, length] : kUnits) {
        if (text.substr(digits) == unit) {
            return *count <= kDurationMax / length ? std::optional<Timestamp>(*count * length)
                                                   : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Timestamp> parse_instant(std::string_view text, Timestamp now) {
    if (text.starts_with("now")) {
        text.remove_prefix(3);
        if (text.empty()) {
            return now;
        }
        const auto span = parse_duration(text.substr(1));
        if (!span || (text[0] != '-' && text[0] != '+')) {
            return std::nullopt;
        }
        return text[0] == '-' ? now - *span : now + *span;
    }
    if (const auto milliseconds = parse_number<std::int64_t>(text)) {
        const bool inside = *milliseconds >= kTimestampMin / kMillisecond &&
                            *milliseconds <= kTimestampMax / kMillisecond;
        return inside ? std::optional<Timestamp>(*milliseconds * kMillisecond) : std::nullopt;
    }
    const auto instant = parse_rfc3339(text);
    return instant && *instant >= kTimestampMin && *instant <= kTimestampMax ? instant
                                                                             : std::nullopt;
}

Result<QueryParameters> QueryParameters::read(const net::Request& request,
                                              std::initializer_list<std::string_view> singles,
                                              std::initializer_list<std::string_view> lists) {
    QueryParameters parameters;
    for (const auto& [name, value] : request.query) {
        const bool single = std::ranges::find(singles, name) != singles.end();
        if (!single && std::ranges::find(lists, name) == lists.end()) {
            std::vector<std::string_view> known(singles);
            known.insert(known.end(), lists);
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("there is no parameter \"{}\" here{}",
                                      std::string_view(name).substr(0, 64),
                                      did_you_mean(name, known)),
                          pointer(name));
        }
        if (single && parameters.text(name)) {
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("{}: given more than once", name),
                          pointer(name));
        }
        parameters.given_.emplace_back(name, value);
    }
    return parameters;
}

std::optional<std::string_view> QueryParameters::text(std::string_view name) const {
    const auto found =
        std::ranges::find(given_, name, &std::pair<std::string_view, std::string_view>::first);
    return found == given_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::string QueryParameters::text_or_empty(std::string_view name) const {
    return std::string(text(name).value_or(""));
}

Result<std::string> QueryParameters::required(std::string_view name) const {
    const auto value = text(name);
    if (!value || value->empty()) {
        return Status(
            ErrorCode::kInvalidArgument, fmt::format("{}: is required", name), pointer(name));
    }
    return std::string(*value);
}

std::vector<std::string> QueryParameters::list(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [given, value] : given_) {
        for (std::size_t begin = 0; given == name && begin <= value.size();) {
            const std::size_t end = end_of_item(value, begin);
            if (end > begin) {
                values.emplace_back(value.substr(begin, end - begin));
            }
            begin = end + 1;
        }
    }
    return values;
}

Result<std::optional<double>> QueryParameters::number(std::string_view name,
                                                      double smallest,
                                                      double largest) const {
    const auto given = text(name);
    if (!given) {
        return std::optional<double>();
    }
    const auto value = parse_number<double>(*given);
    if (!value || !std::isfinite(*value) || *value < smallest || *value > largest) {
        return unreadable(name, fmt::format("a number from {} to {}", smallest, largest), *given);
    }
    return value;
}

Result<std::optional<std::uint64_t>> QueryParameters::integer(std::string_view name,
                                                              std::uint64_t smallest,
                                                              std::uint64_t largest) const {
    const auto given = text(name);
    if (!given) {
        return std::optional<std::uint64_t>();
    }
    const auto value = parse_number<std::uint64_t>(*given);
    if (!value || *value < smallest || *value > largest) {
        return unreadable(name, fmt::format("an integer from {} to {}", smallest, largest), *given);
    }
    return value;
}

Result<bool> QueryParameters::flag(std::string_view name) const {
    const auto given = text(name);
    if (given && *given != "true" && *given != "false") {
        return unreadable(name, "true or false", *given);
    }
    return given == "true";
}

Result<std::optional<Timestamp>> QueryParameters::instant(std::string_view name,
                                                          Timestamp now) const {
    const auto given = text(name);
    if (!given) {
        return std::optional<Timestamp>();
    }
    const auto value = parse_instant(*given, now);
    if (value) {
        return value;
    }
    if (parse_rfc3339(*given) || parse_number<std::int64_t>(*given)) {
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("{}: {} is not within {} to {}",
                                  name,
                                  given->substr(0, 64),
                                  format_rfc3339(kTimestampMin),
                                  format_rfc3339(kTimestampMax)),
                      pointer(name));
    }
    return unreadable(name, kInstantForms, *given);
}

Result<std::optional<Timestamp>> QueryParameters::duration(std::string_view name) const {
    const auto given = text(name);
    if (!given) {
        return std::optional<Timestamp>();
    }
    const auto value = parse_duration(*given);
    return value ? Result<std::optional<Timestamp>>(value)
                 : unreadable(name, kDurationForms, *given);
}

Result<TimeRange> QueryParameters::range(Timestamp now) const {
    AIML_ASSIGN(const auto from, instant("from", now));
    AIML_ASSIGN(const auto to, instant("to", now));
    AIML_ASSIGN(const auto window, duration("window"));
    TimeRange range;
    if (window) {
        if (from) {
            return Status(
                ErrorCode::kInvalidArgument, "window: give either from or window", "/window");
        }
        range.to = to.value_or(now);
        range.from = std::max(kTimestampMin, range.to - *window);
        return range;
    }
    range.from = from.value_or(kTimestampMin);
    range.to = to.value_or(kTimestampMax);
    return range;
}

}  // namespace aiml042::api
