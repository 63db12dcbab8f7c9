// The reading room: metric queries, curves, events, what a deployment has. Resolves names, plans
// (cells, scan), merges, finishes. See docs/architecture.md, "How a query is answered".
//
// Threads: const methods from any thread. Cost bound: `rows_max` rows per query, deadline checked
// per block.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "metrics/metric.h"
#include "model/deployment.h"
#include "store/store.h"

namespace aiml042::query {

/// Settings of a deployment, nothing where it is not declared; asked for at every query.
using SettingsSource =
    std::function<std::optional<model::DeploymentSettings>(ProjectId, std::string_view deployment)>;

struct EngineOptions {
    std::size_t cell_bytes_max = 256ULL << 20;  // Cached cells.
    std::uint64_t exact_rows_max = 262'144;     // Up to here answers are exact without being asked.
    std::uint64_t rows_max = 200'000'000;       // kQueryTooLarge beyond.
    std::uint32_t points_max = 100'000;         // Buckets × groups × metrics of one answer.
    unsigned threads = 2;                       // Morsel workers of one query.
    std::uint64_t cursor_seed = 0;  // Secret of the data directory, for cursors of event lists.
};

struct Compare {
    enum class Kind : std::uint8_t { kOffset, kModelVersion, kPromptVersion } kind = Kind::kOffset;
    Timestamp offset = 0;
    std::string value;  // Version, or the offset as written ("7d").
};

struct MetricQuery {
    ProjectId project{};
    std::string deployment;
    std::vector<std::string> metrics;  // At least one, at most 32.
    std::string model_version;         // Empty: all.
    TimeRange range;
    std::optional<Timestamp> step;
    std::vector<std::string> group_by;  // At most 3 keys.
    std::string filter;                 // Expression; empty: all.
    std::optional<Compare> compare;
    std::optional<double> confidence;
    std::optional<Timestamp> as_of;
    bool exact = false;
    bool include_shadow = false;
    bool allow_partial = false;  // Damaged blocks are left out, and told of, instead of failing.
    std::uint32_t bins = 10;     // 0 with a curve: the curve's own default.
    metrics::FamilyOptions::Binning binning = metrics::FamilyOptions::Binning::kWidth;
    metrics::FinishOptions::Average average = metrics::FinishOptions::Average::kBinary;
    bool average_given = false;
    bool per_class = false;  // average=none: also one series per class.
    double beta = 1.0;
    std::optional<std::string> k;         // As written: "10", "10%".
    std::optional<std::string> quantile;  // As written: "0.1".
    std::optional<double> threshold;
    std::string curve;  // With Engine::curve: reliability, confusion, score_distribution, roc, pr,
                        // residuals.
};

class Core;

class Engine {
  public:
    Engine(const store::Store& store, SettingsSource settings, EngineOptions options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// The answer of GET /v1/metrics/query as JSON (PRODUCT.md), or as CSV: ts,metric,<group
    /// keys>,value,n,ci_lo,ci_hi,reason.
    [[nodiscard]] Result<std::string> metrics_json(const MetricQuery& query) const;
    [[nodiscard]] Result<std::string> metrics_csv(const MetricQuery& query) const;

    /// GET /v1/metrics/curves.
    [[nodiscard]] Result<std::string> curve_json(const MetricQuery& query) const;

    // Events, deployments: see query/events.h and query/describe.h, which share this engine.
    [[nodiscard]] const Core& core() const { return *core_; }

  private:
    std::unique_ptr<const Core> core_;
};

}  // namespace aiml042::query
