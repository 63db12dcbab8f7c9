#include "api/schemas.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kProblem =
    R"({"type":"object","required":["type","title","status","code","detail","request_id"],
"description":"RFC 9457. `code` is stable; `pointer` names the field or parameter (RFC 6901).",
"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
"code":{"type":"string"},"detail":{"type":"string"},"pointer":{"type":"string"},"request_id":{"type":"string"}}})";

/// What codec::JsonWalker::read_name() and read_id() take.
constexpr std::string_view kName =
    R"({"type":"string","minLength":1,"maxLength":256,"pattern":"^[^\\u0000-\\u001f\\u007f]+$"})";

constexpr std::string_view kId =
    R"({"$ref":"#/components/schemas/Name","not":{"enum":[".",".."]}})";

constexpr std::string_view kRejection =
    R"({"type":"object","required":["index","code","detail","pointer"],
"description":"One item that was not taken; `pointer` is within the item.",
"properties":{"index":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},"pointer":{"type":"string"}}})";

constexpr std::string_view kTaken =
    R"({"type":"object","required":["status","ingested","duplicates","rejected"],
"properties":{"status":{"enum":["ok"]},"ingested":{"type":"integer"},"duplicates":{"type":"integer"},
"rejected":{"type":"array","items":{"$ref":"#/components/schemas/Rejection"}},
"rejected_total":{"type":"integer","description":"Only where there are more than are listed."}}})";

constexpr std::string_view kNothingTaken =
    R"({"type":"object",
"required":["type","title","status","code","detail","request_id","ingested","duplicates","rejected"],
"description":"A problem document: no item was taken; title, code and detail are of the first one.",
"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
"code":{"type":"string"},"detail":{"type":"string"},"request_id":{"type":"string"},
"ingested":{"enum":[0]},"duplicates":{"enum":[0]},
"rejected":{"type":"array","items":{"$ref":"#/components/schemas/Rejection"}},
"rejected_total":{"type":"integer","description":"Only where there are more than are listed."}}})";

constexpr std::string_view kLabel =
    R"({"type":"object","properties":{"class":{"type":"string"},"value":{"type":"number"},
"relevance":{"type":"object","additionalProperties":{"type":"number"}}}})";

constexpr std::string_view kEvent =
    R"({"type":"object","required":["deployment_id","model_version","request_id","timestamp",
"prediction","received_at","seq"],
"description":"As it was sent; what was not sent is absent. `label` is the newest, `labels` all it was ever given.",
"properties":{"deployment_id":{"type":"string"},"model_version":{"type":"string"},"request_id":{"type":"string"},
"trace_id":{"type":"string"},"timestamp":{"type":"string","format":"date-time"},
"prediction":{"type":"object","properties":{"class":{"type":"string"},"score":{"type":"number"},
"scores":{"type":"object","additionalProperties":{"type":"number"}},"value":{"type":"number"},
"quantiles":{"type":"object","additionalProperties":{"type":"number"}},"action":{"type":"string"},
"propensity":{"type":"number"},"ranking":{"type":"array","items":{"type":"object","required":["id"],
"additionalProperties":true}},"text":{"type":"string"}}},
"features":{"type":"object","additionalProperties":{"type":["number","string","boolean"]}},
"metadata":{"type":"object","additionalProperties":{"type":["number","string","boolean"]}},
"attributions":{"type":"object","additionalProperties":{"type":"number"}},
"embeddings":{"type":"object","additionalProperties":{"type":"array","items":{"type":"number"}}},
"llm":{"type":"object","additionalProperties":true},"latency_ms":{"type":"number"},"error_code":{"type":"string"},
"prompt_version":{"type":"string"},"experiment":{"type":"object","required":["id","variant"],
"properties":{"id":{"type":"string"},"variant":{"type":"string"}}},"input_tokens":{"type":"number"},
"output_tokens":{"type":"number"},"cost_usd":{"type":"number"},"shadow":{"enum":[true]},
"label":{"$ref":"#/components/schemas/Label"},"label_ts":{"type":"string","format":"date-time"},
"labels":{"type":"array","items":{"type":"object","required":["label","label_ts","received_at","seq"],
"properties":{"label":{"$ref":"#/components/schemas/Label"},"label_ts":{"type":"string","format":"date-time"},
"source":{"type":"string"},"received_at":{"type":"string","format":"date-time"},"seq":{"type":"integer"}}}},
"received_at":{"type":"string","format":"date-time"},"seq":{"type":"integer"}}})";

