// The report of a deployment's performance without labels.

#include "api/estimates_routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/reading.h"
#include "query/estimates.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kReport = R"({"$ref":"#/components/schemas/EstimatesReport"})";

Result<net::Response> show_estimates(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "step",
                                       "filter",
                                       "as_of",
                                       "include_shadow",
                                       "reference",
                                       "ci",
                                       "min_seq",
                                       "timeout",
                                       "format"},
                                      {"metric"}));
    query::EstimatesRequest request;
    request.now = parts.clock.now();
    query::MetricQuery& rows = request.rows;
    AIML_ASSIGN(rows, read_report_rows(call, parameters, request.now));
    AIML_ASSIGN(rows.step, parameters.duration("step"));
    AIML_TRY(parameters.required("reference").status());
    AIML_ASSIGN(rows.reference, read_reference(parameters, request.now));
    AIML_ASSIGN(rows.confidence, parameters.number("ci", 0.5, 0.9999));
    rows.metrics = parameters.list("metric");
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, query::estimates_csv(parts.engine.core(), request));
        return csv_response(std::move(table));
    }
    AIML_ASSIGN(std::string text, query::estimates_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

std::vector<ParameterDoc> estimates_docs() {
    std::vector<ParameterDoc> docs = with_range(
        {{"deployment_id", "path", kText, "Deployment.", true},
         {"reference",
          "query",
          kText,
          "Labelled events to learn from: FROM/TO, previous, previous:7d, weeks:4, or a reference "
          "that was made of events of this deployment.",
          true},
         {"metric",
          "query",
          kTexts,
          "Metrics to estimate, repeated or with commas between them; all of the task when absent.",
          false},
         {"step", "query", kDuration, "Width of the buckets; one bucket when absent.", false},
         {"model_version", "query", kText, "Only events of this version.", false},
         {"filter", "query", kText, "Expression, as for metrics; of the reference too.", false},
         {"ci", "query", R"({"type":"number","default":0.95})", "Confidence of bands.", false},
         {"as_of", "query", kInstant, "Labels as they were known then.", false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false},
         {"format", "query", kFormat, "csv has one row per bucket, metric and method.", false}});
    std::ranges::copy(wait_docs(), std::back_inserter(docs));
    return docs;
}

}  // namespace

std::vector<Route> estimates_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route("/v1/deployments/{deployment_id}/estimates",
                                "Performance without labels, graded by the labels that came since.",
                                estimates_docs(),
                                kReport,
                                reading(parts, show_estimates)));
    return routes;
}

}  // namespace aiml042::api
