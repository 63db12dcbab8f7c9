#include "metrics/metric_name.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace aiml042::metrics {

namespace {

using Parameter = MetricSpec::Parameter;

constexpr std::size_t kShownMax = 64;

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional<Number>(value)
                                                                    : std::nullopt;
}

/// A name without what follows its @.
std::string_view base_of(std::string_view name) {
    return name.substr(0, name.find('@'));
}

bool is_named(const MetricSpec& spec, std::string_view name) {
    return spec.name == name || (!spec.alias.empty() && spec.alias == name);
}

/// The metric of that name that takes a parameter.
const MetricSpec* find_parametric(std::string_view base) {
    for (const MetricSpec& spec : catalog()) {
        if (spec.parameter != Parameter::kNone && base_of(spec.name) == base) {
            return &spec;
        }
    }
    return nullptr;
}

Status unknown_metric(std::string_view name) {
    std::string near;
    for (const std::string_view candidate : nearest_metrics(name)) {
        near += (near.empty() ? "; did you mean " : ", ") + std::string(candidate);
    }
    return {ErrorCode::kUnknownMetric,
            fmt::format("there is no metric \"{}\"{}",
                        name.substr(0, kShownMax),
                        near.empty() ? near : near + "?"),
            "/metric"};
}

std::string_view expected(Parameter parameter) {
    switch (parameter) {
        case Parameter::kTop:
            return "a whole number of rows such as 100, or a share such as 10%";
        case Parameter::kRank:
            return "a whole number from 1 to 1000000";
        case Parameter::kQuantile:
            return "a number between 0 and 1, such as 0.1";
        case Parameter::kNone:
            break;
    }
    return "nothing";
}

/// Reads `text` as the parameter of a metric; false when it is none.
bool take(Parameter parameter, std::string_view text, NamedMetric& out) {
    if (parameter == Parameter::kQuantile) {
        out.quantile = parse_whole<double>(text);
        return out.quantile && *out.quantile > 0.0 && *out.quantile < 1.0;
    }
    out.top = parse_top_k(text);
    return out.top &&
           (parameter == Parameter::kTop || (out.top->count > 0 && out.top->count <= kRanksMax));
}

Status no_parameter(std::string_view base, std::string_view suffix) {
    const bool quantile = suffix == "q" || suffix.find('.') != std::string_view::npos;
    return {ErrorCode::kInvalidArgument,
            fmt::format("{} takes no {}; ask for it without what follows the @",
                        base,
                        quantile ? "quantile" : "k"),
            "/metric"};
}

Result<NamedMetric> with_parameter(const MetricSpec& spec,
                                   std::optional<std::string_view> suffix,
                                   const NameParameters& given) {
    NamedMetric out{.spec = &spec};
    const std::string_view base = base_of(spec.name);
    const bool of_quantiles = spec.parameter == Parameter::kQuantile;
    const std::string_view key = of_quantiles ? "quantile" : "k";
    if (suffix && *suffix != "k" && *suffix != "q") {
        if (!take(spec.parameter, *suffix, out)) {
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("{}@{}: expected {} behind the @",
                                      base,
                                      suffix->substr(0, kShownMax),
                                      expected(spec.parameter)),
                          "/metric");
        }
        return out;
    }
    const std::optional<std::string>& beside = of_quantiles ? given.quantile : given.k;
    if (!beside) {
        if (spec.parameter_optional && !suffix) {
            return out;
        }
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("{} needs a {}: write {}@{}, or {}= with {}",
                                  base,
                                  key,
                                  base,
                                  spec.parameter == Parameter::kTop    ? "10%"
                                  : spec.parameter == Parameter::kRank ? "10"
                                                                       : "0.1",
                                  key,
                                  expected(spec.parameter)),
                      of_quantiles ? "/quantile" : "/k");
    }
    if (!take(spec.parameter, *beside, out)) {
        return Status(ErrorCode::kInvalidArgument,
                      fmt::format("{}: expected {} for {}, got \"{}\"",
                                  key,
                                  expected(spec.parameter),
                                  base,
                                  std::string_view(*beside).substr(0, kShownMax)),
                      of_quantiles ? "/quantile" : "/k");
    }
    (of_quantiles ? out.uses_quantile : out.uses_k) = true;
    return out;
}

}  // namespace

std::uint64_t TopK::of(std::uint64_t n) const {
    if (count > 0) {
        return std::min(count, n);
    }
    // A product such as 0.1 * 70 = 7.000000000000001 must not become 8.
    const double rows = percent * static_cast<double>(n) / 100.0;
    const double near = std::round(rows);
    const double whole = std::fabs(rows - near) <= 1e-12 * near ? near : std::ceil(rows);
    return std::min(static_cast<std::uint64_t>(whole), n);
}

std::string TopK::text() const {
    return count > 0 ? fmt::format("{}", count) : fmt::format("{}%", percent);
}

std::optional<TopK> parse_top_k(std::string_view text) {
    if (text.ends_with('%')) {
        const auto percent = parse_whole<double>(text.substr(0, text.size() - 1));
        return percent && *percent > 0.0 && *percent <= 100.0
                   ? std::optional(TopK{.percent = *percent})
                   : std::nullopt;
    }
    const auto count = parse_whole<std::uint64_t>(text);
    return count && *count > 0 ? std::optional(TopK{.count = *count}) : std::nullopt;
}

Result<NamedMetric> read_metric_name(std::string_view name,
                                     const NameParameters& given,
                                     TaskBit task) {
    const std::string_view base = base_of(name);
    const std::optional<std::string_view> suffix =
        base.size() == name.size() ? std::nullopt : std::optional(name.substr(base.size() + 1));
    const MetricSpec* const parametric = find_parametric(base);
    const MetricSpec* plain = nullptr;
    for (const MetricSpec& spec : catalog()) {
        if (spec.parameter == Parameter::kNone && is_named(spec, base)) {
            plain = &spec;
        }
    }
    if (parametric == nullptr && plain == nullptr) {
        return unknown_metric(name);
    }
    if (parametric == nullptr) {
        return suffix ? Result<NamedMetric>(no_parameter(base, *suffix))
                      : Result<NamedMetric>(NamedMetric{.spec = plain});
    }
    // "recall" alone is of classes; beside a k it is of ranks where the task is to rank.
    if (plain != nullptr && !suffix && !(given.k && fits(*parametric, task))) {
        return NamedMetric{.spec = plain};
    }
    return with_parameter(*parametric, suffix, given);
}

}  // namespace aiml042::metrics
