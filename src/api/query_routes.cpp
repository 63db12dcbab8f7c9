#include "api/query_routes.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "api/answer.h"
#include "api/cursor.h"
#include "api/drift_routes.h"
#include "api/fairness_routes.h"
#include "api/metric_routes.h"
#include "api/query_parameters.h"
#include "api/reading.h"
#include "api/reference_routes.h"
#include "base/limits.h"
#include "base/percent.h"
#include "query/describe.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kEvents = R"({"$ref":"#/components/schemas/Events"})";
constexpr std::string_view kEvent = R"({"$ref":"#/components/schemas/Event"})";
constexpr std::string_view kDeployment = R"({"$ref":"#/components/schemas/Deployment"})";
constexpr std::string_view kColumnValues = R"({"$ref":"#/components/schemas/ColumnValues"})";
constexpr std::string_view kPerformance = R"({"$ref":"#/components/schemas/Performance"})";
constexpr std::string_view kDeployments =
    R"({"type":"object","required":["deployments","next_cursor"],"properties":{"deployments":{"type":"array",
"items":{"$ref":"#/components/schemas/Deployment"}},"next_cursor":{"type":["string","null"]}}})";

/// The page behind this one (RFC 8288), where the body is a table and has no place to name it.
std::string next_link(const net::Request& request, std::string_view cursor) {
    std::string link = "<" + request.raw_path + "?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") {
            link += percent_encode(name) + "=" + percent_encode(value) + "&";
        }
    }
    return link + "cursor=" + percent_encode(cursor) + ">; rel=\"next\"";
}

Result<net::Response> search_events(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"deployment_id",
                                       "model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "filter",
                                       "order",
                                       "limit",
                                       "cursor",
                                       "format",
                                       "min_seq",
                                       "timeout"}));
    query::EventSearch search;
    search.project = call.principal.project;
    search.deployment = parameters.text_or_empty("deployment_id");
    search.model_version = parameters.text_or_empty("model_version");
    search.filter = parameters.text_or_empty("filter");
    search.cursor = parameters.text_or_empty("cursor");
    AIML_ASSIGN(search.range, parameters.range(parts.clock.now()));
    const std::string_view order = parameters.text("order").value_or("desc");
    if (order != "asc" && order != "desc") {
        return Status(ErrorCode::kInvalidArgument, "order: expected asc or desc", "/order");
    }
    search.ascending = order == "asc";
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, 1'000));
    search.limit = static_cast<std::uint32_t>(limit.value_or(100));
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(query::EventTable table, query::search_events_csv(parts.engine.core(), search));
        net::Response response = csv_response(std::move(table.text));
        if (!table.next_cursor.empty()) {
            response.headers.emplace_back("Link", next_link(*call.request, table.next_cursor));
        }
        return response;
    }
    AIML_ASSIGN(std::string text, query::search_events_json(parts.engine.core(), search));
    return json_response(std::move(text));
}

Result<net::Response> fetch_event(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"deployment_id", "min_seq", "timeout"}));
    AIML_TRY(wait_visible(parts, parameters));
    const query::EventFetch fetch{.project = call.principal.project,
                                  .deployment = parameters.text_or_empty("deployment_id"),
                                  .request_id = std::string(call.path_parameter("request_id"))};
    AIML_ASSIGN(std::string text,
                query::fetch_event_json(parts.engine.core(), fetch, parts.locate));
    return json_response(std::move(text));
}

Result<net::Response> list_deployments(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"cursor", "limit"}));
    const CursorScope scope{
        .secret = parts.cursor_secret, .project = call.principal.project, .list = "deployments"};
    AIML_ASSIGN(const Page page, read_page(parameters, scope));
    std::optional<DeploymentId> after;
    if (page.after) {
        after = DeploymentId{static_cast<std::uint32_t>(*page.after)};
    }
    AIML_ASSIGN(
        const query::DeploymentPage found,
        query::list_deployments(
            parts.engine.core(), call.principal.project, after, page.limit, parts.clock.now()));
    codec::JsonWriter json;
    json.begin_object().key("deployments").raw(found.json);
    write_next_cursor(
        json, scope, found.last ? std::optional<std::int64_t>(raw(*found.last)) : std::nullopt);
    json.end_object();
    return json_response(json.take());
}

Result<net::Response> show_deployment(const QueryParts& parts, const Call& call) {
    AIML_TRY(QueryParameters::read(*call.request, {}).status());
    AIML_ASSIGN(std::string text,
                query::deployment_json(parts.engine.core(),
                                       call.principal.project,
                                       call.path_parameter("deployment_id"),
                                       parts.clock.now()));
    return json_response(std::move(text));
}

