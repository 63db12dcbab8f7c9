#include "api/query_routes.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/answer.h"
#include "api/query_parameters.h"
#include "api/query_schemas.h"
#include "base/limits.h"
#include "codec/json_writer.h"
#include "metrics/metric.h"
#include "query/describe.h"

namespace aiml042::api {

namespace {

using metrics::FamilyOptions;
using metrics::FinishOptions;

constexpr std::uint64_t kVisibleWaitMsMax = 30'000;
constexpr std::uint64_t kVisibleWaitMs = 10'000;

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kTexts = R"({"type":"array","items":{"type":"string"}})";
constexpr std::string_view kFlag = R"({"type":"boolean","default":false})";
constexpr std::string_view kWhole = R"({"type":"integer","minimum":0})";
constexpr std::string_view kFormat = R"({"enum":["json","csv"],"default":"json"})";

constexpr std::string_view kRepeatable[] = {"metric", "group_by"};

using Parameters = std::vector<ParameterDoc>;

Parameters both(Parameters a, const Parameters& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Parameters range_parameters() {
    return {{"from", "query", kText, "Start, inclusive: RFC 3339, epoch milliseconds, now-6h; absent: the first event."},
            {"to", "query", kText, "End, exclusive; absent: after the last event."},
            {"window", "query", kText, "Instead of from: a span such as 24h that ends at to (default now)."}};
}

Parameters selection_parameters(bool deployment_required) {
    return both({{"deployment_id", "query", kText, "The deployment.", deployment_required},
                 {"model_version", "query", kText, "Only events of this version."},
                 {"filter", "query", kText, "Cohort, such as: age > 60 and region in (\"NA\",\"EU\")."}},
                range_parameters());
}

Parameters visible_parameters() {
    return {{"min_seq", "query", kWhole, "Wait until the item with this sequence (X-Aiml042-Seq) is visible."},
            {"timeout", "query", kText, "How long to wait for min_seq, at most 30s; default 10s."}};
}

Parameters metric_parameters() {
    return both(both({{"metric", "query", kTexts, "Name of a metric; repeatable.", true}}, selection_parameters(true)),
                both({{"step", "query", kText, "Width of buckets, aligned to the epoch; absent: one value."},
                      {"group_by", "query", kTexts, "Up to 3 metadata or feature keys, model_version …; repeatable."},
                      {"compare", "query", kText, "offset:7d, model_version:X or prompt_version:X."},
                      {"ci", "query", R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
                       "Confidence level of intervals."},
                      {"as_of", "query", kText, "As if only labels with label_ts up to then had come."},
                      {"exact", "query", kFlag, "No approximation, whatever it costs."},
                      {"include_shadow", "query", kFlag, "Count shadow events too."},
                      {"bins", "query", R"({"type":"integer","minimum":1,"maximum":1000})", "Bins of calibration metrics."},
                      {"binning", "query", R"({"enum":["width","mass","debiased"]})", "How calibration bins are cut."},
                      {"average", "query", R"({"enum":["binary","macro","micro","weighted"]})",
                       "Over classes; default binary for two, macro for more."},
                      {"beta", "query", R"({"type":"number","exclusiveMinimum":0})", "Of fbeta; default 1."},
                      {"threshold", "query", R"({"type":"number","minimum":0,"maximum":1})",
                       "Class by the score at this threshold instead of the class sent."},
                      {"format", "query", kFormat, "csv: one line per point."}},
                     visible_parameters()));
}

Parameters curve_parameters() {
    return both(both({{"curve", "query", R"({"enum":["reliability","confusion","score_distribution","roc","pr","residuals"]})",
                       "Which curve.", true}},
                     selection_parameters(true)),
                both({{"bins", "query", R"({"type":"integer","minimum":1,"maximum":1000})", "Bins of the curve."},
                      {"binning", "query", R"({"enum":["width","mass","debiased"]})", "How reliability bins are cut."},
                      {"ci", "query", R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
                       "Confidence level of intervals; default 0.95."},
                      {"threshold", "query", R"({"type":"number","minimum":0,"maximum":1})",
                       "Class by the score at this threshold instead of the class sent."},
                      {"as_of", "query", kText, "As if only labels with label_ts up to then had come."},
                      {"exact", "query", kFlag, "No approximation, whatever it costs."},
                      {"include_shadow", "query", kFlag, "Count shadow events too."}},
                     visible_parameters()));
}

Parameters event_parameters() {
    return both(selection_parameters(false),
                both({{"order", "query", R"({"enum":["desc","asc"],"default":"desc"})", "Newest or oldest first."},
                      {"limit", "query", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})", "Events per page."},
                      {"cursor", "query", kText, "next_cursor of the page before."},
                      {"format", "query", kFormat, "csv: one line per event."}},
                     visible_parameters()));
}

/// A route's handler with its parameters read.
using Answer = std::function<Result<net::Response>(const QueryParts&, const Call&, const QueryParameters&)>;

net::Response csv_response(std::string body, std::string_view name) {
    net::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", name));
    response.body = std::move(body);
    return response;
}

/// Waits for min_seq where it is asked for.
Status wait_visible(const QueryParts& parts, const QueryParameters& parameters) {
    AIML_ASSIGN(const auto sequence, parameters.integer("min_seq", 0, ~std::uint64_t{0} >> 1));
    AIML_ASSIGN(const auto timeout, parameters.duration("timeout"));
    if (!sequence.has_value()) {
        return Status::ok();
    }
    const auto asked = static_cast<std::uint64_t>(timeout.value_or(kVisibleWaitMs * kMillisecond) / kMillisecond);
    if (parts.store.wait_visible(*sequence, static_cast<std::uint32_t>(std::min(asked, kVisibleWaitMsMax)))) {
        return Status::ok();
    }
    return {ErrorCode::kNotVisibleYet,
            fmt::format("sequence {} is not visible yet; {} is", *sequence, parts.store.visible()), "/min_seq"};
}

Result<bool> wants_csv(const QueryParameters& parameters) {
    constexpr std::string_view kFormats[] = {"json", "csv"};
    AIML_ASSIGN(const auto format, parameters.choice("format", kFormats));
    return format.value_or(0) == 1;
}

Result<query::Compare> read_compare(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    query::Compare compare;
    compare.value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (compare.value.empty()) {
        return Status(ErrorCode::kInvalidArgument, "compare must be offset:7d, model_version:X or prompt_version:X", "/compare");
    }
    if (kind == "offset") {
        const auto offset = parse_duration(compare.value);
        if (!offset.has_value() || *offset == 0) {
            return Status(ErrorCode::kInvalidArgument, "the offset must be a time span such as 7d", "/compare");
        }
        compare.kind = query::Compare::Kind::kOffset;
        compare.offset = *offset;
    } else if (kind == "model_version") {
        compare.kind = query::Compare::Kind::kModelVersion;
    } else if (kind == "prompt_version") {
        compare.kind = query::Compare::Kind::kPromptVersion;
    } else {
        return Status(ErrorCode::kInvalidArgument, "compare must be offset:7d, model_version:X or prompt_version:X", "/compare");
    }
    return compare;
}

/// What metric queries and curves share.
Result<query::MetricQuery> read_selection(const Call& call, const QueryParameters& parameters) {
    query::MetricQuery out;
    out.project = call.principal.project;
    AIML_ASSIGN(out.deployment, parameters.required("deployment_id"));
    out.model_version = parameters.text("model_version").value_or("");
    out.filter = parameters.text("filter").value_or("");
    AIML_ASSIGN(out.range, parameters.range());
    AIML_ASSIGN(out.confidence, parameters.number("ci", {0.0, 1.0, true}));
    AIML_ASSIGN(out.as_of, parameters.time("as_of"));
    AIML_ASSIGN(out.exact, parameters.flag("exact"));
    AIML_ASSIGN(out.include_shadow, parameters.flag("include_shadow"));
    AIML_ASSIGN(out.threshold, parameters.number("threshold", {0.0, 1.0}));
    AIML_ASSIGN(const auto bins, parameters.integer("bins", 1, metrics::kBinsMax));
    out.bins = static_cast<std::uint32_t>(bins.value_or(0));
    constexpr std::string_view kBinnings[] = {"width", "mass", "debiased"};
    AIML_ASSIGN(const auto binning, parameters.choice("binning", kBinnings));
    out.binning = static_cast<FamilyOptions::Binning>(binning.value_or(0));
    return out;
}

Result<net::Response> metrics_query(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_ASSIGN(query::MetricQuery query, read_selection(call, parameters));
    query.metrics = parameters.list("metric");
    query.group_by = parameters.list("group_by");
    AIML_ASSIGN(query.step, parameters.duration("step"));
    if (const auto compare = parameters.text("compare")) {
        AIML_ASSIGN(query.compare, read_compare(*compare));
    }
    constexpr std::string_view kAverages[] = {"binary", "macro", "micro", "weighted"};
    AIML_ASSIGN(const auto average, parameters.choice("average", kAverages));
    query.average_given = average.has_value();
    query.average = static_cast<FinishOptions::Average>(average.value_or(0));
    AIML_ASSIGN(const auto beta, parameters.number("beta", {0.0, 1e6, true}));
    query.beta = beta.value_or(1.0);
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, parts.engine.metrics_csv(query));
        return csv_response(std::move(table), "metrics");
    }
    AIML_ASSIGN(std::string json, parts.engine.metrics_json(query));
    return json_response(std::move(json));
}

