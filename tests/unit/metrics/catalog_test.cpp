#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "metrics/metric.h"

using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

TEST_CASE("catalog: names are unique, found, and complete") {
    std::set<std::string_view> names;
    for (const MetricSpec& spec : catalog()) {
        CAPTURE(spec.name);
        CHECK(names.insert(spec.name).second);
        CHECK((spec.alias.empty() || names.insert(spec.alias).second));
        CHECK(find_metric(spec.name) == &spec);
        CHECK_FALSE(spec.title.empty());
        CHECK_FALSE(spec.formula.empty());
        CHECK_FALSE(spec.group.empty());
        CHECK(spec.tasks != 0);
        REQUIRE(spec.family != nullptr);
        CHECK(spec.family->make != nullptr);
        CHECK(spec.finish != nullptr);
        for (const MetricForm& form : {spec.multiclass, spec.threshold, spec.mass}) {
            CHECK((form.family == nullptr) == (form.finish == nullptr));
        }
    }
    for (const char* name : {"count",
                             "error_rate",
                             "throughput",
                             "latency_mean",
                             "latency_p50",
                             "latency_p95",
                             "latency_p99",
                             "label_coverage",
                             "label_delay_p50",
                             "accuracy",
                             "precision",
                             "recall",
                             "f1",
                             "specificity",
                             "balanced_accuracy",
                             "mcc",
                             "kappa",
                             "fbeta",
                             "roc_auc",
                             "auc",
                             "pr_auc",
                             "log_loss",
                             "brier",
                             "brier_skill",
                             "ece",
                             "mce",
                             "ace",
                             "ks_score",
                             "mae",
                             "mse",
                             "rmse",
                             "mape",
                             "smape",
                             "medae",
                             "r2",
                             "bias",
                             "lift@k",
                             "gain@k",
                             "calibration_slope",
                             "calibration_intercept",
                             "top_k_accuracy",
                             "pinball@q",
                             "coverage",
                             "ndcg@k",
                             "ndcg_exp@k",
                             "map@k",
                             "mrr@k",
                             "recall@k",
                             "precision@k",
                             "hit_rate@k"}) {
        CAPTURE(name);
        CHECK(find_metric(name) != nullptr);
    }
    CHECK(find_metric("auc") == find_metric("roc_auc"));
    CHECK(find_metric("") == nullptr);
    CHECK(find_metric("nonsense") == nullptr);
}

TEST_CASE("catalog: a wrong name gets its nearest") {
    CHECK(nearest_metrics("acuracy").at(0) == "accuracy");
    CHECK(nearest_metrics("rocauc").at(0) == "roc_auc");
    CHECK(nearest_metrics("latency_p90").size() == 3);
    CHECK(nearest_metrics("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq").empty());
    CHECK(nearest_metrics(std::string(100'000, 'x')).empty());
}

TEST_CASE("catalog: docs/reference/metrics.md is what the program says") {
    std::ifstream file(AIML_REPO_ROOT "/docs/reference/metrics.md");
    std::stringstream text;
    text << file.rdbuf();
    if (const char* write = std::getenv("AIML042_WRITE_DOCS");
        write != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(AIML_REPO_ROOT "/docs/reference/metrics.md") << catalog_markdown();
        WARN("written anew");
        return;
    }
    CHECK(text.str() == catalog_markdown());  // Stale? Run metrics_test with AIML042_WRITE_DOCS=1.
}
