#include "api/system_routes.h"

#include <algorithm>

#include "api/answer.h"
#include "api/first_project.h"
#include "base/counter.h"
#include "base/log.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kStatusSchema =
    R"({"type":"object","required":["status"],"properties":{"status":{
"type":"string"},"reasons":{"type":"array","items":{"type":"string"}},"warnings":{"type":"array",
"description":"What is wrong although requests are served; left out when nothing is.","items":{"type":"string"}}}})";

constexpr std::string_view kSystemSchema =
    R"({"type":"object","required":["version","started_at","uptime_s","seq","events","labels","dead_letters","retention"],
"description":"Events, labels and dead letters are of the project; sizes, ingest_rate and scrub are of the server, for the first project only.",
"properties":{"version":{"type":"string"},
"started_at":{"type":"string","format":"date-time"},"uptime_s":{"type":"number"},"seq":{"type":"integer"},
"events":{"type":"integer"},"labels":{"type":"integer"},"disk_bytes":{"type":"integer"},
"disk_free_bytes":{"type":"integer"},"log_bytes":{"type":"integer"},"memory_bytes":{"type":"integer"},
"ingest_rate":{"type":"number"},"dead_letters":{"type":"integer"},
"scrub":{"type":["object","null"],"description":"Of stored bytes against their checksums; null when it is off.",
"properties":{"last_pass":{"type":["string","null"],"format":"date-time"},"damaged":{"type":"integer"},
"items":{"type":"array","items":{"type":"object","properties":{"file":{"type":"string"},"item":{"type":"string"},
"detail":{"type":"string"}}}}}},
"retention":{"type":"object","properties":{"suspended":{"type":"boolean",
"description":"Nothing is deleted by age: the wall clock moved by more than an hour against the time that went by."},
"clock_moved_s":{"type":"number"}}}}})";

constexpr std::string_view kRetentionStateSchema =
    R"({"type":"object","required":["suspended","clock_moved_s"],"properties":{
"suspended":{"type":"boolean"},"clock_moved_s":{"type":"number"}}})";

constexpr std::size_t kItemsShownMax = 100;

net::Response ready(const Parts& parts) {
    const std::vector<std::string> reasons = parts.ports.not_ready();
    codec::JsonWriter json;
    json.begin_object()
        .field("status", reasons.empty() ? "ready" : "not_ready")
        .key("reasons")
        .begin_array();
    for (const std::string& reason : reasons) {
        json.string(reason);
    }
    json.end_array();
    if (const auto warnings = parts.ports.warnings(); !warnings.empty()) {
        json.key("warnings").begin_array();
        for (const std::string& warning : warnings) {
            json.string(warning);
        }
        json.end_array();
    }
    json.end_object();
    net::Response response = json_response(json.take(), reasons.empty() ? 200 : 503);
    if (!reasons.empty()) {
        response.headers.emplace_back("Retry-After", "1");
    }
    return response;
}

void write_scrub(codec::JsonWriter& json, const std::optional<ScrubNumbers>& scrub) {
    json.key("scrub");
    if (!scrub) {
        json.null();
        return;
    }
    json.begin_object().key("last_pass");
    if (scrub->last_pass) {
        json.string(format_rfc3339(*scrub->last_pass));
    } else {
        json.null();
    }
    json.field("damaged", scrub->damaged).key("items").begin_array();
    for (std::size_t i = 0; i < std::min(scrub->items.size(), kItemsShownMax); ++i) {
        const ScrubFault& fault = scrub->items[i];
        json.begin_object()
            .field("file", fault.file)
            .field("item", fault.item)
            .field("detail", fault.detail)
            .end_object();
    }
    json.end_array().end_object();
}

void write_retention(codec::JsonWriter& json, const SystemNumbers& numbers) {
    json.begin_object()
        .field("suspended", numbers.retention_suspended)
        .field("clock_moved_s",
               static_cast<double>(numbers.clock_moved) / static_cast<double>(kSecond))
        .end_object();
}

/// Retention is everybody's, so it takes whoever may also make projects.
Result<net::Response> confirm_clock(const Parts& parts, const Call& call) {
    AIML_TRY(only_first_project(parts.catalog,
                                call.principal,
                                "The clock is confirmed by administrators of the first project."));
    const SystemNumbers before = parts.ports.system(call.principal.project);
    parts.ports.confirm_clock();
    log_info("clock_confirmed",
             {{"by", call.principal.key_id}, {"moved_s", before.clock_moved / kSecond}});
    codec::JsonWriter json;
    write_retention(json, parts.ports.system(call.principal.project));
    return json_response(json.take());
}