Result<net::Response> curves(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_ASSIGN(query::MetricQuery query, read_selection(call, parameters));
    AIML_ASSIGN(query.curve, parameters.required("curve"));
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string json, parts.engine.curve_json(query));
    return json_response(std::move(json));
}

void write_tasks(codec::JsonWriter& json, std::uint32_t tasks) {
    constexpr std::pair<metrics::TaskBit, std::string_view> kTasks[] = {
        {metrics::TaskBit::kBinary, "binary"},   {metrics::TaskBit::kMulticlass, "multiclass"},
        {metrics::TaskBit::kRegression, "regression"}, {metrics::TaskBit::kRegression, "quantile"},
        {metrics::TaskBit::kRanking, "ranking"}, {metrics::TaskBit::kLlm, "llm"}};
    json.key("task_types").begin_array();
    for (const auto& [bit, name] : kTasks) {
        if ((tasks & static_cast<std::uint32_t>(bit)) != 0) {
            json.string(name);
        }
    }
    json.end_array();
}

void write_needs(codec::JsonWriter& json, metrics::Inputs inputs) {
    using metrics::Input;
    json.key("needs").begin_array();
    for (const Input input : {Input::kLabelled, Input::kLabelDelay, Input::kLabelClass, Input::kLabelValue}) {
        if (metrics::reads(inputs, input)) {
            json.string("label");
            break;
        }
    }
    constexpr std::pair<Input, std::string_view> kNeeds[] = {{Input::kScore, "score"},
                                                             {Input::kPredictedClass, "class"},
                                                             {Input::kPredictedValue, "value"},
                                                             {Input::kLatency, "latency_ms"}};
    for (const auto& [input, name] : kNeeds) {
        if (metrics::reads(inputs, input)) {
            json.string(name);
        }
    }
    json.end_array();
}

