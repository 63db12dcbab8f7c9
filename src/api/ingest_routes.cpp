#include "api/ingest_routes.h"

#include <algorithm>

#include "api/media_type.h"
#include "api/ticket.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kEventSchema =
    R"({"type":"object","required":["deployment_id","model_version"],"properties":{
"deployment_id":{"$ref":"#/components/schemas/Id"},"model_version":{"$ref":"#/components/schemas/Id"},
"request_id":{"$ref":"#/components/schemas/Id"},"trace_id":{"$ref":"#/components/schemas/Id"},"timestamp":{"type":["string","number"]},
"prediction":{"type":["object","number"]},"score":{"type":"number"},
"features":{"type":"object","propertyNames":{"$ref":"#/components/schemas/Name"},
"additionalProperties":{"type":["number","string","boolean","null"]}},
"embeddings":{"type":"object"},
"attributions":{"type":"object","propertyNames":{"$ref":"#/components/schemas/Name"},
"additionalProperties":{"type":"number"}},
"latency_ms":{"type":"number","minimum":0},"error_code":{"$ref":"#/components/schemas/Name"},
"metadata":{"type":"object","propertyNames":{"$ref":"#/components/schemas/Name"},
"additionalProperties":{"type":["number","string","boolean","null"]}},
"prompt_version":{"$ref":"#/components/schemas/Name"},"llm":{"type":"object"},
"experiment":{"type":"object","properties":{"id":{"$ref":"#/components/schemas/Name"},
"variant":{"$ref":"#/components/schemas/Name"}}},
"shadow":{"type":"boolean"}}})";

constexpr std::string_view kLabelSchema =
    R"({"type":"object","required":["request_id","label"],"properties":{
"request_id":{"$ref":"#/components/schemas/Id"},"deployment_id":{"$ref":"#/components/schemas/Id"},
"label":{"type":["object","string","number","boolean"]},"label_ts":{"type":["string","number"]},
"source":{"$ref":"#/components/schemas/Name"}}})";

constexpr int kNothingTaken = 422;

/// The members of a problem document: the first refusal stands for all.
void write_problem(codec::JsonWriter& json,
                   const ingest::Outcome& outcome,
                   std::string_view request_id) {
    const Status why = outcome.rejected.empty()
                           ? Status(ErrorCode::kNoItems, "the body has no items")
                           : outcome.rejected[0].status;
    const ErrorInfo& info = error_info(why.code());
    json.field("type", "urn:aiml042:error:" + std::string(info.code))
        .field("title", info.title)
        .field("status", std::uint64_t{kNothingTaken})
        .field("code", info.code)
        .field("detail", why.detail())
        .field("request_id", request_id);
}

void write_counts(codec::JsonWriter& json, const ingest::Outcome& outcome) {
    json.field("ingested", outcome.ingested)
        .field("duplicates", outcome.duplicates)
        .key("rejected")
        .begin_array();
    const std::size_t shown = std::min(outcome.rejected.size(), limits::kRejectionsShownMax);
    for (std::size_t i = 0; i < shown; ++i) {
        const codec::Rejection& rejection = outcome.rejected[i];
        json.begin_object()
            .field("index", rejection.index)
            .field("code", error_info(rejection.status.code()).code)
            .field("detail", rejection.status.detail())
            .field("pointer", rejection.status.pointer())
            .end_object();
    }
    json.end_array();
    if (shown < outcome.rejected.size()) {
        json.field("rejected_total", std::uint64_t{outcome.rejected.size()});
    }
}

/// What happens once everything of a request is durable. Called on the log's committer thread, so
/// only a short list of rejections is written there.
void answer_outcome(const Parts& parts,
                    const std::shared_ptr<net::Reply>& reply,
                    const std::shared_ptr<access::KeyUse>& use,
                    const std::string& request_id,
                    Result<ingest::Outcome> result) {
    static constexpr std::size_t kWrittenHere = 16;
    if (!result.is_ok()) {
        reply->send(problem_response(result.status(), request_id));
        return;
    }
    const auto outcome = std::make_shared<ingest::Outcome>(std::move(*result));
    if (use != nullptr) {
        const std::size_t items =
            outcome->ingested + outcome->duplicates + outcome->rejected.size();
        use->items.charge(items, parts.clock.steady());
    }
    const auto answer = [reply, outcome, request_id] {
        reply->send(ingest_answer(*outcome, request_id));
    };
    if (outcome->rejected.size() <= kWrittenHere || !parts.pool.try_run(answer)) {
        answer();
    }
}

void ingest(const Parts& parts, codec::BatchKind kind, const Call& call, net::Reply reply) {
    const net::Request& request = *call.request;
    const auto form = body_form_of(request);
    const auto encoding = encoding_of(request);
    if (!form.is_ok() || !encoding.is_ok()) {  // Admission saw to it; the head cannot have changed.
        reply.send(
            problem_response(form.is_ok() ? encoding.status() : form.status(), request.request_id));
        return;
    }
    const ingest::Submission submission{.project = call.principal.project,
                                        .kind = kind,
                                        .form = *form,
                                        .encoding = *encoding,
                                        .body = request.body,
                                        .arrival = parts.clock.now()};
    const auto shared_reply = std::make_shared<net::Reply>(std::move(reply));
    parts.ports.submit(
        submission,
        [&parts, shared_reply, use = ticket_of(request).use, id = request.request_id](
            Result<ingest::Outcome> result) {
            answer_outcome(parts, shared_reply, use, id, std::move(result));
        });
}

Route ingest_route(const Parts& parts, codec::BatchKind kind) {
    const bool events = kind == codec::BatchKind::kEvents;
    return {.method = net::Method::kPost,
            .pattern = events ? "/v1/ingest/metrics" : "/v1/labels",
            .scope = access::Scope::kIngestWrite,
            .body = Body::kIngest,
            .place = Place::kInline,
            .summary =
                events
                    ? "Takes inference events: one object, an array, or NDJSON. 200 means on disk."
                    : "Takes labels, which may come before their events or weeks after. 200 means "
                      "on disk.",
            .parameters = {},
            .request_schema = events ? kEventSchema : kLabelSchema,
            .response_schema = kTakenSchema,
            .other_answer = kNothingTakenDoc,
            .handle = [&parts, kind](const Call& call, net::Reply reply) {
                ingest(parts, kind, call, std::move(reply));
            }};
}

}  // namespace

net::Response ingest_answer(const ingest::Outcome& outcome, std::string_view request_id) {
    codec::JsonWriter json;
    json.begin_object();
    const bool taken = outcome.ingested + outcome.duplicates > 0;
    if (taken) {
        json.field("status", "ok");
    } else {
        write_problem(json, outcome, request_id);
    }
    write_counts(json, outcome);
    json.end_object();
    net::Response response = json_response(json.take(), taken ? 200 : kNothingTaken);
    if (!taken) {
        response.content_type = "application/problem+json";
    }
    if (outcome.last != 0) {
        response.headers.emplace_back("X-Aiml042-Seq", std::to_string(outcome.last));
    }
    return response;
}

std::vector<Route> ingest_routes(const Parts& parts) {
    std::vector<Route> routes;
    routes.push_back(ingest_route(parts, codec::BatchKind::kEvents));
    routes.push_back(ingest_route(parts, codec::BatchKind::kLabels));
    return routes;
}

}  // namespace aiml042::api
