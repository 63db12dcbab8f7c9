// Query parameters of the read routes: strict, with the place and the nearest name in every refusal.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "base/status.h"
#include "base/time.h"
#include "net/http.h"

namespace aiml042::api {

/// The parameters of one request. Every failure is kInvalidArgument with the parameter's name as pointer ("/step").
class QueryParameters {
  public:
    /// Refuses names that `known` does not have, and a second value for those not in `repeatable`.
    static Result<QueryParameters> read(const net::Request& request,
                                        std::span<const ParameterDoc> known,
                                        std::span<const std::string_view> repeatable,
                                        Timestamp now);

    /// The value; empty text counts as absent.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    [[nodiscard]] Result<std::string> required(std::string_view name) const;

    /// All values, also those separated by commas outside of backticks.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

    /// RFC 3339, epoch milliseconds, `now`, `now-6h`, `now+5m`.
    [[nodiscard]] Result<std::optional<Timestamp>> time(std::string_view name) const;
    /// 500ms 30s 5m 1h 7d 4w 1M (30 days) 1y (365 days).
    [[nodiscard]] Result<std::optional<Timestamp>> duration(std::string_view name) const;
    /// `from` and `to`, or `window` up to `to` (default: now); absent ends are open.
    [[nodiscard]] Result<TimeRange> range() const;

    struct Bounds {
        double min = 0.0;
        double max = 0.0;
        bool open = false;  // The ends themselves are outside.
    };
    [[nodiscard]] Result<std::optional<double>> number(std::string_view name, const Bounds& bounds) const;
    [[nodiscard]] Result<std::optional<std::uint64_t>> integer(std::string_view name, std::uint64_t min, std::uint64_t max) const;
    /// true, false, 1, 0; absent is false.
    [[nodiscard]] Result<bool> flag(std::string_view name) const;
    /// The index of the value among `choices`.
    [[nodiscard]] Result<std::optional<std::size_t>> choice(std::string_view name, std::span<const std::string_view> choices) const;

  private:
    std::vector<std::pair<std::string, std::string>> values_;
    Timestamp now_ = 0;
};

[[nodiscard]] std::optional<Timestamp> parse_duration(std::string_view text);
[[nodiscard]] std::optional<Timestamp> parse_time(std::string_view text, Timestamp now);

}  // namespace aiml042::api
