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
"groups_counted":{"type":"integer","description":"Of fairness: how many groups took part."},
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
"include_shadow":{"type":"boolean"},"by":{"type":"array","items":{"type":"string"}},"min_n":{"type":"integer"},"column":{"type":"string"},"column_kind":{"enum":["numeric","categorical","embedding"]},
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
"exact","explainable","interval","formula","source"],"properties":{"name":{"type":"string"},"alias":{"type":"string"},
"title":{"type":"string"},"family":{"type":"string"},"unit":{"type":"string"},
"range":{"type":"array","items":{"type":["number","null"]}},"better":{"enum":["higher","lower","none"]},
"task_types":{"type":"array","items":{"enum":["binary","multiclass","regression","ranking","llm"]}},
"parameter":{"type":"object","required":["name","accepts","required"],"properties":{"name":{"enum":["k","quantile"]},
"accepts":{"type":"string"},"required":{"type":"boolean"}}},"needs":{"type":"array","items":{"enum":["labels"]}},
"exact":{"type":"boolean"},"explainable":{"type":"boolean","description":"A ratio over events: see explain."},"interval":{"type":"string"},"formula":{"type":"string"},"source":{"type":"string"}}}}}})";

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
"n":{"type":"integer"},"missing":{"type":"integer"},"length":{"type":"integer","description":"Of an embedding's vectors."},"edges":{"type":"array","items":{"type":"number"}}}})";

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
"kind":{"enum":["numeric","categorical","embedding"]},
"current_kind":{"enum":["numeric","categorical"],"description":"What most current values are; another than kind: the column's type has changed."},"n_reference":{"type":"integer"},"n_current":{"type":"integer"},
"sampled_reference":{"type":"integer","description":"Of an embedding: vectors compared, those with the smallest hashes of their request ids."},
"sampled_current":{"type":"integer"},"length":{"type":"integer","description":"Of the embedding's vectors."},
"effect":{"type":["number","null"],"description":"Of an embedding: lower bound of the total variation distance, the larger of 2 domain_auc - 1 and |2 farther - 1|; effect_max is what it may be at most."},
"effect_max":{"type":["number","null"]},
"cosine_shift":{"type":["number","null"],"description":"1 - cosine between the centres."},
"mmd":{"type":"number","description":"Maximum mean discrepancy squared, unbiased."},"mmd_p_value":{"type":"number"},
"distance_ks":{"type":"number","description":"Kolmogorov-Smirnov distance of the vectors' cosine distances to the reference's centre."},
"distance_ks_p_value":{"type":"number"},"distance_wasserstein":{"type":"number"},
"farther":{"type":"number","description":"Probability that a current vector is farther from that centre than a reference's."},
"farther_ci":{"type":"array","items":{"type":"number"}},
"domain_auc":{"type":"number","description":"How well a logistic regression tells the two sides apart, cross-validated; 0.5: not at all."},
"domain_auc_ci":{"type":"array","items":{"type":"number"}},"domain_auc_p_value":{"type":"number"},
"other_length_rate":{"$ref":"#/components/schemas/BothSides"},
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
"reference":{"type":["number","null"]},"current":{"type":["number","null"]}}}},
"compat":{"type":"array","items":{"$ref":"#/components/schemas/PeerDrift"},"description":"One per compat that was asked for."}}})";

constexpr std::string_view kPeerDrift =
    R"({"type":"object","required":["peer","value","verdict"],
"description":"What another monitor says at its own defaults, recomputed.",
"properties":{"peer":{"enum":["evidently","nannyml","azure","sagemaker","whylogs"]},
"method":{"type":"string","description":"Its own name of it."},"value":{"type":["number","null"]},
"threshold":{"type":"number"},"drifted_when":{"type":"string"},
"verdict":{"enum":["none","no_drift","possible_drift","drift"]},
"agrees":{"type":"boolean","description":"Whether it says drift exactly where we do."},
"others":{"type":"object","additionalProperties":{"type":"number"},"description":"Numbers of the same monitor that it does not compare by default."},
"rank_error":{"type":"number","description":"Only where the reference is a summary: share of rows by which its distribution may be off."},
"why":{"type":"string","description":"Why the two may differ."},"reason":{"type":"string"}}})";

constexpr std::string_view kBothSides =
    R"({"type":"object","required":["reference","current"],"properties":{
"reference":{"type":["number","null"]},"current":{"type":["number","null"]}}})";

