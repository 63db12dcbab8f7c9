// What the read routes share: parameters that several of them take, with their documentation, and
// the ways they answer.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/query_parameters.h"
#include "api/query_routes.h"
#include "api/route.h"
#include "base/status.h"

namespace aiml042::api {

using ReadParts = std::shared_ptr<const QueryParts>;

// Schemas of parameters.
inline constexpr std::string_view kText = R"({"type":"string"})";
inline constexpr std::string_view kTexts = R"({"type":"array","items":{"type":"string"}})";
inline constexpr std::string_view kInstant =
    R"({"type":"string","description":"RFC 3339, epoch milliseconds, now, now-6h"})";
inline constexpr std::string_view kDuration =
    R"({"type":"string","pattern":"^[0-9]+(ms|s|m|h|d|w)$"})";
inline constexpr std::string_view kFlag = R"({"type":"boolean","default":false})";
inline constexpr std::string_view kFormat = R"({"enum":["json","csv"],"default":"json"})";
inline constexpr std::string_view kReportFormat =
    R"({"enum":["json","csv","html"],"default":"json"})";
inline constexpr std::string_view kInteger = R"({"type":"integer","minimum":0})";

/// The docs with those of from, to and window behind them.
[[nodiscard]] std::vector<ParameterDoc> with_range(std::vector<ParameterDoc> docs);

/// Those of min_seq and timeout; see wait_visible().
[[nodiscard]] std::vector<ParameterDoc> wait_docs();

/// Waits for min_seq, where it was given: timeout, 5 s by default, 60 s at most.
[[nodiscard]] Status wait_visible(const QueryParts& parts, const QueryParameters& parameters);

/// format=csv.
[[nodiscard]] Result<bool> wants_csv(const QueryParameters& parameters);
[[nodiscard]] net::Response csv_response(std::string body);

/// `format` of a report, which may be a page too.
enum class Format : std::uint8_t { kJson, kCsv, kHtml };

[[nodiscard]] Result<Format> read_report_format(const QueryParameters& parameters);

/// A page that may have styles of its own and nothing else.
[[nodiscard]] net::Response report_response(std::string page);

/// 1 to 64 letters, digits, dots, dashes and underscores; not previous or weeks.
[[nodiscard]] bool is_reference_name(std::string_view text);

/// `reference`: FROM/TO, previous, previous:7d, weeks:4, NAME, NAME@VERSION. kInvalidArgument when
/// it is anything else.
[[nodiscard]] Result<std::optional<query::ReferenceQuery>> read_reference(
    const QueryParameters& parameters, Timestamp now);
[[nodiscard]] ParameterDoc reference_doc(bool required);

/// `compare`: offset:7d, model_version:NAME, prompt_version:NAME. kInvalidArgument when it is
/// anything else.
[[nodiscard]] Result<std::optional<query::Compare>> read_compare(const QueryParameters& parameters);
[[nodiscard]] ParameterDoc compare_doc();

/// The events a report of the path's deployment is about: model_version, from, to, window, filter,
/// as_of, include_shadow.
[[nodiscard]] Result<query::MetricQuery> read_report_rows(const Call& call,
                                                          const QueryParameters& parameters,
                                                          Timestamp now);

/// `min_n`: 1 to a billion.
[[nodiscard]] Result<std::optional<std::uint64_t>> read_min_n(const QueryParameters& parameters);
[[nodiscard]] ParameterDoc by_doc(bool required);
[[nodiscard]] ParameterDoc min_n_doc();

/// Binds a handler to the parts.
[[nodiscard]] std::function<void(Call, net::Reply)> reading(
    const ReadParts& parts, Result<net::Response> (*handle)(const QueryParts&, const Call&));

/// A GET for metrics:read, answered by a worker.
[[nodiscard]] Route read_route(std::string_view pattern,
                               std::string_view summary,
                               std::vector<ParameterDoc> parameters,
                               std::string_view response_schema,
                               std::function<void(Call, net::Reply)> handle);

}  // namespace aiml042::api
