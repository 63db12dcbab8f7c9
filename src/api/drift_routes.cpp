// The drift report of a deployment.

#include "api/drift_routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/ranges.h>

#include "api/reading.h"
#include "query/concept_drift.h"
#include "query/drift.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kReport = R"({"$ref":"#/components/schemas/DriftReport"})";

/// Monitors to stand beside, each once.
Result<std::vector<metrics::Peer>> read_compat(const QueryParameters& parameters) {
    std::vector<metrics::Peer> out;
    for (const std::string& name : parameters.list("compat")) {
        const auto peer = metrics::peer_of(name);
        if (!peer) {
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("compat is one of {}", fmt::join(metrics::kPeerNames, ", ")),
                          "/compat");
        }
        if (std::ranges::find(out, *peer) == out.end()) {
            out.push_back(*peer);
        }
    }
    return out;
}

Result<net::Response> show_drift(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "filter",
                                       "as_of",
                                       "include_shadow",
                                       "reference",
                                       "alpha",
                                       "margin",
                                       "share_step",
                                       "embedding_margin",
                                       "ci",
                                       "min_seq",
                                       "timeout",
                                       "format"},
                                      {"column", "compat"}));
    const Timestamp now = parts.clock.now();
    query::DriftRequest request;
    query::MetricQuery& rows = request.rows;
    AIML_ASSIGN(rows, read_report_rows(call, parameters, now));
    AIML_TRY(parameters.required("reference").status());
    AIML_ASSIGN(rows.reference, read_reference(parameters, now));
    request.columns = parameters.list("column");
    AIML_ASSIGN(request.compat, read_compat(parameters));
    AIML_ASSIGN(const auto alpha, parameters.number("alpha", 1e-6, 0.5));
    AIML_ASSIGN(const auto margin, parameters.number("margin", 1e-6, 100.0));
    AIML_ASSIGN(const auto step, parameters.number("share_step", 1e-6, 1.0));
    AIML_ASSIGN(const auto confidence, parameters.number("ci", 0.5, 0.9999));
    request.options.alpha = alpha.value_or(request.options.alpha);
    request.options.margin = margin.value_or(request.options.margin);
    request.options.share_step = step.value_or(request.options.share_step);
    AIML_ASSIGN(const auto embedding_margin, parameters.number("embedding_margin", 1e-6, 1.0));
    request.options.embedding_margin = embedding_margin.value_or(request.options.embedding_margin);
    request.options.confidence = confidence.value_or(request.options.confidence);
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv) {
        AIML_ASSIGN(std::string table, query::drift_csv(parts.engine.core(), request));
        return csv_response(std::move(table));
    }
    AIML_ASSIGN(std::string text, query::drift_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

Result<net::Response> show_concept_drift(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "filter",
                                       "as_of",
                                       "include_shadow",
                                       "min_seq",
                                       "timeout"},
                                      {"detector"}));
    const Timestamp now = parts.clock.now();
    query::ConceptDriftRequest request;
    query::MetricQuery& rows = request.rows;
    AIML_ASSIGN(rows, read_report_rows(call, parameters, now));
    request.detectors = parameters.list("detector");
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string text, query::concept_drift_json(parts.engine.core(), request));
    return json_response(std::move(text));
}

std::vector<ParameterDoc> concept_drift_docs() {
    std::vector<ParameterDoc> docs = with_range(
        {{"deployment_id", "path", kText, "Deployment.", true},
         {"detector",
          "query",
          kTexts,
          "ddm, adwin, page_hinkley, kswin; all that fit the task when absent. ddm watches classes "
          "only.",
          false},
         {"model_version", "query", kText, "Only events of this version.", false},
         {"filter", "query", kText, "Expression, as for metrics.", false},
         {"as_of", "query", kInstant, "Labels as they were known then.", false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false}});
    std::ranges::copy(wait_docs(), std::back_inserter(docs));
    return docs;
}

std::vector<ParameterDoc> drift_docs() {
    std::vector<ParameterDoc> docs = with_range(
        {{"deployment_id", "path", kText, "Deployment.", true},
         reference_doc(true),
         {"column",
          "query",
          kTexts,
          "Columns to look at, repeated or with commas between them; all features, the score, the "
          "prediction and the label when absent.",
          false},
         {"compat",
          "query",
          kTexts,
          "Other monitors whose number, threshold and verdict at their own defaults stand beside "
          "ours: evidently, nannyml, azure, sagemaker, whylogs.",
          false},
         {"model_version", "query", kText, "Only events of this version.", false},
         {"filter", "query", kText, "Expression, as for metrics; of the reference too.", false},
         {"alpha",
          "query",
          R"({"type":"number","default":0.01})",
          "Share of reports over unchanged data that may name a column.",
          false},
         {"margin",
          "query",
          R"({"type":"number","default":0.1})",
          "Population stability index beyond chance that matters.",
          false},
         {"share_step",
          "query",
          R"({"type":"number","default":0.01})",
          "The share of a category, of missing values or of another type matters too, where it at "
          "least doubled or halved and moved by this much; 1: never.",
          false},
         {"embedding_margin",
          "query",
          R"({"type":"number","default":0.1})",
          "Total variation distance that matters of an embedding.",
          false},
         {"ci", "query", R"({"type":"number","default":0.95})", "Confidence of intervals.", false},
         {"as_of", "query", kInstant, "Labels as they were known then.", false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false},
         {"format", "query", kFormat, "csv has one row per column, without bins.", false}});
    std::ranges::copy(wait_docs(), std::back_inserter(docs));
    return docs;
}

}  // namespace

std::vector<Route> drift_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route("/v1/deployments/{deployment_id}/drift",
                                "Which columns moved away from a reference.",
                                drift_docs(),
                                kReport,
                                reading(parts, show_drift)));
    routes.push_back(read_route("/v1/deployments/{deployment_id}/concept-drift",
                                "Where the errors of labelled events changed.",
                                concept_drift_docs(),
                                R"({"$ref":"#/components/schemas/ConceptDrift"})",
                                reading(parts, show_concept_drift)));
    return routes;
}

}  // namespace aiml042::api
