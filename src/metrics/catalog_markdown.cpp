#include <string>

#include <fmt/format.h>

#include "metrics/metric_files.h"

namespace aiml042::metrics {

namespace {

/// Text inside a table cell: bars would end it.
void append_cell(std::string& out, std::string_view text) {
    out += ' ';
    for (const char c : text) {
        if (c == '|') {
            out += '\\';
        }
        out += c;
    }
    out += " |";
}

std::string range_of(const MetricSpec& spec) {
    const auto number = [](const std::optional<double>& limit, std::string_view otherwise) {
        return limit ? fmt::format("{:.4g}", *limit) : std::string(otherwise);
    };
    std::string out = spec.min ? "[" : "(";
    out += number(spec.min, "-inf") + ", " + number(spec.max, "inf");
    out += spec.max ? "]" : ")";
    return out;
}

std::string tasks_of(const MetricSpec& spec) {
    if (spec.tasks == task_bits({TaskBit::kAny})) {
        return "any";
    }
    constexpr std::pair<TaskBit, std::string_view> kNames[] = {{TaskBit::kBinary, "binary"},
                                                               {TaskBit::kMulticlass, "multiclass"},
                                                               {TaskBit::kRegression, "regression"},
                                                               {TaskBit::kRanking, "ranking"},
                                                               {TaskBit::kLlm, "llm"}};
    std::string out;
    for (const auto& [bit, name] : kNames) {
        if ((spec.tasks & static_cast<std::uint32_t>(bit)) != 0) {
            out += (out.empty() ? "" : ", ") + std::string(name);
        }
    }
    return out;
}

}  // namespace

std::string catalog_markdown() {
    std::string out =
        "# Metrics\n\nWritten by the program from its own catalogue; do not edit.\n\n"
        "Metrics of labels use the labelled events only; `n` is their number. A value that does "
        "not exist is null with a "
        "reason.\n\"Better\": + higher, - lower. \"Approximate\": large ranges may be answered "
        "from sketches, with the "
        "error bound in the\nanswer, unless `exact=true`.\n";
    std::string_view group;
    for (const MetricSpec& spec : catalog()) {
        if (spec.group != group) {
            group = spec.group;
            out += "\n## " + std::string(group) + "\n\n";
            out +=
                "| name | meaning | formula | unit | range | better | tasks | interval | "
                "approximate | source |\n";
            out += "|---|---|---|---|---|---|---|---|---|---|\n";
        }
        out += "|";
        append_cell(out,
                    spec.alias.empty()
                        ? "`" + std::string(spec.name) + "`"
                        : "`" + std::string(spec.name) + "`, `" + std::string(spec.alias) + "`");
        append_cell(out, spec.title);
        append_cell(out, spec.formula);
        append_cell(out, spec.unit.empty() ? "-" : spec.unit);
        append_cell(out, range_of(spec));
        append_cell(out, spec.direction > 0 ? "+" : spec.direction < 0 ? "-" : "");
        append_cell(out, tasks_of(spec));
        append_cell(out, spec.interval.empty() ? "-" : spec.interval);
        append_cell(out, spec.family->sketches && spec.name != "latency_mean" ? "yes" : "");
        append_cell(out, spec.source.empty() ? "-" : spec.source);
        out += "\n";
    }
    return out;
}

}  // namespace aiml042::metrics
