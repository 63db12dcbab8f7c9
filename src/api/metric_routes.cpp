#include "api/metric_routes.h"

#include <optional>
#include <utility>

#include "api/answer.h"
#include "api/query_parameters.h"
#include "query/describe.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kMetricAnswer = R"({"$ref":"#/components/schemas/MetricAnswer"})";
constexpr std::string_view kCurve = R"({"$ref":"#/components/schemas/Curve"})";
constexpr std::string_view kCatalog = R"({"$ref":"#/components/schemas/Catalog"})";

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

Status read_average(const QueryParameters& parameters, query::MetricQuery& query) {
    using Average = metrics::FinishOptions::Average;
    const auto given = parameters.text("average");
    if (!given) {
        return Status::ok();
    }
    query.average_given = true;
    if (*given == "macro" || *given == "none") {
        query.average = Average::kMacro;
        query.per_class = *given == "none";
    } else if (*given == "micro") {
        query.average = Average::kMicro;
    } else if (*given == "weighted") {
        query.average = Average::kWeighted;
    } else if (*given == "binary") {
        query.average = Average::kBinary;
    } else {
        return {ErrorCode::kInvalidArgument,
                "average: expected binary, macro, micro, weighted or none",
                "/average"};
    }
    return Status::ok();
}

Status read_binning(const QueryParameters& parameters, query::MetricQuery& query) {
    using Binning = metrics::FamilyOptions::Binning;
    const auto given = parameters.text("binning");
    if (!given) {
        return Status::ok();
    }
    if (*given == "width") {
        query.binning = Binning::kWidth;
    } else if (*given == "mass") {
        query.binning = Binning::kMass;
    } else if (*given == "debiased") {
        query.binning = Binning::kDebiased;
    } else {
        return {
            ErrorCode::kInvalidArgument, "binning: expected width, mass or debiased", "/binning"};
    }
    return Status::ok();
}

/// What metric queries and curves have in common.
Result<query::MetricQuery> read_selection(const QueryParts& parts,
                                          const Call& call,
                                          const QueryParameters& parameters) {
    const Timestamp now = parts.clock.now();
    query::MetricQuery query;
    query.project = call.principal.project;
    AIML_ASSIGN(query.deployment, parameters.required("deployment_id"));
    query.model_version = parameters.text_or_empty("model_version");
    query.filter = parameters.text_or_empty("filter");
    AIML_ASSIGN(query.range, parameters.range(now));
    AIML_ASSIGN(query.confidence, parameters.number("ci", 0.5, 0.9999));
    AIML_ASSIGN(query.as_of, parameters.instant("as_of", now));
    AIML_ASSIGN(query.exact, parameters.flag("exact"));
    AIML_ASSIGN(query.include_shadow, parameters.flag("include_shadow"));
    AIML_ASSIGN(query.allow_partial, parameters.flag("allow_partial"));
    AIML_ASSIGN(query.threshold, parameters.number("threshold", 0.0, 1.0));
    AIML_TRY(read_binning(parameters, query));
    AIML_ASSIGN(const auto bins, parameters.integer("bins", 1, metrics::kBinsMax));
    if (bins) {
        query.bins = static_cast<std::uint32_t>(*bins);
    }
    return query;
}

Result<net::Response> query_metrics(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(
                    *call.request,
                    {"deployment_id",  "model_version", "from",      "to",      "window",
                     "step",           "filter",        "compare",   "ci",      "exact",
                     "as_of",          "min_seq",       "timeout",   "bins",    "binning",
                     "average",        "beta",          "threshold", "k",       "quantile",
                     "include_shadow", "allow_partial", "format",    "feature", "reference",
                     "min_n"},
                    {"metric", "group_by", "by"}));
    AIML_ASSIGN(query::MetricQuery query, read_selection(parts, call, parameters));
    query.metrics = parameters.list("metric");
    query.group_by = parameters.list("group_by");
    AIML_ASSIGN(query.step, parameters.duration("step"));
    AIML_ASSIGN(query.compare, read_compare(parameters));
    AIML_ASSIGN(query.beta, parameters.number("beta", 1e-6, 1e6));
    const auto as_written = [&parameters](std::string_view name) {
        const auto given = parameters.text(name);
        return given ? std::optional<std::string>(*given) : std::nullopt;
    };
    query.k = as_written("k");
    query.quantile = as_written("quantile");
    query.feature = parameters.text_or_empty("feature");
    AIML_ASSIGN(query.reference, read_reference(parameters, parts.clock.now()));
    query.by = parameters.list("by");
    AIML_ASSIGN(query.min_n, read_min_n(parameters));
    AIML_TRY(read_average(parameters, query));
    AIML_ASSIGN(const bool csv, wants_csv(parameters));
    AIML_TRY(wait_visible(parts, parameters));
    if (csv && query.allow_partial) {
        return Status(ErrorCode::kInvalidArgument,
                      "allow_partial: only with format=json; a table has no place to say so",
                      "/allow_partial");
    }
    if (csv) {
        AIML_ASSIGN(std::string text, parts.engine.metrics_csv(query));
        return csv_response(std::move(text));
    }
    AIML_ASSIGN(std::string text, parts.engine.metrics_json(query));
    return json_response(std::move(text));
}