Result<net::Response> list_values(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"column", "limit", "from", "to", "window"}));
    query::ValuesRequest request;
    request.project = call.principal.project;
    request.deployment = call.path_parameter("deployment_id");
    AIML_ASSIGN(request.column, parameters.required("column"));
    AIML_ASSIGN(request.range, parameters.range(parts.clock.now()));
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, 1'000));
    request.limit = static_cast<std::uint32_t>(limit.value_or(50));
    AIML_ASSIGN(std::string text, query::values_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

Result<net::Response> show_performance(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(
        const QueryParameters parameters,
        QueryParameters::read(*call.request, {"from", "to", "window", "ci", "min_seq", "timeout"}));
    query::PerformanceRequest request;
    request.project = call.principal.project;
    request.model_version = call.path_parameter("model_version_id");
    AIML_ASSIGN(request.range, parameters.range(parts.clock.now()));
    AIML_ASSIGN(const auto confidence, parameters.number("ci", 0.5, 0.9999));
    request.confidence = confidence.value_or(0.95);
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string text, query::performance_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

void add_event_routes(std::vector<Route>& routes, const ReadParts& parts) {
    routes.push_back(read_route(
        "/v1/events",
        "Events by filter and time, newest first.",
        with_range(
            {{"deployment_id",
              "query",
              kText,
              "Deployment; all of the project when absent.",
              false},
             {"model_version", "query", kText, "Only events of this version.", false},
             {"filter", "query", kText, "Expression, as for metrics.", false},
             {"order", "query", R"({"enum":["asc","desc"],"default":"desc"})", "By time.", false},
             {"limit",
              "query",
              R"({"type":"integer","minimum":1,"maximum":1000,"default":100})",
              "Events of a page.",
              false},
             {"cursor", "query", kText, "next_cursor of the page before.", false},
             {"format",
              "query",
              kFormat,
              "csv has the columns timestamp, deployment_id, request_id, model_version, score, "
              "predicted_class, predicted_value, label, latency_ms, error_code, then feature.NAME "
              "and metadata.NAME for each name that an event of the page has. Where there is more, "
              "the header Link names the next page (rel=\"next\").",
              false},
             {"min_seq",
              "query",
              kInteger,
              "Wait until this acknowledged sequence is visible.",
              false},
             {"timeout", "query", kDuration, "How long to wait for min_seq.", false}}),
        kEvents,
        reading(parts, search_events)));
    routes.push_back(read_route(
        "/v1/events/{request_id}",
        "One event with every label it was given.",
        {{"request_id", "path", kText, "Of the event.", true},
         {"deployment_id", "query", kText, "Deployment; any of the project when absent.", false},
         {"min_seq", "query", kInteger, "Wait until this acknowledged sequence is visible.", false},
         {"timeout", "query", kDuration, "How long to wait for min_seq.", false}},
        kEvent,
        reading(parts, fetch_event)));
}

void add_deployment_routes(std::vector<Route>& routes, const ReadParts& parts) {
    const ParameterDoc deployment_path{"deployment_id", "path", kText, "Deployment.", true};
    routes.push_back(read_route("/v1/deployments",
                                "The deployments seen, by name, with their health.",
                                page_docs(),
                                kDeployments,
                                reading(parts, list_deployments)));
    routes.push_back(read_route("/v1/deployments/{deployment_id}",
                                "One deployment with its columns.",
                                {deployment_path},
                                kDeployment,
                                reading(parts, show_deployment)));
    routes.push_back(read_route(
        "/v1/deployments/{deployment_id}/values",
        "The most frequent values of a column.",
        with_range({deployment_path,
                    {"column", "query", kText, "Feature, metadata key or builtin column.", true},
                    {"limit",
                     "query",
                     R"({"type":"integer","minimum":1,"maximum":1000,"default":50})",
                     "Values.",
                     false}}),
        kColumnValues,
        reading(parts, list_values)));
    routes.push_back(read_route(
        "/v1/models/{model_version_id}/performance",
        "Headline metrics of a model version, per deployment.",
        with_range({{"model_version_id", "path", kText, "Model version, as sent in events.", true},
                    {"ci",
                     "query",
                     R"({"type":"number","default":0.95})",
                     "Confidence of the intervals.",
                     false},
                    {"min_seq",
                     "query",
                     kInteger,
                     "Wait until this acknowledged sequence is visible.",
                     false},
                    {"timeout", "query", kDuration, "How long to wait for min_seq.", false}}),
        kPerformance,
        reading(parts, show_performance)));
}

}  // namespace

std::vector<Route> query_routes(QueryParts query_parts) {
    const ReadParts parts = std::make_shared<const QueryParts>(std::move(query_parts));
    std::vector<Route> routes;
    add_event_routes(routes, parts);
    add_deployment_routes(routes, parts);
    for (auto* more : {&metric_routes, &drift_routes, &reference_routes, &fairness_routes}) {
        std::ranges::move(more(parts), std::back_inserter(routes));
    }
    return routes;
}

}  // namespace aiml042::api
