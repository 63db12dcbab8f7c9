#include "api/explain_routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "query/explain.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kReport = R"({"$ref":"#/components/schemas/Explanation"})";

Status read_options(const QueryParameters& parameters, query::ExplainRequest& request) {
    stats::CohortOptions& options = request.options;
    AIML_ASSIGN(const auto alpha, parameters.number("alpha", 1e-6, 0.5));
    AIML_ASSIGN(const auto min_n, read_min_n(parameters));
    AIML_ASSIGN(const auto cohorts, parameters.integer("max_cohorts", 1, 20));
    AIML_ASSIGN(const auto conditions, parameters.integer("max_conditions", 1, 3));
    AIML_ASSIGN(const auto confidence, parameters.number("ci", 0.5, 0.9999));
    options.alpha = alpha.value_or(options.alpha);
    options.rows_min = min_n ? static_cast<double>(*min_n) : options.rows_min;
    options.cohorts_max = cohorts.value_or(options.cohorts_max);
    options.conditions_max = conditions.value_or(options.conditions_max);
    request.confidence = confidence.value_or(request.confidence);
    return Status::ok();
}

Result<net::Response> show_explanation(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(
                    *call.request,
                    {"metric",         "model_version", "from",        "to",      "window",
                     "filter",         "as_of",         "reference",   "compare", "threshold",
                     "beta",           "alpha",         "max_cohorts", "ci",      "max_conditions",
                     "include_shadow", "min_n",         "min_seq",     "timeout", "format"},
                    {"dimension"}));
    const Timestamp now = parts.clock.now();
    query::ExplainRequest request;
    query::MetricQuery& rows = request.rows;
    AIML_ASSIGN(rows, read_report_rows(call, parameters, now));
    AIML_ASSIGN(rows.metrics.emplace_back(), parameters.required("metric"));
    AIML_ASSIGN(rows.threshold, parameters.number("threshold", 0.0, 1.0));
    AIML_ASSIGN(rows.beta, parameters.number("beta", 1e-6, 1e6));
    AIML_ASSIGN(rows.reference, read_reference(parameters, now));
    AIML_ASSIGN(rows.compare, read_compare(parameters));
    request.dimensions = parameters.list("dimension");
    AIML_TRY(read_options(parameters, request));
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, query::explain_csv(parts.engine.core(), request));
        return csv_response(std::move(table));
    }
    AIML_ASSIGN(std::string text, query::explain_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

std::vector<ParameterDoc> explain_docs() {
    std::vector<ParameterDoc> docs = with_range(
        {{"deployment_id", "path", kText, "Deployment.", true},
         {"metric",
          "query",
          kText,
          "A metric that is a ratio of sums over events: accuracy, precision, recall, f1, "
          "error_rate, latency_mean, log_loss, brier, mae, est_accuracy and others.",
          true},
         reference_doc(false),
         compare_doc(),
         {"dimension",
          "query",
          kTexts,
          "Columns to look for cohorts in, repeated or with commas between them; features, "
          "metadata, versions and variants when absent.",
          false},
         {"model_version", "query", kText, "Only events of this version.", false},
         {"filter", "query", kText, "Expression, as for metrics; of both sets.", false},
         {"max_conditions",
          "query",
          R"({"type":"integer","minimum":1,"maximum":3,"default":3})",
          "Conditions of a cohort.",
          false},
         {"max_cohorts",
          "query",
          R"({"type":"integer","minimum":1,"maximum":20,"default":5})",
          "Cohorts to look for.",
          false},
         {"alpha",
          "query",
          R"({"type":"number","default":0.05})",
          "Expected share of cohorts in the answer that changed like the others.",
          false},
         {"min_n",
          "query",
          R"({"type":"integer","minimum":1,"default":50})",
          "Events of a cohort, in both sets together.",
          false},
         {"threshold",
          "query",
          R"({"type":"number","minimum":0,"maximum":1})",
          "Predicted class = score >= threshold instead of the class that was sent.",
          false},
         {"beta", "query", R"({"type":"number","default":1})", "Of fbeta.", false},
         {"ci", "query", R"({"type":"number","default":0.95})", "Confidence of intervals.", false},
         {"as_of", "query", kInstant, "Labels as they were known then.", false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false},
         {"format", "query", kFormat, "csv has one row per cohort, the rest and all.", false}});
    std::ranges::copy(wait_docs(), std::back_inserter(docs));
    return docs;
}

}  // namespace

std::vector<Route> explain_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route("/v1/deployments/{deployment_id}/explain",
                                "Which cohorts account for the difference of a metric.",
                                explain_docs(),
                                kReport,
                                reading(parts, show_explanation)));
    return routes;
}

}  // namespace aiml042::api