std::string catalog_json() {
    codec::JsonWriter json;
    const auto bound = [&json](const std::optional<double>& value) {
        if (value.has_value()) {
            json.number(*value);
        } else {
            json.null();
        }
    };
    json.begin_object().key("metrics").begin_array();
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        json.begin_object().field("name", spec.name);
        if (!spec.alias.empty()) {
            json.field("alias", spec.alias);
        }
        json.field("family", spec.group).field("title", spec.title).field("unit", spec.unit).key("range").begin_array();
        bound(spec.min);
        bound(spec.max);
        json.end_array().field("better", spec.direction > 0 ? "higher" : spec.direction < 0 ? "lower" : "none");
        write_tasks(json, spec.tasks);
        write_needs(json, spec.family->inputs);
        json.field("interval", spec.interval.empty() ? std::string_view("none") : spec.interval);
        json.field("exact", !spec.family->sketches).field("formula", spec.formula).field("source", spec.source);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

Result<net::Response> events(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    query::EventQuery query;
    query.project = call.principal.project;
    if (const auto deployment = parameters.text("deployment_id")) {
        query.deployment = *deployment;
    }
    query.model_version = parameters.text("model_version").value_or("");
    query.filter = parameters.text("filter").value_or("");
    AIML_ASSIGN(query.range, parameters.range());
    constexpr std::string_view kOrders[] = {"desc", "asc"};
    AIML_ASSIGN(const auto order, parameters.choice("order", kOrders));
    query.descending = order.value_or(0) == 0;
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, limits::kEventsPerPageMax));
    query.limit = static_cast<std::uint32_t>(limit.value_or(100));
    query.cursor = parameters.text("cursor").value_or("");
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, query::events_csv(parts.engine, query));
        return csv_response(std::move(table), "events");
    }
    AIML_ASSIGN(std::string json, query::events_json(parts.engine, query));
    return json_response(std::move(json));
}

Result<net::Response> event(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    std::optional<std::string> deployment;
    if (const auto name = parameters.text("deployment_id")) {
        deployment = *name;
    }
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string json,
                query::event_json(parts.engine, call.principal.project, deployment, call.path_parameter("request_id"),
                                  parts.locate));
    return json_response(std::move(json));
}

Result<net::Response> deployments(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, 1'000));
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string json,
                query::deployments_json(parts.engine, call.principal.project, parameters.text("cursor").value_or(""),
                                        static_cast<std::uint32_t>(limit.value_or(100)), parts.clock.now()));
    return json_response(std::move(json));
}

