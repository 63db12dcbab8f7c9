// Every metric over the real replays of the shared data against their reference answers, to 1e-9.

#include <cmath>
#include <unordered_map>

#include <catch2/catch.hpp>

#include "base/time.h"
#include "json_lines.h"
#include "metrics/curves.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

namespace dom = simdjson::dom;

struct Replay {
    RowTable table;
    TaskBit task = TaskBit::kBinary;
    FinishOptions options;
    std::unordered_map<std::string, std::size_t> rows;  // By request id.
};

std::string text(simdjson::simdjson_result<dom::element> element) {
    std::string_view out;
    return element.get(out) == simdjson::SUCCESS ? std::string(out) : std::string();
}

void read_event(Replay& replay, dom::element event) {
    RowTable& t = replay.table;
    const std::size_t row = t.add_row();
    replay.rows[text(event["request_id"])] = row;
    t.timestamp[row] = parse_rfc3339(text(event["timestamp"])).value();
    t.latency_ms[row] = number(event["latency_ms"]).value_or(kMissing);
    const auto prediction = event["prediction"];
    if (const std::string name = text(prediction["class"]); !name.empty()) {
        t.predicted_class[row] = t.code(name);
    }
    t.score[row] = number(prediction["score"]).value_or(kMissing);
    t.predicted_value[row] = number(prediction["value"]).value_or(kMissing);
    dom::object scores;
    if (prediction["scores"].get(scores) == simdjson::SUCCESS) {
        for (const auto& field : scores) {
            t.set_class_score(
                row, t.code(std::string(field.key)), number(field.value).value_or(kMissing));
        }
    }
}

void read_label(Replay& replay, dom::element item) {
    RowTable& t = replay.table;
    const auto found = replay.rows.find(text(item["request_id"]));
    if (found == replay.rows.end()) {
        return;  // Some replays have labels whose event never comes.
    }
    const std::size_t row = found->second;
    t.labelled[row] = 1;
    const Timestamp delay = parse_rfc3339(text(item["label_ts"])).value() - t.timestamp[row];
    t.label_delay_s[row] = static_cast<double>(delay) / static_cast<double>(kSecond);
    if (const std::string name = text(item["label"]["class"]); !name.empty()) {
        t.label_class[row] = t.code(name);
    }
    t.label_value[row] = number(item["label"]["value"]).value_or(kMissing);
}

/// Empty where the replay is not of a task we answer here.
bool read_replay(const std::filesystem::path& folder, Replay& replay) {
    dom::parser parser;
    const std::string manifest_text = read_file(folder / "manifest.json");
    const dom::element manifest = parser.parse(manifest_text);
    const std::string task = text(manifest["task"]);
    if (task != "binary" && task != "multiclass" && task != "regression") {
        return false;
    }
    replay.task = task == "binary"       ? TaskBit::kBinary
                  : task == "multiclass" ? TaskBit::kMulticlass
                                         : TaskBit::kRegression;
    if (replay.task == TaskBit::kBinary) {
        replay.options.family.positive_class = replay.table.code(text(manifest["positive_class"]));
    }
    if (replay.task == TaskBit::kMulticlass) {
        replay.options.average = FinishOptions::Average::kMacro;
    }
    for_each_line(folder / "events.ndjson.gz",
                  [&](dom::element event) { read_event(replay, event); });
    for_each_line(folder / "labels.ndjson.gz",
                  [&](dom::element label) { read_label(replay, label); });
    replay.table.derive_class_columns();
    return true;
}

void check_close(std::string_view name, const Estimate& got, std::optional<double> expected) {
    INFO(name << ": " << got.reason);
    REQUIRE(got.value.has_value() == expected.has_value());
    if (expected) {
        INFO("got " << *got.value << ", expected " << *expected);
        CHECK(std::fabs(*got.value - *expected) <= 1e-9 * std::max(1.0, std::fabs(*expected)));
    }
}

/// One name of reference.json: our metric and options. Empty: not ours (yet), or not a metric.
struct Asked {
    std::string_view metric;
    FinishOptions options;
};

std::optional<Asked> asked(std::string_view key, const FinishOptions& base) {
    using Average = FinishOptions::Average;
    Asked out{key, base};
    const auto use = [&out](std::string_view metric, auto&& change) {
        out.metric = metric;
        change(out.options);
        return std::optional(out);
    };
    const auto keep = [](FinishOptions&) {};
    if (key == "f2") {
        return use("fbeta", [](FinishOptions& o) { o.beta = 2.0; });
    }
    if (key == "ece10" || key == "ece10_top") {
        return use("ece", keep);
    }
    if (key == "ece15") {
        return use("ece", [](FinishOptions& o) { o.family.bins = 15; });
    }
    if (key == "mce10") {
        return use("mce", keep);
    }
    if (key == "ace10") {
        return use("ace", keep);
    }
    if (key == "roc_auc_ovr_macro") {
        return use("roc_auc", keep);
    }
    for (const auto& [suffix, average] :
         {std::pair{std::string_view("_macro"), Average::kMacro},
          std::pair{std::string_view("_micro"), Average::kMicro},
          std::pair{std::string_view("_weighted"), Average::kWeighted}}) {
        if (key.ends_with(suffix)) {
            return use(key.substr(0, key.size() - suffix.size()),
                       [average = average](FinishOptions& o) { o.average = average; });
        }
    }
    return find_metric(key) != nullptr ? std::optional(out) : std::nullopt;
}