constexpr std::string_view kEvents =
    R"({"type":"object","required":["events","next_cursor","as_of_seq"],"properties":{
"events":{"type":"array","items":{"$ref":"#/components/schemas/Event"}},"next_cursor":{"type":["string","null"]},
"hint":{"type":"string","description":"Where nothing was found: which part of the question nothing meets."},
"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kDeployment =
    R"({"type":"object","required":["deployment_id","task_type","task_type_source",
"positive_class","threshold","cohort_keys","events","labels","label_coverage","first_event","last_event",
"model_versions","events_per_minute","errors_24h","latency_p95_ms","health","health_reason"],
"properties":{"deployment_id":{"type":"string"},"task_type":{"type":"string"},
"task_type_source":{"enum":["declared","inferred"]},"positive_class":{"type":["string","null"]},
"threshold":{"type":["number","null"]},"cohort_keys":{"type":"array","items":{"type":"string"}},
"events":{"type":"integer"},"labels":{"type":"integer"},"label_coverage":{"type":["number","null"]},
"first_event":{"type":["string","null"],"format":"date-time"},"last_event":{"type":["string","null"],
"format":"date-time"},"model_versions":{"type":"array","items":{"type":"object",
"required":["model_version","events","first_event","last_event"],"properties":{"model_version":{"type":"string"},
"events":{"type":"integer"},"first_event":{"type":["string","null"],"format":"date-time"},
"last_event":{"type":["string","null"],"format":"date-time"}}}},"events_per_minute":{"type":"number"},
"errors_24h":{"type":"number"},"latency_p95_ms":{"type":["number","null"]},
"health":{"enum":["ok","warn","bad","quiet"]},"health_reason":{"type":"string"},
"columns":{"type":"array","description":"Of one deployment, not of a list.","items":{"type":"object",
"required":["name","role","type","distinct","missing_rate","examples"],"properties":{"name":{"type":"string"},
"role":{"enum":["feature","metadata","class_score","quantile","attribution","system"]},
"type":{"enum":["number","string","bool","time"]},"distinct":{"type":"integer"},"missing_rate":{"type":"number"},
"examples":{"type":"array","items":{"type":["string","number","boolean"]}},"min":{"type":"number"},
"max":{"type":"number"}}}}}})";

constexpr std::string_view kSeries =
    R"({"type":"array","items":{"type":"object","required":["ts","value","n"],
"description":"A value that does not exist is null and has a reason.",
"properties":{"ts":{"type":"string","format":"date-time"},"value":{"type":["number","null"]},"n":{"type":"integer"},
"ci":{"type":["array","null"],"items":{"type":"number"},
"description":"Where ci was asked for, null when the value has no interval; else absent."},
"groups":{"type":"array","description":"Of fairness: the highest and lowest group, or the lowest.","items":{"type":"string"}},
"p_value":{"type":"number","description":"Only of metrics that are a test's statistic."},
"error_bound":{"type":"number","description":"Only of approximate values."},"reason":{"type":"string"}}}})";

constexpr std::string_view kClassSeries =
    R"({"type":"array","description":"With average=none: one series per class.","items":{"type":"object",
"required":["class","series"],"properties":{"class":{"type":"string"},
"series":{"$ref":"#/components/schemas/Series"}}}})";

constexpr std::string_view kComparison =
    R"({"type":"object","required":["kind","value","series"],
"description":"Where compare was asked for, at the times of what it is compared with.","properties":{
"kind":{"enum":["offset","model_version","prompt_version"]},"value":{"type":"string"},
"series":{"$ref":"#/components/schemas/Series"}}})";

constexpr std::string_view kDefinition =
    R"({"type":"object","required":["metric","title","unit","formula","source","exact",
