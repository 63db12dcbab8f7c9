// The engine against the reference answers of real data: overall, per window, per slice, per
// filter, per version, as of a moment, to 1e-9; rows open and sealed.
#include <cmath>
#include <cstdio>

#include "query/engine.h"
#include "replay.h"

using namespace aiml042;               // NOLINT(google-build-using-namespace)
using namespace aiml042::query;        // NOLINT(google-build-using-namespace)
using namespace aiml042::query::test;  // NOLINT(google-build-using-namespace)

namespace {

/// Names in reference.json and what to ask for them.
struct Asked {
    std::string_view reference;
    std::string_view metric;
};

constexpr Asked kBinary[] = {{"accuracy", "accuracy"},
                             {"balanced_accuracy", "balanced_accuracy"},
                             {"precision", "precision"},
                             {"recall", "recall"},
                             {"specificity", "specificity"},
                             {"f1", "f1"},
                             {"mcc", "mcc"},
                             {"kappa", "kappa"},
                             {"roc_auc", "roc_auc"},
                             {"pr_auc", "pr_auc"},
                             {"log_loss", "log_loss"},
                             {"brier", "brier"},
                             {"ece10", "ece"}};
constexpr Asked kRegression[] = {{"mae", "mae"},
                                 {"mse", "mse"},
                                 {"rmse", "rmse"},
                                 {"mape", "mape"},
                                 {"r2", "r2"},
                                 {"bias", "bias"}};
constexpr Asked kMulticlass[] = {{"accuracy", "accuracy"},
                                 {"precision_macro", "precision"},
                                 {"recall_macro", "recall"},
                                 {"f1_macro", "f1"},
                                 {"kappa", "kappa"},
                                 {"mcc", "mcc"},
                                 {"log_loss", "log_loss"},
                                 {"brier", "brier"},
                                 {"balanced_accuracy", "balanced_accuracy"},
                                 {"ece10_top", "ece"}};

class Oracle {
  public:
    Oracle(const Engine& engine, std::string deployment)
        : engine_(engine), deployment_(std::move(deployment)) {}

    [[nodiscard]] MetricQuery query() const {
        MetricQuery query;
        query.project = kProject;
        query.deployment = deployment_;
        query.exact = true;
        return query;
    }

    /// Compares every number of one answer of the reference.
    void check(const JsonValue& expected, MetricQuery query, std::span<const Asked> asked) {
        query.metrics = {"count", "label_coverage", "label_delay_p50"};
        for (const Asked& one : asked) {
            query.metrics.emplace_back(one.metric);
        }
        const auto answer = engine_.metrics_json(query);
        INFO(answer.status().to_string());
        REQUIRE(answer.is_ok());
        const JsonValue parsed = parse_json(*answer);
        const auto& results = parsed.find("results")->items();
        check_value(results[0], expected.find("count"), "count");
        check_value(results[1], expected.find("label_coverage"), "label_coverage");
        check_value(results[2], expected.find("label_delay_p50_s"), "label_delay_p50");
        const JsonValue* metrics = expected.find("metrics");
        for (std::size_t i = 0; i < asked.size(); ++i) {
            const JsonValue* value =
                metrics == nullptr ? nullptr : metrics->find(asked[i].reference);
            check_value(results[i + 3], value, asked[i].metric);
        }
    }

    std::size_t compared = 0;

  private:
    void check_value(const JsonValue& result, const JsonValue* expected, std::string_view metric) {
        if (expected == nullptr) {
            return;
        }
        CAPTURE(metric);
        const auto& series = result.find("series")->items();
        REQUIRE(series.size() == 1);
        const JsonValue& value = *series[0].find("value");
        ++compared;
        if (expected->type() == JsonValue::Type::kNull) {
            CHECK(value.type() == JsonValue::Type::kNull);
            CHECK(series[0].find("reason") != nullptr);
            return;
        }
        REQUIRE(value.type() == JsonValue::Type::kNumber);
        const double want = expected->number();
        CHECK(std::fabs(value.number() - want) <= 1e-9 * std::max(1.0, std::fabs(want)));
    }