net::Response system(const Parts& parts,
                     const AppOptions& options,
                     Timestamp started_at,
                     const Call& call) {
    const SystemNumbers numbers = parts.ports.system(call.principal.project);
    const Timestamp up_ms = (parts.clock.now() - started_at) / kMillisecond;
    codec::JsonWriter json;
    json.begin_object()
        .field("version", options.version)
        .field("started_at", format_rfc3339(started_at))
        .field("uptime_s", static_cast<double>(up_ms) / 1e3)
        .field("seq", numbers.sequence)
        .field("events", numbers.events)
        .field("labels", numbers.labels)
        .field("dead_letters", parts.catalog.dead_letter_count(call.principal.project));
    if (of_first_project(parts.catalog, call.principal)) {
        json.field("disk_bytes", numbers.disk_bytes)
            .field("disk_free_bytes", numbers.disk_free_bytes)
            .field("log_bytes", numbers.log_bytes)
            .field("memory_bytes", numbers.memory_bytes)
            .field("ingest_rate", numbers.ingest_per_second);
        write_scrub(json, numbers.scrub);
    }
    json.key("retention");
    write_retention(json, numbers);
    json.end_object();
    return json_response(json.take());
}

Result<net::Response> counters() {
    net::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus_text();
    return response;
}

Result<net::Response> counters_for(const Parts& parts, const Call& call) {
    AIML_TRY(
        only_first_project(parts.catalog,
                           call.principal,
                           "The counters are of all projects: they take a key of the first one."));
    return counters();
}

Route read_route(std::string_view pattern,
                 access::Scope scope,
                 Place place,
                 std::string_view summary,
                 std::string_view schema) {
    return {.method = net::Method::kGet,
            .pattern = pattern,
            .scope = scope,
            .body = Body::kNone,
            .place = place,
            .summary = summary,
            .parameters = {},
            .request_schema = "",
            .response_schema = schema,
            .handle = nullptr};
}

}  // namespace

std::vector<Route> system_routes(const Parts& parts,
                                 const AppOptions& options,
                                 const std::string& openapi) {
    using access::Scope;
    std::vector<Route> routes;
    routes.push_back(read_route(
        "/healthz", Scope::kNone, Place::kInline, "200 while the process lives.", kStatusSchema));
    routes.back().handle = answering([](const Call& /*call*/) {
        return Result<net::Response>(json_response(R"({"status":"ok"})"));
    });

    routes.push_back(read_route("/readyz",
                                Scope::kNone,
                                Place::kInline,
                                "200 when requests will be served, else 503 with why not.",
                                kStatusSchema));
    routes.back().other_answer = {.status = "503",
                                  .text = "Not now, and why.",
                                  .media_type = "application/json",
                                  .schema = kStatusSchema};
    routes.back().handle =
        answering([&parts](const Call& /*call*/) { return Result<net::Response>(ready(parts)); });

    routes.push_back(read_route("/metrics",
                                options.metrics_open ? Scope::kNone : Scope::kMetricsRead,
                                Place::kWorker,
                                "Counters of the server itself, in Prometheus text format; for "
                                "keys of the first project, or for all with server.metrics_open.",
                                R"({"type":"string"})"));
    routes.back().handle = answering([&parts, open = options.metrics_open](const Call& call) {
        return open ? counters() : counters_for(parts, call);
    });

    routes.push_back(read_route("/v1/system",
                                Scope::kMetricsRead,
                                Place::kWorker,
                                "Version, sizes and rates.",
                                kSystemSchema));
    routes.back().handle =
        answering([&parts, &options, started_at = parts.clock.now()](const Call& call) {
            return Result<net::Response>(system(parts, options, started_at, call));
        });

    routes.push_back(
        {.method = net::Method::kPost,
         .pattern = "/v1/system/clock/confirm",
         .scope = Scope::kAdmin,
         .body = Body::kNone,
         .place = Place::kWorker,
         .summary = "Says that the wall clock is right although it was moved, so that retention "
                    "goes on; for administrators of the first project.",
         .parameters = {},
         .request_schema = "",
         .response_schema = kRetentionStateSchema,
         .handle = answering([&parts](const Call& call) { return confirm_clock(parts, call); })});

    routes.push_back(read_route(
        "/openapi.json",
        Scope::kNone,
        Place::kInline,
        "This document.",
        R"({"type":"object","required":["openapi","info","paths","components"],"additionalProperties":true})"));
    routes.back().handle = answering(
        [&openapi](const Call& /*call*/) { return Result<net::Response>(json_response(openapi)); });
    return routes;
}

}  // namespace aiml042::api
