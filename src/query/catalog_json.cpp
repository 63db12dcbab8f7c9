// The catalogue of metrics as JSON.

#include <optional>
#include <string_view>
#include <utility>

#include "codec/json_writer.h"
#include "metrics/metric.h"
#include "query/describe.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;

void write_tasks(JsonWriter& writer, std::uint32_t tasks) {
    constexpr std::pair<metrics::TaskBit, std::string_view> kTasks[] = {
        {metrics::TaskBit::kBinary, "binary"},
        {metrics::TaskBit::kMulticlass, "multiclass"},
        {metrics::TaskBit::kRegression, "regression"},
        {metrics::TaskBit::kRanking, "ranking"},
        {metrics::TaskBit::kLlm, "llm"}};
    writer.key("task_types").begin_array();
    for (const auto& [bit, name] : kTasks) {
        if ((tasks & static_cast<std::uint32_t>(bit)) != 0) {
            writer.string(name);
        }
    }
    writer.end_array();
}

/// What may follow the @ of the name; nothing for most metrics.
void write_parameter(JsonWriter& writer, const metrics::MetricSpec& spec) {
    using Parameter = metrics::MetricSpec::Parameter;
    if (spec.parameter == Parameter::kNone) {
        return;
    }
    writer.key("parameter")
        .begin_object()
        .field("name", spec.parameter == Parameter::kQuantile ? "quantile" : "k")
        .field("accepts",
               spec.parameter == Parameter::kTop    ? "a number of rows or a share of them"
               : spec.parameter == Parameter::kRank ? "a whole number"
                                                    : "a number between 0 and 1")
        .field("required", !spec.parameter_optional)
        .end_object();
}

void write_bound(JsonWriter& writer, const std::optional<double>& bound) {
    if (bound) {
        writer.number(*bound);
    } else {
        writer.null();
    }
}

}  // namespace

std::string catalog_json() {
    JsonWriter writer;
    writer.begin_object().key("metrics").begin_array();
    for (const metrics::MetricSpec& spec : metrics::catalog()) {
        writer.begin_object()
            .field("name", spec.name)
            .field("alias", spec.alias)
            .field("title", spec.title)
            .field("family", spec.group)
            .field("unit", spec.unit)
            .key("range")
            .begin_array();
        write_bound(writer, spec.min);
        write_bound(writer, spec.max);
        writer.end_array().field("better",
                                 spec.direction > 0   ? "higher"
                                 : spec.direction < 0 ? "lower"
                                                      : "none");
        write_tasks(writer, spec.tasks);
        write_parameter(writer, spec);
        writer.key("needs").begin_array();
        if (!spec.family->label_free) {
            writer.string("labels");
        }
        writer.end_array()
            .field("exact", !spec.family->sketches)
            .field("explainable", spec.rows != nullptr)
            .field("interval", spec.interval)
            .field("formula", spec.formula)
            .field("source", spec.source)
            .end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

}  // namespace aiml042::query