"approximate","task_type","task_type_source","include_shadow"],
"description":"All that made the number: what plays no role in this metric is absent.",
"properties":{"metric":{"type":"string"},"title":{"type":"string"},"unit":{"type":"string"},
"formula":{"type":"string"},"source":{"type":"string"},"exact":{"type":"boolean"},"approximate":{"type":"boolean"},
"error_bound":{"type":"number"},"note":{"type":"string"},"confidence":{"type":"number"},"interval":{"type":"string"},
"bins":{"type":"integer"},"binning":{"enum":["width","mass","debiased"]},"positive_class":{"type":"string"},
"positive_class_source":{"enum":["declared","inferred"]},"score_is":{"enum":["positive_class","predicted_class"]},
"predicted_class":{"type":"string"},"threshold":{"type":"number"},
"threshold_source":{"enum":["parameter","declared","default"]},
"average":{"enum":["binary","macro","micro","weighted","none"]},"beta":{"type":"number"},
"k":{"type":["integer","string"]},"quantile":{"type":"number"},"quantiles":{"type":"array","items":{"type":"number"}},
"nominal_level":{"type":"number"},"task_type":{"type":"string"},"task_type_source":{"enum":["declared","inferred"]},
"model_version":{"type":"string"},"filter":{"type":"string"},"as_of":{"type":"string","format":"date-time"},
"include_shadow":{"type":"boolean"},"by":{"type":"array","items":{"type":"string"}},"min_n":{"type":"integer"},"column":{"type":"string"},"column_kind":{"enum":["numeric","categorical"]},
"reference":{"$ref":"#/components/schemas/Reference"}}})";

constexpr std::string_view kGroups =
    R"({"type":"array","description":"With group_by, instead of series.","items":{"type":"object",
"required":["by","series"],"properties":{"by":{"type":"object",
"additionalProperties":{"type":["string","number","boolean","null"]}},"series":{"$ref":"#/components/schemas/Series"},
"classes":{"$ref":"#/components/schemas/ClassSeries"},"compare":{"$ref":"#/components/schemas/Comparison"}}}})";

constexpr std::string_view kSlices =
    R"({"type":"object","description":"Keys to slice by, with their values.",
"additionalProperties":{"type":"array","items":{"type":"string"}}})";

constexpr std::string_view kMetricResult =
    R"({"type":"object","required":["metric","deployment_id","slices","definition"],
"properties":{"metric":{"type":"string"},"deployment_id":{"type":"string"},
"series":{"$ref":"#/components/schemas/Series"},"classes":{"$ref":"#/components/schemas/ClassSeries"},
"compare":{"$ref":"#/components/schemas/Comparison"},"groups":{"$ref":"#/components/schemas/Groups"},
"slices":{"$ref":"#/components/schemas/Slices"},"definition":{"$ref":"#/components/schemas/Definition"}}})";

constexpr std::string_view kMetricAnswer =
    R"({"type":"object","required":["as_of_seq"],
"description":"Of one metric its result, of several `results`, each in that shape.",
"properties":{"metric":{"type":"string"},"deployment_id":{"type":"string"},
"series":{"$ref":"#/components/schemas/Series"},"classes":{"$ref":"#/components/schemas/ClassSeries"},
"compare":{"$ref":"#/components/schemas/Comparison"},"groups":{"$ref":"#/components/schemas/Groups"},
"slices":{"$ref":"#/components/schemas/Slices"},"definition":{"$ref":"#/components/schemas/Definition"},
"results":{"type":"array","items":{"$ref":"#/components/schemas/MetricResult"}},
"hint":{"type":"string","description":"Where no event was met: which part of the question nothing meets."},
"partial":{"type":"boolean","description":"Only with allow_partial: whether damaged blocks were left out."},
"left_out":{"$ref":"#/components/schemas/LeftOut"},"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kLeftOut =
    R"({"type":"object","required":["blocks","rows_at_most","blocks_not_looked_at","code","reason"],
"description":"Only when partial.","properties":{"blocks":{"type":"integer"},
"rows_at_most":{"type":"integer","description":"All rows of these blocks, whatever of them was asked for."},
"blocks_not_looked_at":{"type":"integer","description":"Blocks that task and classes were told without."},
"code":{"type":"string"},"reason":{"type":"string"}}})";

constexpr std::string_view kCurve =
    R"({"type":"object","required":["curve","deployment_id","n","exact","as_of_seq"],
