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
                                       "exact",
                                       "threshold",
                                       "min_n",
                                       "ci",
                                       "min_seq",
                                       "timeout",
                                       "format"},
                                      {"by"}));
    const Timestamp now = parts.clock.now();
    query::FairnessRequest request;
    request.made_at = now;
    request.product_version = parts.product_version;
    query::MetricQuery& rows = request.rows;
    AIML_ASSIGN(rows, read_report_rows(call, parameters, now));
    AIML_ASSIGN(rows.exact, parameters.flag("exact"));
    AIML_ASSIGN(rows.threshold, parameters.number("threshold", 0.0, 1.0));
    AIML_ASSIGN(rows.confidence, parameters.number("ci", 0.5, 0.9999));
    rows.by = parameters.list("by");
    AIML_ASSIGN(rows.min_n, read_min_n(parameters));
    AIML_ASSIGN(const Format format, read_report_format(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    const query::Core& core = parts.engine.core();
    if (format == Format::kCsv) {
        AIML_ASSIGN(std::string table, query::fairness_csv(core, request));
        return csv_response(std::move(table));
    }
    if (format == Format::kHtml) {
        AIML_ASSIGN(std::string page, query::fairness_html(core, request));
        return report_response(std::move(page));
    }
    AIML_ASSIGN(std::string text, query::fairness_json(core, request));
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
         {"exact",
          "query",
          kFlag,
          "AUCs from all scores instead of histograms with a bound, also in large windows.",
          false},
         {"format",
          "query",
          kReportFormat,
          "csv has one row per group and rate, and one per gap; html is a page of its own, to "
          "print "
          "and to keep.",
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