    const Engine& engine_;
    std::string deployment_;
};

Timestamp time_of(const JsonValue& item, std::string_view name) {
    return *parse_rfc3339(item.find(name)->string());
}

std::string literal(const JsonValue& value) {
    switch (value.type()) {
        case JsonValue::Type::kNumber: {
            char text[40];
            std::snprintf(text, sizeof(text), "%.17g", value.number());
            return text;
        }
        case JsonValue::Type::kBool:
            return value.boolean() ? "true" : "false";
        default:
            return "\"" + value.string() + "\"";
    }
}

std::string slice_filter(const JsonValue& item) {
    const JsonValue& value = *item.find("value");
    const std::string name = "`" + item.find("key")->string() + "`";
    return value.type() == JsonValue::Type::kNull ? name + " is null"
                                                  : name + " = " + literal(value);
}

void each(const JsonValue& reference,
          std::string_view part,
          const std::function<void(const JsonValue&)>& work) {
    const JsonValue* items = reference.find(part);
    for (std::size_t i = 0; items != nullptr && i < items->items().size(); ++i) {
        CAPTURE(part, i);
        work(items->items()[i]);
    }
}

void check_reference(Oracle& oracle,
                     const JsonValue& reference,
                     std::span<const Asked> asked,
                     bool shadow) {
    const auto base = [&] {
        MetricQuery query = oracle.query();
        query.include_shadow = shadow;
        return query;
    };
    if (const JsonValue* overall = reference.find("overall")) {
        oracle.check(*overall, base(), asked);
    }
    each(reference, "windows", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.range = {time_of(item, "from"), time_of(item, "to")};
        oracle.check(item, query, asked);
    });
    each(reference, "slices", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.filter = slice_filter(item);
        oracle.check(item, query, asked);
    });
    each(reference, "slice_windows", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.filter = slice_filter(item);
        query.range = {time_of(item, "from"), time_of(item, "to")};
        oracle.check(item, query, asked);
    });
    each(reference, "filters", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.filter = item.find("filter")->string();
        oracle.check(item, query, asked);
    });
    each(reference, "by_model_version", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.model_version = item.find("model_version")->string();
        oracle.check(item, query, asked);
    });
    each(reference, "as_of", [&](const JsonValue& item) {
        MetricQuery query = base();
        query.as_of = time_of(item, "as_of");
        query.range.to = *query.as_of + 1;
        oracle.check(item, query, asked);
    });
}

void check_replay(const std::string& name, std::span<const Asked> asked, bool sealed) {
    CAPTURE(name, sealed);
    const std::filesystem::path folder = shared_data() / name;
    const auto events = read_file(folder / "events.ndjson.gz");
    if (!events.has_value()) {
        WARN("skipped, the shared data is not here: " << name);
        return;
    }
    const JsonValue manifest = parse_json(*read_file(folder / "manifest.json"));
    const JsonValue reference = parse_json(*read_file(folder / "reference.json"));
    const std::string deployment = manifest.find("deployment_id")->string();
    Database database;
    const JsonValue* positive = manifest.find("positive_class");
    if (positive != nullptr && positive->type() == JsonValue::Type::kString) {
        database.declare(deployment,
                         {.task_type = {},
                          .positive_class = positive->string(),
                          .threshold = {},
                          .cohort_keys = {}});
    }
    database.add_events(*events);
    if (sealed) {
        database.seal();
    }
    database.add_labels(*read_file(folder / "labels.ndjson.gz"));
    if (sealed) {
        database.seal();
    }
    const Engine engine = database.engine();
    Oracle oracle(engine, deployment);
    check_reference(oracle, reference, asked, true);
    std::printf("%s: %zu values agree with the reference\n", name.c_str(), oracle.compared);
    CHECK(oracle.compared > 20);
}

}  // namespace

TEST_CASE("engine: binary replays answer as their references, sealed") {
    for (const char* name : {"demo/replays/flights",
                             "demo/replays/mortgage",
                             "demo/replays/wages",
                             "replays/adult_income",
                             "replays/california_high_value",
                             "replays/compas_two_year",
                             "replays/elec2",
                             "replays/governors_win",
                             "replays/mlb_games",
                             "replays/census_employment"}) {
        check_replay(name, kBinary, true);
    }
}

TEST_CASE("engine: regression and multi-class replays answer as their references") {
    check_replay("demo/replays/ridership", kRegression, true);
    check_replay("replays/bike_sharing", kRegression, true);
    check_replay("replays/governors_voteshare", kRegression, true);
    check_replay("replays/hpc_multiclass", kMulticlass, true);
    check_replay("replays/digits_multiclass", kMulticlass, true);
}

TEST_CASE("engine: rows that are not sealed yet answer the same") {
    check_replay("replays/compas_two_year", kBinary, false);
    check_replay("replays/governors_voteshare", kRegression, false);
}
