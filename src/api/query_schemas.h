// JSON schemas of the read routes' answers, for OpenAPI.

#pragma once

#include <string_view>

namespace aiml042::api::schemas {

#define AIML_POINT                                                                                          \
    R"({"type":"object","required":["ts","value","n"],"properties":{"ts":{"type":"string",)"                \
    R"("format":"date-time"},"value":{"type":["number","null"]},"n":{"type":"integer"},)"                   \
    R"("ci":{"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2},)"                         \
    R"("error_bound":{"type":"number"},"reason":{"type":"string"}}})"
#define AIML_SERIES R"({"type":"array","items":)" AIML_POINT "}"
#define AIML_GROUPS                                                                                         \
    R"({"type":"array","items":{"type":"object","required":["by","series"],"properties":{)"                 \
    R"("by":{"type":"object"},"series":)" AIML_SERIES "}}}"
#define AIML_RESULT                                                                                         \
    R"("metric":{"type":"string"},"deployment_id":{"type":"string"},"series":)" AIML_SERIES                 \
    R"(,"groups":)" AIML_GROUPS                                                                             \
    R"(,"slices":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}},)"     \
    R"("definition":{"type":"object"},"compare":{"type":"object","properties":{"kind":{"type":"string"},)"  \
    R"("value":{"type":"string"},"series":)" AIML_SERIES R"(,"groups":)" AIML_GROUPS "}}"

inline constexpr std::string_view kMetrics =
    R"({"type":"object","required":["as_of_seq"],"properties":{)" AIML_RESULT
    R"(,"results":{"type":"array","items":{"type":"object","properties":{)" AIML_RESULT
    R"(}}},"as_of_seq":{"type":"integer"}}})";

#undef AIML_RESULT
#undef AIML_GROUPS
#undef AIML_SERIES
#undef AIML_POINT

inline constexpr std::string_view kCurve =
    R"({"type":"object","required":["curve","deployment_id","n","points"],"properties":{"curve":{"type":"string"},)"
    R"("deployment_id":{"type":"string"},"n":{"type":"integer"},"points":{"type":"array","items":{"type":"object"}},)"
    R"("classes":{"type":"array","items":{"type":"string"}},"matrix":{"type":"array","items":{"type":"array",)"
    R"("items":{"type":"integer"}}},"left_out":{"type":"integer"},"reason":{"type":"string"},)"
    R"("approximate":{"type":"boolean"},"as_of_seq":{"type":"integer"}}})";

inline constexpr std::string_view kCatalog =
    R"({"type":"object","required":["metrics"],"properties":{"metrics":{"type":"array","items":{"type":"object",)"
    R"("required":["name","family","title","formula"],"properties":{"name":{"type":"string"},"alias":{"type":"string"},)"
    R"("family":{"type":"string"},"title":{"type":"string"},"unit":{"type":"string"},"range":{"type":"array",)"
    R"("items":{"type":["number","null"]}},"better":{"enum":["higher","lower","none"]},"task_types":{"type":"array",)"
    R"("items":{"type":"string"}},"needs":{"type":"array","items":{"type":"string"}},"interval":{"type":"string"},)"
    R"("exact":{"type":"boolean"},"formula":{"type":"string"},"source":{"type":"string"}}}}}})";

#define AIML_EVENT                                                                                           \
    R"("deployment_id":{"type":"string"},"model_version":{"type":"string"},"request_id":{"type":"string"},)" \
    R"("trace_id":{"type":"string"},"timestamp":{"type":"string","format":"date-time"},)"                    \
    R"("prediction":{"type":"object"},"features":{"type":"object"},"metadata":{"type":"object"},)"           \
    R"("attributions":{"type":"object"},"latency_ms":{"type":"number"},"error_code":{"type":"string"},)"     \
    R"("prompt_version":{"type":"string"},"llm":{"type":"object"},"embeddings":{"type":"object"},)"          \
    R"("experiment":{"type":"object"},"shadow":{"type":"boolean"},"label":{"type":"object"},)"               \
    R"("label_ts":{"type":"string","format":"date-time"},"received_at":{"type":"string",)"                   \
    R"("format":"date-time"},"seq":{"type":"integer"})"

