// PUT /v1/deployments/{deployment_id}: what cannot be seen from the events.

#include "api/admin_routes.h"
#include "api/answer.h"
#include "api/json_body.h"
#include "base/log.h"
#include "codec/json_writer.h"
#include "model/deployment.h"

namespace aiml042::api {

namespace {

constexpr std::size_t kCohortKeysMax = 16;

constexpr std::string_view kRequestSchema = R"({"type":"object","additionalProperties":false,"properties":{
"task_type":{"enum":["binary","multiclass","regression","quantile","ranking","llm","experiment","off_policy",null]},
"positive_class":{"type":["string","number","boolean","null"]},"threshold":{"type":["number","null"],"minimum":0,
"maximum":1},"cohort_keys":{"type":["array","null"],"maxItems":16,"uniqueItems":true,"items":{"type":"string"}},
"score_is":{"enum":["positive_class","predicted_class",null]}}})";

constexpr std::string_view kResponseSchema = R"({"type":"object","required":["deployment_id","task_type",
"task_type_source","positive_class","threshold","cohort_keys","score_is"],"properties":{"deployment_id":{
"type":"string"},"task_type":{"type":["string","null"]},"task_type_source":{"enum":["declared","inferred"]},
"positive_class":{"type":["string","null"]},"threshold":{"type":["number","null"]},"cohort_keys":{"type":"array",
"items":{"type":"string"}},"score_is":{"type":"string"}}})";

Result<model::DeploymentSettings> read_settings(std::string_view text) {
    AIML_ASSIGN(const JsonBody body,
                JsonBody::parse(text, {"task_type", "positive_class", "threshold", "cohort_keys", "score_is"}));
    model::DeploymentSettings settings;
    AIML_ASSIGN(const auto task, body.text("task_type", limits::kNameBytesMax));
    if (task) {
        settings.task_type = model::parse_task_type(*task);
        if (!settings.task_type || *settings.task_type == model::TaskType::kUnknown) {
            return Status(ErrorCode::kInvalidField, "there is no task type of this name", "/task_type");
        }
    }
    AIML_ASSIGN(settings.positive_class, body.scalar("positive_class", limits::kNameBytesMax));
    AIML_ASSIGN(settings.threshold, body.number("threshold", 0.0, 1.0));
    AIML_ASSIGN(auto keys, body.texts("cohort_keys", kCohortKeysMax, limits::kNameBytesMax));
    settings.cohort_keys = std::move(keys).value_or(std::vector<std::string>());
    AIML_ASSIGN(const auto score_is, body.text("score_is", limits::kNameBytesMax));
    if (score_is && *score_is != "positive_class" && *score_is != "predicted_class") {
        return Status(ErrorCode::kInvalidField, "score_is must be positive_class or predicted_class", "/score_is");
    }
    if (score_is == "predicted_class") {
        settings.score_is = model::ScoreIs::kPredictedClass;
    }
    return settings;
}

std::string settings_json(std::string_view deployment, const model::DeploymentSettings& settings) {
    codec::JsonWriter json;
    json.begin_object().field("deployment_id", deployment).key("task_type");
    if (settings.task_type) {
        json.string(model::task_type_name(*settings.task_type));
    } else {
        json.null();
    }
    json.field("task_type_source", settings.task_type ? "declared" : "inferred").key("positive_class");
    if (settings.positive_class) {
        json.string(*settings.positive_class);
    } else {
        json.null();
    }
    json.key("threshold");
    if (settings.threshold) {
        json.number(*settings.threshold);
    } else {
        json.null();
    }
    json.key("cohort_keys").begin_array();
    for (const std::string& key : settings.cohort_keys) {
        json.string(key);
    }
    const bool predicted = settings.score_is == model::ScoreIs::kPredictedClass;
    json.end_array().field("score_is", predicted ? "predicted_class" : "positive_class").end_object();
    return json.take();
}

Result<net::Response> declare(const Parts& parts, const Call& call) {
    const std::string_view deployment = call.path_parameter("deployment_id");
    if (deployment.size() > limits::kNameBytesMax) {
        return Status(ErrorCode::kInvalidField,
                      "a deployment_id has at most " + std::to_string(limits::kNameBytesMax) + " bytes",
                      "/deployment_id");
    }
    AIML_ASSIGN(const model::DeploymentSettings settings, read_settings(call.request->body));
    AIML_TRY(parts.catalog.declare(call.principal.project, deployment, settings));
    log_info("deployment_declared", {{"by", call.principal.key_id}, {"deployment_id", deployment}});
    return json_response(settings_json(deployment, settings));
}

}  // namespace

std::vector<Route> deployment_routes(const Parts& parts) {
    std::vector<Route> routes;
    routes.push_back({.method = net::Method::kPut,
                      .pattern = "/v1/deployments/{deployment_id}",
                      .scope = access::Scope::kAdmin,
                      .body = Body::kSmall,
                      .place = Place::kWorker,
                      .summary = "Declares what cannot be seen from the events; corrects what was inferred.",
                      .parameters = {},
                      .request_schema = kRequestSchema,
                      .response_schema = kResponseSchema,
                      .handle = answering([&parts](const Call& call) { return declare(parts, call); })});
    return routes;
}

}  // namespace aiml042::api
