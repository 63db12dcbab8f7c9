#include "api/fairness_routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "query/fairness.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kReport = R"({"$ref":"#/components/schemas/FairnessReport"})";

Result<net::Response> show_fairness(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "filter",
                                       "as_of",
                                       "include_shadow",
                                       "threshold",
                                       "min_n",
                                       "ci",
                                       "min_seq",
                                       "timeout",
                                       "format"},
                                      {"by"}));
    const Timestamp now = parts.clock.now();
    query::MetricQuery rows;
    rows.project = call.principal.project;
    rows.deployment = call.path_parameter("deployment_id");
    rows.model_version = parameters.text_or_empty("model_version");
    rows.filter = parameters.text_or_empty("filter");
    AIML_ASSIGN(rows.range, parameters.range(now));
    AIML_ASSIGN(rows.as_of, parameters.instant("as_of", now));
    AIML_ASSIGN(rows.include_shadow, parameters.flag("include_shadow"));
    AIML_ASSIGN(rows.threshold, parameters.number("threshold", 0.0, 1.0));
    AIML_ASSIGN(rows.confidence, parameters.number("ci", 0.5, 0.9999));
    rows.by = parameters.list("by");
    AIML_ASSIGN(rows.min_n, read_min_n(parameters));
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, query::fairness_csv(parts.engine.core(), rows));
        return csv_response(std::move(table));
    }
    AIML_ASSIGN(std::string text, query::fairness_json(parts.engine.core(), rows));
    return json_response(std::move(text));
}

std::vector<ParameterDoc> fairness_docs() {
    std::vector<ParameterDoc> docs = with_range(
        {{"deployment_id", "path", kText, "Deployment.", true},
         by_doc(true),
         min_n_doc(),
         {"model_version", "query", kText, "Only events of this version.", false},
         {"filter", "query", kText, "Expression, as for metrics.", false},
         {"threshold",
          "query",
          R"({"type":"number","minimum":0,"maximum":1})",
          "Decision = score >= threshold instead of the class that was sent.",
          false},
         {"ci", "query", R"({"type":"number","default":0.95})", "Confidence of intervals.", false},
         {"as_of", "query", kInstant, "Labels as they were known then.", false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false},
         {"format",
          "query",
          kFormat,
          "csv has one row per group and rate, and one per gap.",
          false}});
    std::ranges::copy(wait_docs(), std::back_inserter(docs));
    return docs;
}

}  // namespace

std::vector<Route> fairness_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route("/v1/deployments/{deployment_id}/fairness",
                                "Rates of groups and the gaps between them.",
                                fairness_docs(),
                                kReport,
                                reading(parts, show_fairness)));
    return routes;
}

}  // namespace aiml042::api