void check_curves(const Replay& replay, dom::element overall) {
    dom::array bins;
    if (overall["reliability10"].get(bins) != simdjson::SUCCESS) {
        return;
    }
    const Family& family =
        curve_family(CurveKind::kReliability, replay.task, replay.options.family);
    const auto curve =
        reliability_curve(*state_of(family, replay.options.family, replay.table), replay.options);
    std::size_t i = 0;
    for (const dom::element bin : bins) {
        REQUIRE(i < curve.points.size());
        const ReliabilityPoint& point = curve.points[i++];
        CHECK(static_cast<double>(point.n) == number(bin["n"]));
        CHECK(point.lo == Approx(*number(bin["lo"])));
        check_close("mean_score", {.value = point.mean_score}, number(bin["mean_score"]));
        check_close("positive_rate", {.value = point.positive_rate}, number(bin["positive_rate"]));
    }
    CHECK(i == curve.points.size());
}

void check_per_class(const Replay& replay, dom::element metrics) {
    dom::object per_class;
    if (metrics["per_class"].get(per_class) != simdjson::SUCCESS) {
        return;
    }
    for (const auto& field : per_class) {
        FinishOptions options = replay.options;
        options.average = FinishOptions::Average::kBinary;
        options.family.positive_class = replay.table.codes.at(std::string(field.key));
        for (const auto& [ours, theirs] : {std::pair{"precision", "precision"},
                                           std::pair{"recall", "recall"},
                                           std::pair{"f1", "f1"},
                                           std::pair{"roc_auc", "roc_auc_ovr"}}) {
            check_close(ours,
                        measure(ours, replay.task, options, replay.table),
                        number(field.value[theirs]));
        }
    }
}

/// The number of values compared.
int check_replay(const std::filesystem::path& folder) {
    Replay replay;
    const std::string reference_text = read_file(folder / "reference.json");
    if (reference_text.empty() || !read_replay(folder, replay)) {
        return 0;
    }
    INFO(folder.filename().string());
    dom::parser parser;
    const dom::element reference = parser.parse(reference_text);
    const dom::element overall = reference["overall"];
    const auto of = [&](std::string_view name) {
        return measure(name, replay.task, replay.options, replay.table);
    };
    check_close("count", of("count"), number(overall["count"]));
    check_close("label_coverage", of("label_coverage"), number(overall["label_coverage"]));
    check_close("label_delay_p50", of("label_delay_p50"), number(overall["label_delay_p50_s"]));
    int compared = 3;
    const dom::element metrics = overall["metrics"];
    const auto n = static_cast<std::uint64_t>(number(metrics["n"]).value());
    for (const auto& field : dom::object(metrics)) {
        const auto question = asked(field.key, replay.options);
        if (!question || (field.key == "ace10" && field.value.is_null())) {
            continue;  // ace10 is left out there where scores tie across bins; ours shares ties
                       // out.
        }
        const Estimate got =
            measure(question->metric, replay.task, question->options, replay.table);
        check_close(field.key, got, number(field.value));
        const bool of_labels = !find_metric(question->metric)->family->label_free;
        if (got.value && of_labels && field.key != "mape") {
            CHECK(got.n == n);
        }
        ++compared;
    }
    // Intervals that the reference has too.
    if (dom::array wilson; metrics["accuracy_wilson95"].get(wilson) == simdjson::SUCCESS) {
        FinishOptions options = replay.options;
        options.confidence = 0.95;
        const Estimate accuracy = measure("accuracy", replay.task, options, replay.table);
        REQUIRE(accuracy.interval.has_value());
        check_close("wilson low", {.value = accuracy.interval->first}, number(wilson.at(0)));
        check_close("wilson high", {.value = accuracy.interval->second}, number(wilson.at(1)));
        ++compared;
    }
    check_curves(replay, overall);
    check_per_class(replay, metrics);
    return compared;
}

}  // namespace

TEST_CASE("replays: every metric equals the reference answers to 1e-9") {
    const auto data = shared_data();
    if (!data) {
        WARN("skipped: no shared data beside the repository (set AIML042_SHARED_DATA)");
        return;
    }
    int replays = 0;
    int compared = 0;
    for (const auto& group : {*data / "demo" / "replays", *data / "replays"}) {
        for (const auto& entry : std::filesystem::directory_iterator(group)) {
            const int values = check_replay(entry.path());
            replays += values > 0 ? 1 : 0;
            compared += values;
        }
    }
    CHECK(replays >= 14);
    CHECK(compared >= 250);
}
