#include "query/estimate_reference.h"

#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/json_value.h"

namespace aiml042::query {

namespace {

std::string text_of(const codec::JsonValue& source, std::string_view name) {
    const codec::JsonValue* member = source.find(name);
    return member == nullptr ? std::string() : member->string();
}

/// An end of the window, or what stands for an open one.
Timestamp end_of(const codec::JsonValue& source, std::string_view name, Timestamp open) {
    return parse_rfc3339(text_of(source, name)).value_or(open);
}

}  // namespace

Result<ReferenceRows> rows_of_reference(const Core& core,
                                        const MetricQuery& query,
                                        const Plan& plan,
                                        const ResolvedReference& reference) {
    if (!reference.stored) {
        return ReferenceRows{plan, reference.windows};
    }
    AIML_ASSIGN(const auto source, codec::JsonValue::parse(reference.stored->source));
    if (text_of(source, "kind") != "events" ||
        text_of(source, "deployment_id") != plan.deployment.name) {
        return Status(ErrorCode::kInvalidArgument,
                      "estimates learn from whole rows, and this reference keeps its columns "
                      "apart: name a window of labelled events, FROM/TO, or a reference that was "
                      "made of events of this deployment",
                      "/reference");
    }
    MetricQuery own = query;
    own.metrics = {"count"};
    own.step.reset();
    own.reference.reset();
    own.filter = text_of(source, "filter");
    own.model_version = text_of(source, "model_version");
    own.range = {end_of(source, "from", kTimestampMin), end_of(source, "to", kTimestampMax)};
    AIML_ASSIGN(Plan rows, make_plan(core, own));
    const TimeRange window = rows.buckets.range;
    return ReferenceRows{std::move(rows), {window}};
}

}  // namespace aiml042::query
