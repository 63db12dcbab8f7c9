#include "query/concept_drift.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/ranges.h>

#include "codec/json_writer.h"
#include "query/error_stream.h"
#include "query/plan.h"
#include "stats/adwin.h"
#include "stats/ddm.h"
#include "stats/exact_sum.h"
#include "stats/kswin.h"
#include "stats/page_hinkley.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using Update = std::function<std::optional<stats::Change>(double)>;

constexpr std::size_t kChangesMax = 1'000;  // Written of one detector, and of warning zones.
constexpr std::array<std::string_view, 4> kDetectors = {"ddm", "adwin", "page_hinkley", "kswin"};

/// A warning zone: from where it was entered to where it was left, or became a change.
struct Zone {
    ErrorOfEvent from;
    std::optional<ErrorOfEvent> to;  // Empty: it has not ended.
    bool changed = false;
};

struct Found {
    ErrorOfEvent event;
    std::uint64_t index = 0;  // Among the labelled events.
    stats::Change change;
};

/// One detector and what it has said.
struct Watch {
    std::string_view name;
    Update update;
    stats::Ddm* warns = nullptr;  // Owned by `update`.
    std::vector<Found> changes = {};
    std::uint64_t changes_total = 0;
    std::vector<Zone> zones = {};
    std::uint64_t zones_total = 0;
    bool in_zone = false;
};

template <typename Detector>
Update updating() {
    return [detector = std::make_shared<Detector>()](double x) { return detector->update(x); };
}

Watch make_watch(std::string_view name) {
    if (name == "adwin") {
        return {.name = name, .update = updating<stats::Adwin>()};
    }
    if (name == "page_hinkley") {
        return {.name = name, .update = updating<stats::PageHinkley>()};
    }
    if (name == "kswin") {
        return {.name = name, .update = updating<stats::Kswin>()};
    }
    const auto ddm = std::make_shared<stats::Ddm>();
    return {.name = name,
            .update = [ddm](double x) { return ddm->update(x > 0.5); },
            .warns = ddm.get()};
}

void follow_zone(Watch& watch, const ErrorOfEvent& event, bool changed) {
    const bool inside = watch.warns->warning();
    if (inside && !watch.in_zone) {
        ++watch.zones_total;
        if (watch.zones.size() < kChangesMax) {
            watch.zones.push_back({.from = event, .to = std::nullopt});
        }
    }
    if (!inside && watch.in_zone && watch.zones.size() == watch.zones_total) {
        watch.zones.back().to = event;
        watch.zones.back().changed = changed;
    }
    watch.in_zone = inside;
}

void feed(Watch& watch, const ErrorOfEvent& event, std::uint64_t index) {
    const std::optional<stats::Change> change = watch.update(event.error);
    if (watch.warns != nullptr) {
        follow_zone(watch, event, change.has_value());
    }
    if (!change) {
        return;
    }
    ++watch.changes_total;
    if (watch.changes.size() < kChangesMax) {
        watch.changes.push_back({event, index, *change});
    }
}

bool of_values(const Plan& plan) {
    return metrics::reads(plan.families.front().family->inputs, metrics::Input::kPredictedValue);
}

/// The plan of the error of the deployment's task.
Result<Plan> plan_of_errors(const Core& core, const MetricQuery& rows) {
    MetricQuery query = rows;
    query.metrics = {"count"};
    AIML_ASSIGN(const Plan any, make_plan(core, query));
    const model::TaskType task = any.profile.task;
    const bool regression =
        task == model::TaskType::kRegression || task == model::TaskType::kQuantile;
    if (!regression && !any.scan.understanding.classifies()) {
        return Status(ErrorCode::kInvalidArgument,
                      "this deployment's task has no error per event: concept drift is told of "
                      "classifiers and regressions",
                      "/deployment_id");
    }
    query = rows;
    query.metrics = {regression ? "mae" : "accuracy"};
    return make_plan(core, query);
}

Result<std::vector<Watch>> watches_of(const ConceptDriftRequest& request, const Plan& plan) {
    const bool values = of_values(plan);
    std::vector<Watch> out;
    for (const std::string_view name : kDetectors) {
        const bool asked = std::ranges::find(request.detectors, name) != request.detectors.end();
        if (asked && values && name == "ddm") {
            return Status(ErrorCode::kInvalidArgument,
                          "ddm watches errors of 0 and 1; this deployment's are absolute errors: "
                          "take adwin, page_hinkley or kswin",
                          "/detector");
        }
        if (asked || (request.detectors.empty() && !(values && name == "ddm"))) {
            out.push_back(make_watch(name));
        }
    }
    return out;
}