inline constexpr std::string_view kEvents =
    R"({"type":"object","required":["events","next_cursor"],"properties":{"events":{"type":"array","items":{)"
    R"("type":"object","properties":{)" AIML_EVENT R"(}}},"next_cursor":{"type":["string","null"]}}})";

inline constexpr std::string_view kEvent =
    R"({"type":"object","required":["deployment_id","request_id","timestamp","labels"],"properties":{)" AIML_EVENT
    R"(,"labels":{"type":"array","items":{"type":"object","properties":{"label":{"type":"object"},)"
    R"("label_ts":{"type":"string","format":"date-time"},"source":{"type":["string","null"]},)"
    R"("received_at":{"type":"string","format":"date-time"},"seq":{"type":"integer"}}}}}})";

#undef AIML_EVENT

#define AIML_DEPLOYMENT                                                                                       \
    R"("deployment_id":{"type":"string"},"task_type":{"type":"string"},)"                                     \
    R"("task_type_source":{"enum":["declared","inferred"]},"positive_class":{"type":["string","null"]},)"     \
    R"("positive_class_source":{"enum":["declared","inferred"]},"threshold":{"type":["number","null"]},)"     \
    R"("score_is":{"type":"string"},"cohort_keys":{"type":"array","items":{"type":"string"}},)"               \
    R"("headline":{"type":"array","items":{"type":"string"}},"events":{"type":"integer"},)"                   \
    R"("labels":{"type":"integer"},"label_coverage":{"type":["number","null"]},)"                             \
    R"("first_event":{"type":["string","null"]},"last_event":{"type":["string","null"]},)"                    \
    R"("model_versions":{"type":"array","items":{"type":"object"}},"events_per_minute":{"type":"number"},)"   \
    R"("errors_24h":{"type":"integer"},"latency_p95_ms":{"type":["number","null"]},)"                         \
    R"("health":{"enum":["ok","warn","quiet"]},"health_reason":{"type":"string"})"

inline constexpr std::string_view kDeployments =
    R"({"type":"object","required":["deployments","next_cursor"],"properties":{"deployments":{"type":"array",)"
    R"("items":{"type":"object","properties":{)" AIML_DEPLOYMENT R"(}}},"next_cursor":{"type":["string","null"]}}})";

inline constexpr std::string_view kDeployment =
    R"({"type":"object","required":["deployment_id","columns"],"properties":{)" AIML_DEPLOYMENT
    R"(,"columns":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},)"
    R"("role":{"type":"string"},"type":{"type":"string"},"distinct":{"type":"number"},"missing_rate":)"
    R"({"type":"number"},"min":{"type":"number"},"max":{"type":"number"},"examples":{"type":"array"}}}}}})";

#undef AIML_DEPLOYMENT

inline constexpr std::string_view kValues =
    R"({"type":"object","required":["column","values"],"properties":{"column":{"type":"string"},"values":{)"
    R"("type":"array","items":{"type":"object","required":["value","n"],"properties":{"value":{"type":["string",)"
    R"("number","boolean"]},"n":{"type":"integer"}}}}}})";

inline constexpr std::string_view kPerformance =
    R"({"type":"object","required":["model_version","deployments"],"properties":{"model_version":{"type":"string"},)"
    R"("deployments":{"type":"array","items":{"type":"object","properties":{"deployment_id":{"type":"string"},)"
    R"("task_type":{"type":"string"},"positive_class":{"type":["string","null"]},"from":{"type":"string"},)"
    R"("to":{"type":"string"},"events":{"type":"integer"},"exact":{"type":"boolean"},"metrics":{"type":"object"},)"
    R"("note":{"type":"string"}}}},"as_of_seq":{"type":"integer"}}})";

}  // namespace aiml042::api::schemas