"properties":{"curve":{"enum":["reliability","confusion","score_distribution","roc","pr","thresholds","residuals"]},
"deployment_id":{"type":"string"},"n":{"type":"integer"},
"points":{"type":"array","description":"Of all curves but confusion.","items":{"type":"object","properties":{
"lo":{"type":"number"},"hi":{"type":"number"},"n":{"type":"integer"},"mean_score":{"type":["number","null"]},
"positive_rate":{"type":["number","null"]},"ci":{"type":"array","items":{"type":"number"}},
"n_positive":{"type":"integer"},"n_negative":{"type":"integer"},"n_unlabelled":{"type":"integer"},
"fpr":{"type":"number"},"tpr":{"type":"number"},"threshold":{"type":["number","null"]},"recall":{"type":"number"},
"precision":{"type":["number","null"]},"tp":{"type":"integer"},"fp":{"type":"integer"},"fn":{"type":"integer"},
"tn":{"type":"integer"},"selection_rate":{"type":"number"},"accuracy":{"type":"number"},"specificity":{"type":"number"},
"f1":{"type":"number"},"lift":{"type":["number","null"]}}}},
"classes":{"type":"array","description":"Of confusion: the rows and columns of matrix.","items":{"type":"string"}},
"matrix":{"type":"array","items":{"type":"array","items":{"type":"integer"}}},
"other_classes":{"type":"integer","description":"Of confusion: events of classes beyond the 100 most frequent."},
"left_out":{"$ref":"#/components/schemas/LeftOut"},
"reason":{"type":"string","description":"Why there is no curve."},"positive_class":{"type":"string"},
"partial":{"type":"boolean"},"exact":{"type":"boolean"},"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kCatalog =
    R"({"type":"object","required":["metrics"],"properties":{"metrics":{"type":"array",
"items":{"type":"object","required":["name","alias","title","family","unit","range","better","task_types","needs",
"exact","interval","formula","source"],"properties":{"name":{"type":"string"},"alias":{"type":"string"},
"title":{"type":"string"},"family":{"type":"string"},"unit":{"type":"string"},
"range":{"type":"array","items":{"type":["number","null"]}},"better":{"enum":["higher","lower","none"]},
"task_types":{"type":"array","items":{"enum":["binary","multiclass","regression","ranking","llm"]}},
"parameter":{"type":"object","required":["name","accepts","required"],"properties":{"name":{"enum":["k","quantile"]},
"accepts":{"type":"string"},"required":{"type":"boolean"}}},"needs":{"type":"array","items":{"enum":["labels"]}},
"exact":{"type":"boolean"},"interval":{"type":"string"},"formula":{"type":"string"},"source":{"type":"string"}}}}}})";

constexpr std::string_view kColumnValues =
    R"({"type":"object","required":["column","values","rows","complete"],"properties":{
"column":{"type":"string"},"values":{"type":"array","items":{"type":"object","required":["value","n"],"properties":{
"value":{"type":["string","number","boolean"]},"n":{"type":"integer"}}}},"rows":{"type":"integer"},
"complete":{"type":"boolean","description":"Whether all rows were counted, or the newest ones only."}}})";

constexpr std::string_view kPerformance =
    R"({"type":"object","required":["model_version","from","to","deployments","as_of_seq"],
"properties":{"model_version":{"type":"string"},"from":{"type":"string","format":"date-time"},
"to":{"type":"string","format":"date-time"},"deployments":{"type":"array","items":{"type":"object",
"required":["deployment_id","task_type","metrics"],"properties":{"deployment_id":{"type":"string"},
"task_type":{"type":"string"},"metrics":{"type":"array","items":{"type":"object","required":["metric","value","n"],
"properties":{"metric":{"type":"string"},"value":{"type":["number","null"]},"n":{"type":"integer"},
"ci":{"type":"array","items":{"type":"number"}},"reason":{"type":"string"}}}}}}},"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kDeadLetter =
    R"({"type":"object","required":["id","received_at","kind","code","detail",
"pointer","item","replayed"],"properties":{"id":{"type":"string"},"received_at":{"type":"string","format":"date-time"},
"kind":{"enum":["event","label"]},"code":{"type":"string"},"detail":{"type":"string"},"pointer":{"type":"string"},
"item":{"type":"string"},"replayed":{"type":"boolean"}}})";

constexpr std::string_view kKey =
    R"({"type":"object","required":["key_id","name","scopes","prefix","created_at",
"last_used_at","expires_at","revoked"],"properties":{"key_id":{"type":"string"},"name":{"type":"string"},
"scopes":{"type":"array","items":{"enum":["ingest:write","metrics:read","admin","judge:run","alerts:manage"]}},
"prefix":{"type":"string"},"created_at":{"type":"string","format":"date-time"},
"last_used_at":{"type":["string","null"],"format":"date-time"},"expires_at":{"type":["string","null"],
"format":"date-time"},"revoked":{"type":"boolean"},
"key":{"type":"string","description":"Shown once, when it is made."}}})";

constexpr std::string_view kReference =
    R"({"type":"object","required":["kind"],"properties":{