Result<net::Response> query_curve(const QueryParts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request,
                                      {"deployment_id",
                                       "model_version",
                                       "from",
                                       "to",
                                       "window",
                                       "filter",
                                       "ci",
                                       "exact",
                                       "as_of",
                                       "min_seq",
                                       "timeout",
                                       "bins",
                                       "binning",
                                       "threshold",
                                       "include_shadow",
                                       "allow_partial",
                                       "curve"}));
    AIML_ASSIGN(query::MetricQuery query, read_selection(parts, call, parameters));
    AIML_ASSIGN(query.curve, parameters.required("curve"));
    AIML_TRY(wait_visible(parts, parameters));
    AIML_ASSIGN(std::string text, parts.engine.curve_json(query));
    return json_response(std::move(text));
}

std::vector<ParameterDoc> selection_docs() {
    return with_range(
        {{"deployment_id", "query", kText, "Deployment to read.", true},
         {"model_version",
          "query",
          kText,
          "Only events of this version, shadow ones included.",
          false},
         {"filter",
          "query",
          kText,
          "Expression, such as age > 60 and region in (\"NA\",\"EU\").",
          false},
         {"ci",
          "query",
          R"({"type":"number","minimum":0.5,"maximum":0.9999})",
          "Confidence of intervals; none when absent.",
          false},
         {"exact", "query", kFlag, "Compute from all rows however many there are.", false},
         {"as_of",
          "query",
          kInstant,
          "Answer as if only labels with label_ts up to then had come.",
          false},
         {"min_seq", "query", kInteger, "Wait until this acknowledged sequence is visible.", false},
         {"timeout",
          "query",
          kDuration,
          "How long to wait for min_seq; 5 s by default, 60 s at most.",
          false},
         {"bins",
          "query",
          R"({"type":"integer","minimum":1,"maximum":1000})",
          "Bins of calibration metrics and curves.",
          false},
         {"binning",
          "query",
          R"({"enum":["width","mass","debiased"],"default":"width"})",
          "How calibration bins are cut.",
          false},
         {"threshold",
          "query",
          R"({"type":"number","minimum":0,"maximum":1})",
          "Predicted class = score >= threshold instead of the class that was sent.",
          false},
         {"include_shadow", "query", kFlag, "Count shadow events too.", false},
         {"allow_partial",
          "query",
          kFlag,
          "Where stored blocks are damaged, answer without them and say so (`partial`, `left_out`) "
          "instead of failing with corrupt_block.",
          false}});
}

std::vector<ParameterDoc> metric_docs() {
    std::vector<ParameterDoc> docs = selection_docs();
    docs.insert(docs.begin(),
                {"metric",
                 "query",
                 kTexts,
                 "Metric names, with their k or quantile such as lift@10%, ndcg@10, pinball@0.1; "
                 "repeat the "
                 "parameter for several.",
                 true});
    docs.push_back({"step",
                    "query",
                    kDuration,
                    "Width of the buckets; one value for the whole window when absent.",
                    false});
    docs.push_back({"group_by",
                    "query",
                    kTexts,
                    "Up to three metadata or feature keys, model_version, prompt_version, variant; "
                    "repeated or with commas between them. A name that has a comma itself stands "
                    "in backticks, as in a filter.",
                    false});
    docs.push_back({"compare",
                    "query",
                    kText,
                    "offset:7d, model_version:NAME or prompt_version:NAME.",
                    false});
    docs.push_back(
        {"average",
         "query",
         R"({"enum":["binary","macro","micro","weighted","none"]})",
         "Averaging over classes, for the metrics that have one; none adds one series per class.",
         false});
    docs.push_back({"beta", "query", R"({"type":"number","default":1})", "Of fbeta.", false});
    docs.push_back(
        {"k",
         "query",
         R"({"type":"string","pattern":"^[0-9.]+%?$"})",
         "For the metrics that take a k and do not name theirs: ranks or rows (10), or a "
         "share of the rows (10%).",
         false});
    docs.push_back({"quantile",
                    "query",
                    R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})",
                    "For pinball where its name has none.",
                    false});
    docs.push_back(
        {"feature",
         "query",
         kText,
         "Of drift metrics: a feature, any other column, or score, prediction, label; the "
         "score (binary tasks) or the prediction when absent.",
         false});
    docs.push_back(reference_doc(false));
    docs.push_back(by_doc(false));
    docs.push_back(min_n_doc());
    docs.push_back(
        {"format",
         "query",
         kFormat,
         "csv has the columns ts, metric, class, compare, one per group_by key, value, "
         "n, ci_lo, ci_hi, p_value, error_bound, reason, always all of them: class is filled in "
         "the series of one class (average=none), compare in what is compared with "
         "(offset:7d). A group without a value is an empty cell, one of an empty text "
         "is \"\". A text that a spreadsheet would take for a formula has an "
         "apostrophe in front.",
         false});
    return docs;
}

}  // namespace

std::vector<Route> metric_routes(const ReadParts& parts) {
    std::vector<Route> routes;
    routes.push_back(read_route("/v1/metrics/query",
                                "Values of metrics over a window, in buckets and groups.",
                                metric_docs(),
                                kMetricAnswer,
                                reading(parts, query_metrics)));
    std::vector<ParameterDoc> curve_docs = selection_docs();
    curve_docs.insert(
        curve_docs.begin(),
        {"curve",
         "query",
         R"({"enum":["reliability","confusion","score_distribution","roc","pr","thresholds","residuals"]})",
         "Which curve.",
         true});
    routes.push_back(read_route("/v1/metrics/curves",
                                "A curve over a window, as data.",
                                std::move(curve_docs),
                                kCurve,
                                reading(parts, query_curve)));
    routes.push_back(read_route("/v1/metrics/catalog",
                                "Every metric with its definition.",
                                {},
                                kCatalog,
                                answering([](const Call&) -> Result<net::Response> {
                                    return json_response(query::catalog_json());
                                })));
    return routes;
}

}  // namespace aiml042::api
