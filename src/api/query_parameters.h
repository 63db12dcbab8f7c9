// The query parameters of the read routes, strictly: an unknown name, a repeat of what is no list,
// or a value that does not read is kInvalidArgument with the parameter as its pointer.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "net/http.h"

namespace aiml042::api {

/// 30s, 5m, 1h, 7d, 4w, 500ms; longer than nothing and at most 100 years. Nothing when it is
/// anything else.
[[nodiscard]] std::optional<Timestamp> parse_duration(std::string_view text);

/// RFC 3339, epoch milliseconds, `now`, `now-6h`, `now+1d`. Nothing when it is anything else.
[[nodiscard]] std::optional<Timestamp> parse_instant(std::string_view text, Timestamp now);

class QueryParameters {
  public:
    /// `lists` may be repeated, and hold several values with commas between them.
    static Result<QueryParameters> read(const net::Request& request,
                                        std::initializer_list<std::string_view> singles,
                                        std::initializer_list<std::string_view> lists = {});

    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    /// The value, or "" when absent.
    [[nodiscard]] std::string text_or_empty(std::string_view name) const;
    /// kInvalidArgument when absent or empty.
    Result<std::string> required(std::string_view name) const;
    /// Every value of a list, in order; a comma within backticks is part of a name.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

    Result<std::optional<double>> number(std::string_view name,
                                         double smallest,
                                         double largest) const;
    Result<std::optional<std::uint64_t>> integer(std::string_view name,
                                                 std::uint64_t smallest,
                                                 std::uint64_t largest) const;
    Result<bool> flag(std::string_view name) const;  // false when absent.
    Result<std::optional<Timestamp>> instant(std::string_view name, Timestamp now) const;
    Result<std::optional<Timestamp>> duration(std::string_view name) const;

    /// from/to, or window back from to or now. What is not given is open.
    Result<TimeRange> range(Timestamp now) const;

  private:
    std::vector<std::pair<std::string_view, std::string_view>> given_;
};

}  // namespace aiml042::api