"kind":{"enum":["window","previous","weeks","stored"]},"name":{"type":"string"},"version":{"type":"integer"},
"created_at":{"type":"string","format":"date-time"},"source":{"$ref":"#/components/schemas/ReferenceSource"},
"windows":{"type":"array","items":{"type":"object","required":["from","to"],"properties":{
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"}}}},
"n":{"type":"integer"},"missing":{"type":"integer"},"edges":{"type":"array","items":{"type":"number"}}}})";

constexpr std::string_view kReferenceSource =
    R"({"type":"object","required":["kind"],"properties":{"kind":{"enum":["events","rows"]},
"deployment_id":{"type":"string"},"from":{"type":"string","format":"date-time"},
"to":{"type":"string","format":"date-time"},"model_version":{"type":"string"},"filter":{"type":"string"}}})";

constexpr std::string_view kMadeReference =
    R"({"type":"object","required":["name","version","created_at","rows","source"],"properties":{
"name":{"type":"string"},"version":{"type":"integer"},"created_at":{"type":"string","format":"date-time"},
"rows":{"type":"integer"},"source":{"$ref":"#/components/schemas/ReferenceSource"}}})";

constexpr std::string_view kDriftColumn =
    R"({"type":"object","required":["column","verdict"],
"description":"Drifted: significant among all columns, and above the margin, or (share_changed) the share of a category, of missing values or of another type at least doubled or halved and moved by share_step. Unchanged: the interval lies below the margin. Else it cannot be told yet.",
"properties":{"column":{"type":"string"},"verdict":{"enum":["drifted","unchanged","cannot_tell"]},
"kind":{"enum":["numeric","categorical"]},"n_reference":{"type":"integer"},"n_current":{"type":"integer"},
"psi_debiased":{"type":["number","null"],"description":"Population stability index beyond chance; ci is its interval, p_value that of no change, p_adjusted the same after Benjamini and Hochberg over the report's columns."},
"ci":{"type":["array","null"],"items":{"type":"number"}},"p_value":{"type":["number","null"]},
"p_adjusted":{"type":["number","null"]},"share_changed":{"type":"boolean"},
"rows_needed":{"type":"integer","description":"Current values from which on it can probably be told."},
"reason":{"type":"string"},"importance":{"type":"number","description":"Share of the feature's attributions in the reference."},
"psi":{"type":["number","null"]},"kl":{"type":["number","null"]},"js":{"type":["number","null"]},
"js_distance":{"type":["number","null"]},"hellinger":{"type":["number","null"]},"tvd":{"type":["number","null"]},
"chi2":{"type":["number","null"]},"chi2_p_value":{"type":["number","null"]},"ks":{"type":["number","null"]},
"ks_p_value":{"type":["number","null"]},"wasserstein":{"type":["number","null"]},
"wasserstein_scaled":{"type":["number","null"]},"energy":{"type":["number","null"]},
"mann_whitney":{"type":["number","null"]},"mann_whitney_p_value":{"type":["number","null"]},
"missing_rate":{"$ref":"#/components/schemas/BothSides"},"other_type_rate":{"$ref":"#/components/schemas/BothSides"},
"new_category_rate":{"type":["number","null"]},
"bins":{"type":"array","items":{"type":"object","required":["reference","current"],"properties":{
"above":{"type":["number","null"]},"up_to":{"type":["number","null"]},"category":{"type":"string"},
"new":{"type":"boolean"},"others":{"type":"integer"},
"reference":{"type":["number","null"]},"current":{"type":["number","null"]}}}}}})";

constexpr std::string_view kBothSides =
    R"({"type":"object","required":["reference","current"],"properties":{
"reference":{"type":["number","null"]},"current":{"type":["number","null"]}}})";

constexpr std::string_view kDriftReport =
    R"({"type":"object","required":["deployment_id","from","to","reference","alpha","margin","share_step","confidence",
"summary","columns","as_of_seq"],"properties":{"deployment_id":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"reference":{"$ref":"#/components/schemas/Reference"},"alpha":{"type":"number"},"margin":{"type":"number"},
"confidence":{"type":"number"},"share_step":{"type":"number"},"summary":{"type":"object","required":["columns","drifted","unchanged","cannot_tell"],
"properties":{"columns":{"type":"integer"},"drifted":{"type":"integer"},"unchanged":{"type":"integer"},
"cannot_tell":{"type":"integer"}}},
"columns":{"type":"array","items":{"$ref":"#/components/schemas/DriftColumn"}},
"attribution_drift":{"type":["number","null"],"description":"1 - nDCG of the reference's weights in the current order of features; only where events have attributions."},
"attributions":{"type":"array","items":{"type":"object","required":["feature","reference","current","reference_share",
"current_share","reference_rank","current_rank"],"properties":{"feature":{"type":"string"},
"reference":{"type":["number","null"]},"current":{"type":["number","null"]},"reference_share":{"type":["number","null"]},
"current_share":{"type":["number","null"]},"reference_rank":{"type":["integer","null"]},"current_rank":{"type":["integer","null"]}}}},
"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kEstimate =
    R"({"type":"object","required":["value","n","ci"],"properties":{"value":{"type":["number","null"]},
"n":{"type":"integer"},"ci":{"type":["array","null"],"items":{"type":"number"}},"reason":{"type":"string"}}})";