Status check_names(const std::vector<std::string>& names) {
    const bool known = std::ranges::all_of(names, [](const std::string& name) {
        return std::ranges::find(kDetectors, name) != kDetectors.end();
    });
    return known ? Status::ok()
                 : Status(ErrorCode::kInvalidArgument,
                          fmt::format("detector is one of {}", fmt::join(kDetectors, ", ")),
                          "/detector");
}

void write_parameters(JsonWriter& writer, std::string_view detector) {
    writer.key("parameters").begin_object();
    if (detector == "adwin") {
        writer.field("delta", stats::Adwin::kDelta).field("clock", stats::Adwin::kClock);
    } else if (detector == "page_hinkley") {
        writer.field("delta", stats::PageHinkley::kDelta)
            .field("threshold", stats::PageHinkley::kThreshold)
            .field("alpha", stats::PageHinkley::kAlpha)
            .field("min_events", stats::PageHinkley::kRowsMin);
    } else if (detector == "kswin") {
        writer.field("alpha", stats::Kswin::kAlpha)
            .field("window", stats::Kswin::kWindow)
            .field("recent", stats::Kswin::kRecent);
    } else {
        writer.field("warning", stats::Ddm::kWarning)
            .field("drift", stats::Ddm::kDrift)
            .field("min_events", stats::Ddm::kRowsMin);
    }
    writer.end_object();
}

Status write_changes(JsonWriter& writer, const Plan& plan, const Watch& watch) {
    writer.key("changes").begin_array();
    for (const Found& found : watch.changes) {
        AIML_ASSIGN(const std::string id, request_id_of(plan, found.event));
        writer.begin_object()
            .field("ts", format_rfc3339(found.event.ts))
            .field("request_id", id)
            .field("index", found.index)
            .field("before", found.change.before)
            .field("after", found.change.after)
            .field("direction", found.change.after >= found.change.before ? "up" : "down")
            .end_object();
    }
    writer.end_array().field("changes_total", watch.changes_total);
    return Status::ok();
}

void write_zones(JsonWriter& writer, const Watch& watch) {
    writer.key("warnings").begin_array();
    for (const Zone& zone : watch.zones) {
        writer.begin_object().field("from", format_rfc3339(zone.from.ts)).key("to");
        if (zone.to) {
            writer.string(format_rfc3339(zone.to->ts));
        } else {
            writer.null();
        }
        writer.field("became_change", zone.changed).end_object();
    }
    writer.end_array().field("warnings_total", watch.zones_total);
}

}  // namespace

Result<std::string> concept_drift_json(const Core& core, const ConceptDriftRequest& request) {
    AIML_TRY(check_names(request.detectors));
    const Lsn as_of_sequence = core.store.visible();
    AIML_ASSIGN(const Plan plan, plan_of_errors(core, request.rows));
    AIML_ASSIGN(std::vector<Watch> watches, watches_of(request, plan));
    std::uint64_t events = 0;
    stats::ExactSum sum;
    AIML_TRY(for_each_error(core, plan, [&](const ErrorOfEvent& event) {
        for (Watch& watch : watches) {
            feed(watch, event, events);
        }
        sum.add(event.error);
        ++events;
        return Status::ok();
    }));
    JsonWriter writer;
    writer.begin_object()
        .field("deployment_id", request.rows.deployment)
        .field("from", format_rfc3339(plan.buckets.range.from))
        .field("to", format_rfc3339(plan.buckets.range.to))
        .field("task_type", model::task_type_name(plan.profile.task))
        .field("error", of_values(plan) ? "absolute_error" : "wrong_class")
        .field("events", events)
        .key("mean_error");
    if (events > 0) {
        writer.number(sum.value() / static_cast<double>(events));
    } else {
        writer.null().field("reason", "no labelled events with a prediction");
    }
    writer.key("detectors").begin_array();
    for (const Watch& watch : watches) {
        writer.begin_object().field("detector", watch.name);
        write_parameters(writer, watch.name);
        AIML_TRY(write_changes(writer, plan, watch));
        if (watch.warns != nullptr) {
            write_zones(writer, watch);
        }
        writer.end_object();
    }
    writer.end_array().field("as_of_seq", as_of_sequence).end_object();
    return writer.take();
}

}  // namespace aiml042::query