constexpr std::string_view kDriftReport =
    R"({"type":"object","required":["deployment_id","from","to","reference","alpha","margin","share_step","embedding_margin","confidence",
"summary","columns","as_of_seq"],"properties":{"deployment_id":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"reference":{"$ref":"#/components/schemas/Reference"},"alpha":{"type":"number"},"margin":{"type":"number"},
"confidence":{"type":"number"},"share_step":{"type":"number"},"embedding_margin":{"type":"number"},"summary":{"type":"object","required":["columns","drifted","unchanged","cannot_tell"],
"properties":{"columns":{"type":"integer"},"drifted":{"type":"integer"},"unchanged":{"type":"integer"},
"cannot_tell":{"type":"integer"}}},
"compat":{"type":"array","items":{"type":"object","required":["peer","columns","drifted","agree"],"properties":{
"peer":{"type":"string"},"columns":{"type":"integer","description":"Columns that it has a number of."},"drifted":{"type":"integer"},
"agree":{"type":"integer","description":"Columns where it says drift exactly where we do."},
"dataset_drift":{"type":"boolean","description":"Evidently: whether half of the columns or more drifted."}}}},
"columns":{"type":"array","items":{"$ref":"#/components/schemas/DriftColumn"}},
"attribution_drift":{"type":["number","null"],"description":"1 - nDCG of the reference's weights in the current order of features; only where events have attributions."},
"attributions":{"type":"array","items":{"type":"object","required":["feature","reference","current","reference_share",
"current_share","reference_rank","current_rank"],"properties":{"feature":{"type":"string"},
"reference":{"type":["number","null"]},"current":{"type":["number","null"]},"reference_share":{"type":["number","null"]},
"current_share":{"type":["number","null"]},"reference_rank":{"type":["integer","null"]},"current_rank":{"type":["integer","null"]}}}},
"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kConceptDrift =
    R"({"type":"object","required":["deployment_id","from","to","task_type","error","events","mean_error","detectors","as_of_seq"],
"properties":{"deployment_id":{"type":"string"},"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"task_type":{"type":"string"},"error":{"enum":["wrong_class","absolute_error"]},
"events":{"type":"integer","description":"Labelled events with a prediction, in the order of their time."},
"mean_error":{"type":["number","null"]},"reason":{"type":"string"},
"detectors":{"type":"array","items":{"type":"object","required":["detector","parameters","changes","changes_total"],"properties":{
"detector":{"enum":["ddm","adwin","page_hinkley","kswin"]},"parameters":{"type":"object","additionalProperties":{"type":"number"}},
"changes":{"type":"array","description":"The first 1,000.","items":{"type":"object","required":["ts","request_id","index","before","after","direction"],"properties":{
"ts":{"type":"string","format":"date-time"},"request_id":{"type":"string","description":"The event at which it was noticed."},
"index":{"type":"integer","description":"Of that event among all, from 0."},
"before":{"type":"number","description":"Mean error that the detector holds to be of before; after: of after."},"after":{"type":"number"},
"direction":{"enum":["up","down"]}}}},"changes_total":{"type":"integer"},
"warnings":{"type":"array","description":"Of ddm: its warning zones, the first 1,000.","items":{"type":"object","required":["from","to","became_change"],"properties":{
"from":{"type":"string","format":"date-time"},"to":{"type":["string","null"]},"became_change":{"type":"boolean"}}}},
"warnings_total":{"type":"integer"}}}},"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kEstimate =
    R"({"type":"object","required":["value","n","ci"],"properties":{"value":{"type":["number","null"]},
"n":{"type":"integer"},"ci":{"type":["array","null"],"items":{"type":"number"}},
"error_bound":{"type":"number","description":"Only of approximate values."},
"p_value":{"type":"number","description":"Only of ece: of perfect calibration."},"reason":{"type":"string"}}})";

constexpr std::string_view kExplainedSide =
    R"({"type":"object","required":["value","n","weight"],"properties":{"value":{"type":["number","null"]},
"n":{"type":"integer","description":"Events that count."},
"weight":{"type":["number","null"],"description":"Share of what the metric divides by."}}})";

constexpr std::string_view kExplainedPart =
    R"({"type":"object","required":["baseline","current","rate","mix","change","share","lift"],"properties":{