constexpr std::string_view kFairnessReport =
    R"({"type":"object","required":["deployment_id","from","to","by","min_n","confidence","groups","gaps",
"four_fifths","as_of_seq"],"properties":{"deployment_id":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"model_version":{"type":"string"},"filter":{"type":"string"},"as_of":{"type":"string","format":"date-time"},
"positive_class":{"type":"string"},"threshold":{"type":"number"},"by":{"type":"array","items":{"type":"string"}},
"min_n":{"type":"integer"},"confidence":{"type":"number"},
"groups":{"type":"array","items":{"type":"object","required":["group","by","n","counted"],"properties":{
"group":{"type":"string"},"by":{"type":"object","additionalProperties":{"type":["string","null"]}},"n":{"type":"integer"},
"counted":{"type":"boolean","description":"Whether the group takes part in gaps."},"reason":{"type":"string"},
"selection_rate":{"$ref":"#/components/schemas/Estimate"},"tpr":{"$ref":"#/components/schemas/Estimate"},
"fpr":{"$ref":"#/components/schemas/Estimate"},"ppv":{"$ref":"#/components/schemas/Estimate"},
"accuracy":{"$ref":"#/components/schemas/Estimate"},"base_rate":{"$ref":"#/components/schemas/Estimate"},
"roc_auc":{"$ref":"#/components/schemas/Estimate"},"bpsn_auc":{"$ref":"#/components/schemas/Estimate"},
"bnsp_auc":{"$ref":"#/components/schemas/Estimate"}}}},
"gaps":{"type":"array","items":{"type":"object","required":["metric","value","n","ci"],"properties":{
"metric":{"type":"string"},"value":{"type":["number","null"]},"n":{"type":"integer"},
"ci":{"type":["array","null"],"items":{"type":"number"}},"reason":{"type":"string"},
"groups":{"type":"array","description":"Of a gap the highest and the lowest group, of a minimum the lowest.","items":{"type":"string"}}}}},
"four_fifths":{"type":"object","required":["limit","verdict"],"properties":{"limit":{"type":"number"},
"verdict":{"enum":["below","not_below","cannot_tell"],"description":"From the interval of demographic_parity_ratio."}}},
"as_of_seq":{"type":"integer"}}})";

constexpr NamedSchema kSchemas[] = {{"Problem", kProblem},
                                    {"Name", kName},
                                    {"Id", kId},
                                    {"Rejection", kRejection},
                                    {"Taken", kTaken},
                                    {"NothingTaken", kNothingTaken},
                                    {"Label", kLabel},
                                    {"Event", kEvent},
                                    {"Events", kEvents},
                                    {"Deployment", kDeployment},
                                    {"Series", kSeries},
                                    {"ClassSeries", kClassSeries},
                                    {"Comparison", kComparison},
                                    {"Groups", kGroups},
                                    {"Slices", kSlices},
                                    {"Definition", kDefinition},
                                    {"MetricResult", kMetricResult},
                                    {"MetricAnswer", kMetricAnswer},
                                    {"LeftOut", kLeftOut},
                                    {"Curve", kCurve},
                                    {"Catalog", kCatalog},
                                    {"ColumnValues", kColumnValues},
                                    {"Performance", kPerformance},
                                    {"Reference", kReference},
                                    {"ReferenceSource", kReferenceSource},
                                    {"MadeReference", kMadeReference},
                                    {"BothSides", kBothSides},
                                    {"DriftColumn", kDriftColumn},
                                    {"DriftReport", kDriftReport},
                                    {"Estimate", kEstimate},
                                    {"FairnessReport", kFairnessReport},
                                    {"DeadLetter", kDeadLetter},
                                    {"Key", kKey}};

}  // namespace

std::span<const NamedSchema> component_schemas() {
    return kSchemas;
}

}  // namespace aiml042::api
