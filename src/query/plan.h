// A metric query with everything resolved: which blocks, which rows, which states, which formulas.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "metrics/metric.h"
#include "metrics/reference_column.h"
#include "query/buckets.h"
#include "query/cells.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/left_out.h"
#include "query/profile.h"
#include "query/reference.h"
#include "store/directory.h"

namespace aiml042::query {

struct MetricUse {
    const metrics::MetricSpec* spec = nullptr;
    metrics::MetricForm form;
    bool fits_task = true;
    std::string name;        // As asked for.
    std::size_t family = 0;  // Index in Plan::families.
    std::optional<metrics::TopK> top;
    std::optional<double> quantile;
};

struct Plan {
    store::DeploymentInfo deployment;
    Profile profile;
    ScanSpec scan;
    Buckets buckets;
    Blocks blocks;  // Those with rows in the range.
    std::vector<FamilyUse> families;
    std::vector<MetricUse> metrics;
    metrics::FinishOptions finish;  // window_seconds is set per bucket.
    std::uint64_t rows = 0;         // Of the blocks.
    bool exact = false;
    bool include_shadow = false;
    bool allow_partial = false;
    LeftOut left_out;  // What the profile was made without.
    std::string
        filter_text;  // The caller's filter in canonical form, without what was added to it.
    std::vector<std::string> group_keys;

    /// What drift metrics compare with.
    std::optional<ResolvedReference> reference;
    std::shared_ptr<const metrics::ReferenceColumn> reference_column;
};

/// The plan of a question about one column alone: its values in the window, no metric, no reference
/// yet. Errors as make_plan().
Result<Plan> make_column_plan(const Core& core, const MetricQuery& query);

/// The plan of a question about groups alone: their decisions and scores in the window. Errors as
/// make_plan(), and kInvalidArgument for a task that is not binary.
Result<Plan> make_groups_plan(const Core& core, const MetricQuery& query);

/// Resolves names and bounds. Errors: kNotFound (deployment), kUnknownMetric, kInvalidArgument,
/// kPositiveClassUnknown, kQueryTooLarge, with a pointer to the parameter.
Result<Plan> make_plan(const Core& core, const MetricQuery& query);

/// Whether one of the TaskBits `tasks` is that task; so too where the task is not known.
[[nodiscard]] bool fits_task(model::TaskType task, std::uint32_t tasks);

/// What a metric of the plan is finished with; window_seconds is left to the caller.
[[nodiscard]] metrics::FinishOptions finish_options(const Plan& plan, const MetricUse& use);

/// The value of a metric from a state. Where there is none for a metric of other tasks, that is the
/// reason, and not the data that it misses.
[[nodiscard]] metrics::Estimate finish_use(const MetricUse& use,
                                           const metrics::State& state,
                                           const metrics::FinishOptions& options);

/// The plan of what the query compares with: moved in time, or of another version. Buckets pair up
/// by index.
Result<Plan> make_compare_plan(const Core& core, const MetricQuery& query);

/// Rows of live traffic, or of all when `include_shadow`; of one model version unless that is
/// empty.
[[nodiscard]] Expression population(std::string_view model_version, bool include_shadow);

/// Cuts an open-ended range to what there is, so that windows have a length.
[[nodiscard]] TimeRange clip_to_blocks(TimeRange range, const Blocks& blocks);

/// The blocks of `blocks` with rows in `range`.
[[nodiscard]] Blocks overlapping(const Blocks& blocks, const TimeRange& range);

}  // namespace aiml042::query
