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

/// What drift compares with.
struct ReferenceQuery {
    enum class Kind : std::uint8_t {
        kWindow,    // `window`.
        kPrevious,  // The time before the window asked about: `length`, or as long as that.
        kWeeks,     // The same hours of the last `weeks` weeks.
        kStored,    // A reference that was made, by name.
    } kind = Kind::kWindow;
    TimeRange window;
    std::optional<Timestamp> length;
    std::uint32_t weeks = 0;  // At most limits::kReferenceWeeksMax.
    std::string name;
    std::uint32_t version = 0;  // 0: the latest.
};

/// A reference that was made, as far as a question about drift needs it.
struct StoredReference {
    std::int64_t id = 0;
    std::uint32_t version = 0;
    Timestamp created_at = 0;
    std::string source;  // JSON.
};

/// Where made references are kept. Both from any thread.
struct ReferenceSource {
    /// kNotFound with the nearest names. Version 0: the latest.
    std::function<Result<StoredReference>(
        ProjectId, std::string_view deployment, std::string_view name, std::uint32_t version)>
        find = {};
    /// A column as encode_reference_column() wrote it; nothing when the reference does not have it.
    std::function<Result<std::optional<std::string>>(std::int64_t id, std::string_view column)>
        column = {};
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
    // What is not given is the metric's or the curve's own default.
    std::optional<std::uint32_t> bins;
    std::optional<metrics::FamilyOptions::Binning> binning;
    metrics::FinishOptions::Average average = metrics::FinishOptions::Average::kBinary;
    bool average_given = false;
    bool per_class = false;  // average=none: also one series per class.
    std::optional<double> beta;
    std::optional<std::string> k;         // As written: "10", "10%".
    std::optional<std::string> quantile;  // As written: "0.1".
    std::optional<double> threshold;
    std::string feature;  // Of drift metrics: a column; empty: score or prediction.
    std::optional<ReferenceQuery> reference;
    std::vector<std::string> by;  // Of fairness metrics: one to three protected keys.
    std::optional<std::uint64_t> min_n;
    std::string curve;  // With Engine::curve: reliability, confusion, score_distribution, roc, pr,
                        // residuals.
};

class Core;

class Engine {
  public:
    Engine(const store::Store& store,
           SettingsSource settings,
           EngineOptions options,
           ReferenceSource references = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// The answer of GET /v1/metrics/query as JSON (PRODUCT.md), or as CSV:
    /// ts,metric,class,compare,<group keys>,value,n,ci_lo,ci_hi,error_bound,reason. Always all
    /// columns; `class` is empty but for the series of one class (average=none), `compare` but for
    /// what is compared with ("offset:7d").
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
