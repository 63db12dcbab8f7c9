// Speed of the read road on a store of its own: the dashboard query of T12 (five metrics, three
// slices, a day of minutes) and the ad-hoc query of T13 (filter, group, AUC over all rows). Wall
// time, medians; rows as first argument (4 million).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/check.h"
#include "model/row.h"
#include "query/answer.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/measure.h"
#include "query/plan.h"
#include "store/store.h"

using namespace aiml042;         // NOLINT(google-build-using-namespace)
using namespace aiml042::query;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;
constexpr ProjectId kProject{1};

double wall_ms(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
        .count();
}

double median_ms(int runs, const std::function<void()>& work) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        times.push_back(wall_ms(work));
    }
    std::ranges::nth_element(times, times.begin() + runs / 2);
    return times[static_cast<std::size_t>(runs / 2)];
}

void fill(store::Store& store, std::uint64_t rows) {
    const DeploymentId deployment = store.intern_deployment(kProject, "bench");
    using model::ColumnKind;
    using model::ValueType;
    const std::vector<ColumnId> columns = {
        *store.intern_column(deployment, {ColumnKind::kFeature, ValueType::kNumber, "age"}),
        *store.intern_column(deployment, {ColumnKind::kFeature, ValueType::kString, "region"}),
        *store.intern_column(deployment, {ColumnKind::kMetadata, ValueType::kString, "cohort"})};
    constexpr std::string_view kRegions[] = {"NA", "EU", "APAC", "LATAM"};
    constexpr std::string_view kCohorts[] = {"web", "ios", "android"};
    std::mt19937_64 random(7);
    model::EventRow row;
    row.model_version = "v1";
    row.fields.resize(3);
    row.fields[0] = {ColumnKind::kFeature, ValueType::kNumber, 0, "age", 0.0, {}};
    row.fields[1] = {ColumnKind::kFeature, ValueType::kString, 1, "region", model::kMissing, {}};
    row.fields[2] = {ColumnKind::kMetadata, ValueType::kString, 2, "cohort", model::kMissing, {}};
    for (std::uint64_t i = 0; i < rows; ++i) {
        const std::uint64_t bits = random();
        const std::string id = fmt::format("r{}", i);
        row.request_id = id;
        row.timestamp =
            kStart + static_cast<Timestamp>(i * static_cast<std::uint64_t>(kDay) / rows);
        row.score = static_cast<double>(bits % 1'000'000) / 1e6;
        row.predicted_class = row.score >= 0.5 ? "yes" : "no";
        row.latency_ms = static_cast<double>(bits >> 40 & 1023) / 8.0;
        row.fields[0].number = static_cast<double>(18 + (bits >> 20) % 70);
        row.fields[1].text = kRegions[bits >> 30 & 3];
        row.fields[2].text = kCohorts[(bits >> 33) % 3];
        const store::PartitionKey partition{
            static_cast<std::int32_t>(kStart / kDay), kProject, deployment};
        const Lsn sequence = 2 * i + 1;
        store.append(partition, row, columns, sequence, row.timestamp);
        if (i % 2 == 0) {
            store::LabelEntry label;
            label.event = sequence;
            label.sequence = sequence + 1;
            label.label_ts = row.timestamp + kHour;
            label.has_class = true;
            label.class_text =
                static_cast<double>(random() % 1000) / 1e3 < row.score ? "yes" : "no";
            store.add_label(partition, std::move(label));
        }
        if (i % 500'000 == 499'999) {
            store.publish(sequence + 1);
            AIML_CHECK(store.seal(row.timestamp, 0).is_ok());
        }
    }
    store.publish(2 * rows);
    AIML_CHECK(store.seal(kStart + kDay, 0).is_ok());
}

MetricQuery base() {
    MetricQuery query;
    query.project = kProject;
    query.deployment = "bench";
    query.range = {kStart, kStart + kDay};
    query.group_by = {"cohort"};
    return query;
}

void bench_dashboard(const Engine& engine) {
    MetricQuery query = base();
    query.metrics = {"count", "error_rate", "latency_p95", "accuracy", "roc_auc"};
    query.step = kMinute;
    const auto run = [&] { AIML_CHECK(engine.metrics_json(query).is_ok()); };
    std::printf("dashboard (5 metrics, 3 slices, 1,440 minutes): first %.0f ms", wall_ms(run));
    std::printf(", then %.1f ms", median_ms(9, run));
    const auto plan = make_plan(engine.core(), query);
    AIML_CHECK(plan.is_ok());
    std::printf("; plan %.1f, measure %.1f ms\n",
                median_ms(9, [&] { AIML_CHECK(make_plan(engine.core(), query).is_ok()); }),
                median_ms(9, [&] { AIML_CHECK(measure(engine.core(), *plan).is_ok()); }));
    const std::vector<std::string> names = query.metrics;
    int moved = 0;
    std::printf("  with a window that moves on by a second each time %.1f ms\n", median_ms(9, [&] {
                    query.range = {kStart + ++moved * kSecond, kStart + kDay + moved * kSecond};
                    run();
                }));
    for (const std::string& metric : names) {
        query.metrics = {metric};
        std::printf("  %-12s alone %.1f ms\n", metric.c_str(), median_ms(9, run));
    }
}

void bench_ad_hoc(const Engine& engine) {
    MetricQuery query = base();
    query.metrics = {"roc_auc"};
    int age = 20;
    const auto run = [&] {  // Another filter each time: nothing is cached but columns.
        query.filter = fmt::format("age > {} and region in (\"NA\",\"EU\")", age++);
        AIML_CHECK(engine.metrics_json(query).is_ok());
    };
    run();
    std::printf("ad hoc (filter, 3 groups, roc_auc over all rows): %.1f ms\n", median_ms(25, run));
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4'000'000;
    std::string folder =
        (std::filesystem::temp_directory_path() / "aiml_query_bench_XXXXXX").string();
    AIML_CHECK(::mkdtemp(folder.data()) != nullptr);
    {
        auto store =
            store::Store::open({.folder = folder + "/store", .cache_bytes_max = 2ULL << 30});
        AIML_CHECK(store.is_ok());
        std::printf("%llu rows in %.1f s\n",
                    static_cast<unsigned long long>(rows),
                    wall_ms([&] { fill(**store, rows); }) / 1e3);
        const Engine engine(
            **store, [](ProjectId, std::string_view) { return model::DeploymentSettings{}; }, {});
        bench_dashboard(engine);
        bench_ad_hoc(engine);
    }
    std::filesystem::remove_all(folder);
    return 0;
}
