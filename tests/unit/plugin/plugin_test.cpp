#include "plugin/plugin.h"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/metric.h"
#include "metrics/reasons.h"

namespace aiml042::plugin {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The plugin of these tests: how many labelled positives have a score of at least one half.
struct Hits {
    std::uint64_t n = 0;
    std::uint64_t hits = 0;
    std::uint64_t calls = 0;
};

int alive = 0;

Hits& hits_of(void* state) {
    return *static_cast<Hits*>(state);
}

void update(void* state, const aiml042_rows* rows) {
    REQUIRE(rows->struct_size == sizeof(aiml042_rows));
    REQUIRE(rows->count <= 1'024);
    REQUIRE(rows->latency_ms == nullptr);  // Not asked for.
    Hits& to = hits_of(state);
    ++to.calls;
    for (std::size_t i = 0; i < rows->count; ++i) {
        const bool counts = rows->label_class[i] == AIML042_POSITIVE && rows->score[i] >= 0.0;
        to.n += counts ? 1U : 0U;
        to.hits += counts && rows->score[i] >= 0.5 ? 1U : 0U;
    }
}

void finish(const void* state, double confidence, aiml042_estimate* out) {
    const Hits& from = *static_cast<const Hits*>(state);
    out->n = from.n;
    if (from.n == 0) {
        out->reason = "no hits";
        return;
    }
    out->value = static_cast<double>(from.hits) / static_cast<double>(from.n);
    if (!std::isnan(confidence)) {
        out->lo = 0.0;
        out->hi = confidence;
    }
}

aiml042_metric hits_metric(const char* name) {
    return {.struct_size = sizeof(aiml042_metric),
            .name = name,
            .title = "Hits",
            .unit = "",
            .formula = "share of positives scored 0.5 or more",
            .source = "",
            .min = 0.0,
            .max = kNone,
            .direction = 1,
            .tasks = AIML042_TASK_BINARY,
            .inputs = AIML042_INPUT_SCORE | AIML042_INPUT_LABEL_CLASS,
            .create = [] { return static_cast<void*>((++alive, new Hits())); },
            .destroy =
                [](void* state) {
                    --alive;
                    delete static_cast<Hits*>(state);
                },
            .clone =
                [](const void* state) {
                    ++alive;
                    return static_cast<void*>(new Hits(*static_cast<const Hits*>(state)));
                },
            .update = update,
            .merge =
                [](void* state, const void* other) {
                    hits_of(state).n += static_cast<const Hits*>(other)->n;
                    hits_of(state).hits += static_cast<const Hits*>(other)->hits;
                },
            .memory_bytes = [](const void* /*state*/) { return sizeof(Hits); },
            .finish = finish};
}

aiml042_plugin plugin_of(const aiml042_metric* metrics, std::uint32_t count) {
    return {.abi = AIML042_PLUGIN_ABI,
            .metric_count = count,
            .name = "test",
            .version = "1",
            .metrics = metrics};
}

TEST_CASE("plugin: its metric is one of the catalogue") {
    static const aiml042_metric kMetric = hits_metric("test_hits");
    REQUIRE(add(plugin_of(&kMetric, 1)).is_ok());
    const metrics::MetricSpec* spec = metrics::find_metric("test_hits");
    REQUIRE(spec != nullptr);
    CHECK(spec->group == "plugin");
    CHECK(spec->min == 0.0);
    CHECK_FALSE(spec->max.has_value());
    CHECK_FALSE(spec->family->label_free);
    CHECK(spec->family->inputs ==
          metrics::inputs_of({metrics::Input::kScore, metrics::Input::kLabelClass}));

    std::vector<double> scores(3'000);
    std::vector<std::uint32_t> labels(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        scores[i] = i % 7 == 0 ? kNone : static_cast<double>(i % 10) / 10.0;
        labels[i] = i % 5 == 0 ? metrics::kNoClass : i % 3 == 0 ? 4U : 9U;
    }
    metrics::Rows rows;
    rows.score = scores;
    rows.label_class = labels;
    std::vector<std::uint32_t> all(scores.size());
    std::iota(all.begin(), all.end(), 0U);
    std::uint64_t n = 0;
    std::uint64_t hits = 0;
    for (const std::uint32_t i : all) {
        const bool counts = labels[i] == 4 && !std::isnan(scores[i]);
        n += counts ? 1U : 0U;
        hits += counts && scores[i] >= 0.5 ? 1U : 0U;
    }
    const metrics::FinishOptions options{.family = {.positive_class = 4}, .confidence = 0.9};
    {
        const auto whole = spec->family->create(options.family);
        whole->update(rows, all);
        const auto left = spec->family->create(options.family);
        left->update(rows, std::span(all).first(1'100));
        const auto right = left->clone();
        left->merge(*spec->family->create(options.family));
        const auto rest = spec->family->create(options.family);
        rest->update(rows, std::span(all).subspan(1'100));
        right->merge(*rest);
        for (const metrics::State* state : {whole.get(), right.get()}) {
            const metrics::Estimate estimate = spec->finish(*state, options);
            CHECK(estimate.n == n);
            CHECK(estimate.value == static_cast<double>(hits) / static_cast<double>(n));
            CHECK(estimate.interval == std::pair(0.0, 0.9));
        }
        CHECK(whole->memory_bytes() > sizeof(Hits));
        const auto none = spec->family->create(options.family);
        CHECK(spec->finish(*none, options).reason == "no hits");
        CHECK(spec->finish(*spec->family->create({}), {}).reason ==
              metrics::reasons::kNoPositiveClass);
    }
    CHECK(alive == 0);
}

TEST_CASE("plugin: what does not fit is refused and adds nothing") {
    const std::size_t before = metrics::catalog().size();
    const auto refused = [](const aiml042_plugin& plugin) { return add(plugin).detail(); };
    aiml042_metric good = hits_metric("test_good");
    aiml042_plugin plugin = plugin_of(&good, 1);
    plugin.abi = 99;
    CHECK(refused(plugin) == "it is of interface 99, this server has 1");
    plugin = plugin_of(nullptr, 1);
    CHECK(refused(plugin).find("missing") != std::string::npos);
    std::array<aiml042_metric, 2> two = {good, hits_metric("roc_auc")};
    CHECK(refused(plugin_of(two.data(), 2)) == "there is a metric roc_auc already");
    two[1] = hits_metric("auc");
    CHECK(refused(plugin_of(two.data(), 2)) == "there is a metric auc already");
    two[1] = good;
    CHECK(refused(plugin_of(two.data(), 2)) == "test_good is there twice");
    two[1] = hits_metric("Test Good");
    CHECK(refused(plugin_of(two.data(), 2)).find("a-z") != std::string::npos);
    two[1] = hits_metric("test_other");
    two[1].clone = nullptr;
    CHECK(refused(plugin_of(two.data(), 2)) == "test_other: a function is missing");
    two[1] = hits_metric("test_other");
    two[1].inputs = 1U << 20;
    CHECK(refused(plugin_of(two.data(), 2)).find("not one that is known") != std::string::npos);
    two[1] = hits_metric("test_other");
    two[1].struct_size = 8;
    CHECK(refused(plugin_of(two.data(), 2)).find("older interface") != std::string::npos);
    two[1] = hits_metric("test_other");
    two[1].formula = nullptr;
    CHECK(refused(plugin_of(two.data(), 2)).find("a text is missing") != std::string::npos);
    CHECK(load("/nowhere/x.so").detail().find("/nowhere/x.so") != std::string::npos);
    CHECK(metrics::catalog().size() == before);
}

}  // namespace
}  // namespace aiml042::plugin
