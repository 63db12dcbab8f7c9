#include "api/reading.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "api/answer.h"
#include "base/limits.h"

namespace aiml042::api {

namespace {

constexpr std::uint32_t kVisibleTimeoutMs = 5'000;
constexpr Timestamp kVisibleTimeoutMax = 60 * kSecond;

std::vector<ParameterDoc> range_docs() {
    return {{"from", "query", kInstant, "Start of the window, inclusive; open when absent.", false},
            {"to", "query", kInstant, "End of the window, exclusive; open when absent.", false},
            {"window", "query", kDuration, "Length of the window back from `to` or now.", false}};
}

Status not_a_reference() {
    return {ErrorCode::kInvalidArgument,
            "reference: expected FROM/TO, previous, previous:7d, weeks:4, NAME or NAME@VERSION",
            "/reference"};
}

/// "2024-01-01T00:00:00Z/2024-02-01T00:00:00Z".
Result<query::ReferenceQuery> read_window(std::string_view text, Timestamp now) {
    const std::size_t slash = text.find('/');
    const auto from = parse_instant(text.substr(0, slash), now);
    const auto to = parse_instant(text.substr(slash + 1), now);
    if (!from || !to) {
        return not_a_reference();
    }
    if (*from >= *to) {
        return Status(ErrorCode::kInvalidArgument,
                      "the reference is empty: FROM is not before TO",
                      "/reference");
    }
    query::ReferenceQuery out;
    out.window = {*from, *to};
    return out;
}

/// "training", "training@2".
Result<std::optional<query::ReferenceQuery>> read_name(std::string_view text) {
    const std::size_t at = text.find('@');
    query::ReferenceQuery out;
    out.kind = query::ReferenceQuery::Kind::kStored;
    out.name = text.substr(0, at);
    if (at != std::string_view::npos) {
        const std::string_view digits = text.substr(at + 1);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out.version);
        if (error != std::errc() || end != digits.data() + digits.size() || out.version == 0) {
            return not_a_reference();
        }
    }
    return is_reference_name(out.name) ? Result(std::optional(std::move(out))) : not_a_reference();
}

}  // namespace

bool is_reference_name(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= 64 && text != "previous" && text != "weeks" &&
           std::ranges::all_of(text, plain);
}

std::vector<ParameterDoc> with_range(std::vector<ParameterDoc> docs) {
    for (const ParameterDoc& doc : range_docs()) {
        docs.push_back(doc);
    }
    return docs;
}

std::vector<ParameterDoc> wait_docs() {
    return {
        {"min_seq", "query", kInteger, "Wait until this acknowledged sequence is visible.", false},
        {"timeout",
         "query",
         kDuration,
         "How long to wait for min_seq; 5 s by default, 60 s at most.",
         false}};
}

Status wait_visible(const QueryParts& parts, const QueryParameters& parameters) {
    AIML_ASSIGN(const auto sequence, parameters.integer("min_seq", 0, ~std::uint64_t{0} >> 1));
    AIML_ASSIGN(const auto timeout, parameters.duration("timeout"));
    if (!sequence) {
        return Status::ok();
    }
    const Timestamp wait =
        std::min(timeout.value_or(kVisibleTimeoutMs * kMillisecond), kVisibleTimeoutMax);
    if (!parts.store.wait_visible(*sequence, static_cast<std::uint32_t>(wait / kMillisecond))) {
        return {ErrorCode::kNotVisibleYet, "the sequence is not visible yet", "/min_seq"};
    }
    return Status::ok();
}

Result<bool> wants_csv(const QueryParameters& parameters) {
    const std::string format = parameters.text_or_empty("format");
    if (!format.empty() && format != "json" && format != "csv") {
        return Status(ErrorCode::kInvalidArgument, "format: expected json or csv", "/format");
    }
    return format == "csv";
}

net::Response csv_response(std::string body) {
    net::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"aiml042.csv\"");
    response.body = std::move(body);
    return response;
}

Result<Format> read_report_format(const QueryParameters& parameters) {
    const std::string format = parameters.text_or_empty("format");
    if (format.empty() || format == "json") {
        return Format::kJson;
    }
    if (format == "csv") {
        return Format::kCsv;
    }
    return format == "html"
               ? Result(Format::kHtml)
               : Status(
                     ErrorCode::kInvalidArgument, "format: expected json, csv or html", "/format");
}

net::Response report_response(std::string page) {
    net::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Disposition", "inline; filename=\"aiml042.html\"");
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; style-src 'unsafe-inline'; "
                                  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    response.body = std::move(page);
    return response;
}