Result<net::Response> deployment(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string json, query::deployment_json(parts.engine, call.principal.project,
                                                         call.path_parameter("deployment_id"), parts.clock.now()));
    return json_response(std::move(json));
}

Result<net::Response> values(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_ASSIGN(const std::string column, parameters.required("column"));
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, 1'000));
    AIML_ASSIGN(std::string json,
                query::values_json(parts.engine, call.principal.project, call.path_parameter("deployment_id"), column,
                                   static_cast<std::uint32_t>(limit.value_or(50))));
    return json_response(std::move(json));
}

Result<net::Response> performance(const QueryParts& parts, const Call& call, const QueryParameters& parameters) {
    AIML_ASSIGN(const TimeRange range, parameters.range());
    AIML_ASSIGN(const auto confidence, parameters.number("ci", {0.0, 1.0, true}));
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string json,
                query::performance_json(parts.engine, call.principal.project, call.path_parameter("model_version_id"),
                                        range, confidence.value_or(0.95)));
    return json_response(std::move(json));
}

struct RouteText {
    std::string_view pattern;
    std::string_view summary;
    std::string_view schema;
};

Route read_route(const QueryParts& parts, const RouteText& text, const Parameters& parameters, Answer answer) {
    Route route{.method = net::Method::kGet,
                .pattern = text.pattern,
                .scope = access::Scope::kMetricsRead,
                .body = Body::kNone,
                .place = Place::kWorker,
                .summary = text.summary,
                .parameters = parameters,
                .request_schema = "",
                .response_schema = text.schema,
                .handle = nullptr};
    route.handle = answering(
        [parts, parameters, answer = std::move(answer)](const Call& call) -> Result<net::Response> {
            AIML_ASSIGN(const QueryParameters read,
                        QueryParameters::read(*call.request, parameters, kRepeatable, parts.clock.now()));
            return answer(parts, call, read);
        });
    return route;
}

}  // namespace

std::vector<Route> query_routes(const QueryParts& parts) {
    const Parameters page = both({{"limit", "query", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})",
                                   "Deployments per page."},
                                  {"cursor", "query", kText, "next_cursor of the page before."}},
                                 visible_parameters());
    const ParameterDoc deployment_id{"deployment_id", "path", kText, "The deployment.", true};
    std::vector<Route> routes;
    routes.push_back(read_route(
        parts, {"/v1/metrics/query", "Metrics over time, by group, filtered and compared.", schemas::kMetrics},
        metric_parameters(), metrics_query));
    routes.push_back(read_route(parts, {"/v1/metrics/curves", "The data of a chart of one window.", schemas::kCurve},
                                curve_parameters(), curves));
    routes.push_back(read_route(parts, {"/v1/metrics/catalog", "Every metric with its definition.", schemas::kCatalog}, {},
                                [](const QueryParts&, const Call&, const QueryParameters&) -> Result<net::Response> {
                                    return json_response(catalog_json());
                                }));
    routes.push_back(read_route(parts, {"/v1/events", "Events in time order, filtered, page by page.", schemas::kEvents},
                                event_parameters(), events));
    routes.push_back(read_route(
        parts, {"/v1/events/{request_id}", "One event with all its labels.", schemas::kEvent},
        both({{"request_id", "path", kText, "The request.", true},
              {"deployment_id", "query", kText, "The deployment; absent: the first that has the request."}},
             visible_parameters()),
        event));
    routes.push_back(read_route(
        parts, {"/v1/deployments", "The project's deployments and how they are.", schemas::kDeployments}, page, deployments));
    routes.push_back(read_route(
        parts, {"/v1/deployments/{deployment_id}", "One deployment with its columns.", schemas::kDeployment},
        both({deployment_id}, visible_parameters()), deployment));
    routes.push_back(read_route(
        parts, {"/v1/deployments/{deployment_id}/values", "The most frequent values of a column.", schemas::kValues},
        {deployment_id,
         {"column", "query", kText, "A name as filters take it.", true},
         {"limit", "query", R"({"type":"integer","minimum":1,"maximum":1000,"default":50})", "How many values."}},
        values));
    routes.push_back(read_route(
        parts, {"/v1/models/{model_version_id}/performance", "The headline metrics of a model version.", schemas::kPerformance},
        both(both({{"model_version_id", "path", kText, "The model version.", true}}, range_parameters()),
             both({{"ci", "query", R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
                    "Confidence level; default 0.95."}},
                  visible_parameters())),
        performance));
    return routes;
}

}  // namespace aiml042::api