"where":{"type":"array","description":"Of cohorts: all must hold.","items":{"type":"object","required":["column"],"properties":{
"column":{"type":"string"},"missing":{"type":"boolean"},"equals":{"type":["string","number","boolean"]},
"from":{"type":"number"},"below":{"type":"number"}}}},
"filter":{"type":"string","description":"Of cohorts: the same as an expression. Events that an earlier cohort holds are counted there."},
"baseline":{"$ref":"#/components/schemas/ExplainedSide"},"current":{"$ref":"#/components/schemas/ExplainedSide"},
"rate":{"type":["number","null"],"description":"Of the change: other values within."},
"mix":{"type":["number","null"],"description":"Of the change: another share of events."},
"change":{"type":["number","null"]},"share":{"type":["number","null"],"description":"Of the whole change."},
"lift":{"type":["number","null"],"description":"share / mean weight."},
"ci":{"type":"array","items":{"type":"number"},"description":"Of cohorts: interval of change."},
"p_value":{"type":"number"},"q_value":{"type":"number","description":"Adjusted for all cohorts tested."}}})";

constexpr std::string_view kExplanation =
    R"({"type":"object","required":["deployment_id","metric","from","to","baseline","values","change","ci","rate","mix",
"cohorts","rest","dimensions","skipped","tested","alpha","min_n","confidence","share_of_rows_read","definition","as_of_seq"],"properties":{
"deployment_id":{"type":"string"},"metric":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"baseline":{"type":"object","required":["kind"],"properties":{"kind":{"enum":["window","previous","weeks","offset","model_version","prompt_version"]},
"windows":{"type":"array","items":{"type":"object","required":["from","to"],"properties":{"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"}}}},
"value":{"type":"string","description":"Of compare."},"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"}}},
"values":{"type":"object","required":["baseline","current"],"properties":{
"baseline":{"$ref":"#/components/schemas/ExplainedSide"},"current":{"$ref":"#/components/schemas/ExplainedSide"}}},
"change":{"type":["number","null"]},"ci":{"type":["array","null"],"items":{"type":"number"}},"reason":{"type":"string"},
"rate":{"type":["number","null"]},"mix":{"type":["number","null"]},
"cohorts":{"type":"array","items":{"$ref":"#/components/schemas/ExplainedPart"}},
"rest":{"$ref":"#/components/schemas/ExplainedPart"},
"dimensions":{"type":"array","items":{"type":"object","required":["column","rate","mix"],"properties":{"column":{"type":"string"},
"rate":{"type":["number","null"]},"mix":{"type":["number","null"]}}}},
"skipped":{"type":"array","items":{"type":"object","required":["column","reason"],"properties":{"column":{"type":"string"},"reason":{"type":"string"}}}},
"tested":{"type":"integer","description":"Cohorts that one half of the events chose and the other tested."},
"alpha":{"type":"number"},"min_n":{"type":"number"},"confidence":{"type":"number"},
"share_of_rows_read":{"type":"number","description":"Below 1: a sample was read."},
"definition":{"$ref":"#/components/schemas/Definition"},"as_of_seq":{"type":"integer"}}})";

constexpr std::string_view kFairnessReport =
    R"({"type":"object","required":["deployment_id","from","to","include_shadow","by","min_n","confidence",