Result<std::optional<query::ReferenceQuery>> read_reference(const QueryParameters& parameters,
                                                            Timestamp now) {
    using Kind = query::ReferenceQuery::Kind;
    const auto given = parameters.text("reference");
    if (!given) {
        return std::optional<query::ReferenceQuery>();
    }
    if (given->find('/') != std::string_view::npos) {
        AIML_ASSIGN(query::ReferenceQuery window, read_window(*given, now));
        return std::optional(std::move(window));
    }
    query::ReferenceQuery out;
    const std::size_t colon = given->find(':');
    const std::string_view kind = given->substr(0, colon);
    const bool bare = colon == std::string_view::npos;
    const std::string_view rest = bare ? std::string_view() : given->substr(colon + 1);
    if (kind == "previous") {
        out.kind = Kind::kPrevious;
        out.length = parse_duration(rest);
        return bare || out.length ? Result(std::optional(out)) : not_a_reference();
    }
    if (kind != "weeks") {
        return read_name(*given);
    }
    const auto length = parse_duration(std::string(rest) + "w");
    const auto weeks = length.value_or(0) / (7 * kDay);
    if (weeks < 1 || weeks > limits::kReferenceWeeksMax) {
        return not_a_reference();
    }
    out.kind = Kind::kWeeks;
    out.weeks = static_cast<std::uint32_t>(weeks);
    return std::optional(out);
}

ParameterDoc reference_doc(bool required) {
    return {"reference",
            "query",
            kText,
            "What drift compares with: FROM/TO (two instants), previous (as long as the window, "
            "right before it), previous:7d, weeks:4 (the same hours of the last four weeks; for "
            "windows of a week at most), or the name of a reference that was made, NAME or "
            "NAME@VERSION.",
            required};
}

Result<query::MetricQuery> read_report_rows(const Call& call,
                                            const QueryParameters& parameters,
                                            Timestamp now) {
    query::MetricQuery rows;
    rows.project = call.principal.project;
    rows.deployment = call.path_parameter("deployment_id");
    rows.model_version = parameters.text_or_empty("model_version");
    rows.filter = parameters.text_or_empty("filter");
    AIML_ASSIGN(rows.range, parameters.range(now));
    AIML_ASSIGN(rows.as_of, parameters.instant("as_of", now));
    AIML_ASSIGN(rows.include_shadow, parameters.flag("include_shadow"));
    return rows;
}

Result<std::optional<query::Compare>> read_compare(const QueryParameters& parameters) {
    const auto given = parameters.text("compare");
    if (!given) {
        return std::optional<query::Compare>();
    }
    const std::size_t colon = given->find(':');
    const std::string_view kind = given->substr(0, colon);
    query::Compare compare;
    compare.value = colon == std::string_view::npos ? "" : given->substr(colon + 1);
    if (kind == "offset") {
        const auto offset = parse_duration(compare.value);
        compare.offset = offset.value_or(0);
        compare.value = offset ? compare.value : "";
    } else if (kind == "model_version") {
        compare.kind = query::Compare::Kind::kModelVersion;
    } else if (kind == "prompt_version") {
        compare.kind = query::Compare::Kind::kPromptVersion;
    } else {
        compare.value.clear();
    }
    if (compare.value.empty()) {
        return Status(ErrorCode::kInvalidArgument,
                      "compare: expected offset:7d, model_version:NAME or prompt_version:NAME",
                      "/compare");
    }
    return std::optional<query::Compare>(std::move(compare));
}

ParameterDoc compare_doc() {
    return {
        "compare", "query", kText, "offset:7d, model_version:NAME or prompt_version:NAME.", false};
}

Result<std::optional<std::uint64_t>> read_min_n(const QueryParameters& parameters) {
    return parameters.integer("min_n", 1, 1'000'000'000);
}

ParameterDoc by_doc(bool required) {
    return {"by",
            "query",
            kTexts,
            "Of fairness: the protected key, metadata or a feature; up to three are intersections. "
            "Repeated or with commas between them.",
            required};
}

ParameterDoc min_n_doc() {
    return {"min_n",
            "query",
            R"({"type":"integer","minimum":1,"default":30})",
            "Of fairness: labelled events from which on a group takes part in gaps.",
            false};
}

std::function<void(Call, net::Reply)> reading(const ReadParts& parts,
                                              Result<net::Response> (*handle)(const QueryParts&,
                                                                              const Call&)) {
    return answering([parts, handle](const Call& call) { return handle(*parts, call); });
}

Route read_route(std::string_view pattern,
                 std::string_view summary,
                 std::vector<ParameterDoc> parameters,
                 std::string_view response_schema,
                 std::function<void(Call, net::Reply)> handle) {
    return {.method = net::Method::kGet,
            .pattern = pattern,
            .scope = access::Scope::kMetricsRead,
            .body = Body::kNone,
            .place = Place::kWorker,
            .summary = summary,
            .parameters = std::move(parameters),
            .request_schema = "",
            .response_schema = response_schema,
            .handle = std::move(handle)};
}

}  // namespace aiml042::api