"predicted_class","events","labelled","model_versions","groups","gaps","four_fifths","methods","as_of_seq","product_version","made_at"],"properties":{"deployment_id":{"type":"string"},
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"model_version":{"type":"string"},"filter":{"type":"string"},"as_of":{"type":"string","format":"date-time"},
"include_shadow":{"type":"boolean"},"positive_class":{"type":"string"},"predicted_class":{"type":"string"},
"threshold":{"type":"number"},"threshold_source":{"enum":["parameter","declared","default"]},
"events":{"type":"integer"},"labelled":{"type":"integer"},
"model_versions":{"type":"array","items":{"type":"object","required":["model_version","events","label_coverage"],"properties":{
"model_version":{"type":"string"},"events":{"type":"integer"},"label_coverage":{"type":["number","null"]}}}},
"by":{"type":"array","items":{"type":"string"}},"min_n":{"type":"integer"},"confidence":{"type":"number"},
"groups":{"type":"array","items":{"type":"object","required":["group","by","n","counted"],"properties":{
"group":{"type":"string"},"by":{"type":"object","additionalProperties":{"type":["string","null"]}},"n":{"type":"integer"},
"counted":{"type":"boolean","description":"Whether the group takes part in gaps."},"reason":{"type":"string"},
"selection_rate":{"$ref":"#/components/schemas/Estimate"},"tpr":{"$ref":"#/components/schemas/Estimate"},
"fpr":{"$ref":"#/components/schemas/Estimate"},"ppv":{"$ref":"#/components/schemas/Estimate"},
"accuracy":{"$ref":"#/components/schemas/Estimate"},"base_rate":{"$ref":"#/components/schemas/Estimate"},
"roc_auc":{"$ref":"#/components/schemas/Estimate"},"bpsn_auc":{"$ref":"#/components/schemas/Estimate"},
"bnsp_auc":{"$ref":"#/components/schemas/Estimate"},"mean_score":{"$ref":"#/components/schemas/Estimate"},
"calibration_difference":{"$ref":"#/components/schemas/Estimate"},"ece":{"$ref":"#/components/schemas/Estimate"}}}},
"gaps":{"type":"array","items":{"type":"object","required":["metric","value","n","ci","groups_counted"],"properties":{
"metric":{"type":"string"},"value":{"type":["number","null"]},"n":{"type":"integer"},
"ci":{"type":["array","null"],"items":{"type":"number"}},"error_bound":{"type":"number"},"reason":{"type":"string"},
"groups_counted":{"type":"integer","description":"How many groups took part."},
"groups":{"type":"array","description":"Of a gap the highest and the lowest group, of a minimum the lowest.","items":{"type":"string"}}}}},
"four_fifths":{"type":"object","required":["limit","verdict"],"properties":{"limit":{"type":"number"},
"verdict":{"enum":["below","not_below","cannot_tell"],"description":"From the interval of demographic_parity_ratio."}}},
"methods":{"type":"array","description":"How every number is made.","items":{"type":"object",
"required":["metric","title","formula","interval","source"],"properties":{"metric":{"type":"string"},"title":{"type":"string"},
"formula":{"type":"string"},"interval":{"type":"string"},"source":{"type":"string"}}}},
"as_of_seq":{"type":"integer"},"product_version":{"type":"string"},"made_at":{"type":"string","format":"date-time"}}})";

constexpr std::string_view kForetold =
    R"({"type":"object","required":["value","n","ci"],"properties":{"value":{"type":["number","null"]},
"n":{"type":"integer"},"ci":{"type":["array","null"],"items":{"type":"number"}},"reason":{"type":"string"},
"recalibrated":{"type":"object","description":"The band that earlier windows, whose labels are complete, would have needed.",
"required":["ci","factor","level","windows"],"properties":{"ci":{"type":"array","items":{"type":"number"}},
"factor":{"type":"number"},"level":{"type":"number"},"windows":{"type":"integer"}}},
"final_ci":{"type":["array","null"],"items":{"type":"number"},
"description":"Of realised values: where they will lie once the labels that are expected have come, if they come at random."}}})";

constexpr std::string_view kEstimatesReport =
    R"({"type":"object","required":["deployment_id","from","to","task","confidence","reference","reference_labelled",
"reference_sample","columns","columns_left_out","labels","buckets","metrics","as_of_seq"],"properties":{
"deployment_id":{"type":"string"},"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time"},
"model_version":{"type":"string"},"filter":{"type":"string"},"as_of":{"type":"string","format":"date-time"},
"task":{"enum":["binary","multiclass","regression"]},"confidence":{"type":"number"},
"reference":{"$ref":"#/components/schemas/Reference"},
"reference_labelled":{"type":"integer","description":"Rows that were learned from."},
"reference_sample":{"type":"integer","description":"How many of them were kept whole, for weights and losses."},
"columns":{"type":"array","items":{"type":"string"}},
"columns_left_out":{"type":"array","description":"Beyond the bound, or not readable.","items":{"type":"string"}},
"calibration":{"type":"array","description":"Of classifications: what scores mean, per class.","items":{"type":"object",
"required":["class","n","positives","used","error_before","error_after","blocks"],"properties":{"class":{"type":"string"},
"n":{"type":"integer"},"positives":{"type":"integer"},
"used":{"type":"boolean","description":"Whether it helps on rows that it was not fitted on; if not, scores are taken as they are."},
"error_before":{"type":"number","description":"Mean calibration error over ten bins of equal mass, on ten held-out parts."},
"error_after":{"type":"number"},"blocks":{"type":"array","items":{"type":"object","required":["from","to","value","n"],
"properties":{"from":{"type":"number"},"to":{"type":"number"},"value":{"type":"number"},"n":{"type":"number"}}}}}}},
"loss_models":{"type":"array","description":"Of regressions.","items":{"type":"object",
"required":["loss","n","mean","trees","explained"],"properties":{"loss":{"enum":["absolute","squared","relative"]},
"n":{"type":"integer"},"mean":{"type":["number","null"]},"trees":{"type":"integer"},
"explained":{"type":["number","null"],"description":"Part of the variance of held-out losses that is foretold."}}}},
"labels":{"type":"object","required":["share_finally","age_max_s","delay_s","mature_rows","columns","random"],"properties":{
"share_finally":{"type":["number","null"],"description":"Of events that get a label, by the longest age that is known."},
"age_max_s":{"type":["number","null"]},
"delay_s":{"type":"object","required":["p50","p90","p99"],"properties":{"p50":{"type":["number","null"]},
"p90":{"type":["number","null"]},"p99":{"type":["number","null"]}}},
"mature_rows":{"type":"integer","description":"Rows of complete buckets, where labelled and unlabelled ones are compared."},
"columns":{"type":"array","items":{"type":"object","required":["column","psi_debiased","p_adjusted","biased"],"properties":{
"column":{"type":"string"},"psi_debiased":{"type":"number"},"p_adjusted":{"type":"number"},"biased":{"type":"boolean"}}}},
"random":{"type":["boolean","null"],"description":"False: labels come to some rows rather than to others. Null: there are not both in complete buckets."},"warning":{"type":"string"}}},
"buckets":{"type":"array","items":{"type":"object","required":["ts","n","labelled","share","share_expected","completeness",
"completeness_ci","to_come","complete","in_reference","shifted","reference_rows"],"properties":{"ts":{"type":"string","format":"date-time"},
"n":{"type":"integer"},"labelled":{"type":"integer"},"share":{"type":["number","null"]},
"share_expected":{"type":["number","null"],"description":"By now, from the delays of other labels."},
"completeness":{"type":["number","null"],"description":"Part of the labels to come that is expected to have come by now."},
"completeness_ci":{"type":["array","null"],"items":{"type":"number"}},
"to_come":{"type":["number","null"],"description":"Labels to be expected yet."},
"complete":{"type":"boolean","description":"Completeness, or the share, is 0.95 or more: estimates are graded by it."},
"in_reference":{"type":"boolean","description":"Overlaps the reference: not graded."},
"shifted":{"type":"array","items":{"type":"string"}},
"reference_rows":{"type":"number","description":"Effective rows of the reference under this bucket's weights."}}}},
"metrics":{"type":"array","items":{"type":"object","required":["metric","best","grades","series"],"properties":{
"metric":{"type":"string"},"best":{"type":["string","null"],"description":"Method with the least error over five graded windows or more."},
"grades":{"type":"array","items":{"type":"object","required":["method","windows","coverage","error","bias"],"properties":{
"method":{"type":"string"},"windows":{"type":"integer"},
"coverage":{"type":["number","null"],"description":"Share of windows whose band holds the realised value."},
"error":{"type":["number","null"],"description":"Mean absolute."},"bias":{"type":["number","null"],"description":"Mean of estimate less realised."}}}},
"series":{"type":"array","items":{"type":"object","required":["ts","estimates","realised","realised_weighted"],"properties":{
"ts":{"type":"string","format":"date-time"},
"estimates":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Foretold"}},
"realised":{"$ref":"#/components/schemas/Foretold"},
"realised_weighted":{"$ref":"#/components/schemas/Foretold"}}}}}}},
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
                                    {"PeerDrift", kPeerDrift},
                                    {"ConceptDrift", kConceptDrift},
                                    {"DriftReport", kDriftReport},
                                    {"Estimate", kEstimate},
                                    {"ExplainedSide", kExplainedSide},
                                    {"ExplainedPart", kExplainedPart},
                                    {"Explanation", kExplanation},
                                    {"FairnessReport", kFairnessReport},
                                    {"Foretold", kForetold},
                                    {"EstimatesReport", kEstimatesReport},
                                    {"DeadLetter", kDeadLetter},
                                    {"Key", kKey}};

}  // namespace

std::span<const NamedSchema> component_schemas() {
    return kSchemas;
}

}  // namespace aiml042::api
