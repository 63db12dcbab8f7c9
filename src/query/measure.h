// From a plan to finished numbers: every metric in every bucket of every group, computed on all
// workers and remembered.
//
// A bucket's numbers are a pure function of the blocks that reach into it (id and version) and of
// what was asked. They are kept under exactly that, so that a dashboard that asks again a moment
// later pays for the buckets that changed and for the two that the moving window cuts anew.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/metric.h"
#include "query/core.h"
#include "query/execute.h"
#include "query/grouping.h"
#include "query/plan.h"

namespace aiml042::query {

/// The numbers of one bucket: one entry per group with rows in it. Immutable.
struct BucketPoints {
    struct Group {
        GroupKey key;
        std::string name;
        std::uint64_t rows = 0;
        std::vector<metrics::Estimate> estimates;  // By metric of the plan.
    };

    std::vector<Group> groups;

    [[nodiscard]] std::size_t memory_bytes() const;
};

/// As execute(), with the points of every group filled. States are there only for buckets that were
/// not remembered.
Result<Execution> measure(const Core& core, const Plan& plan);

/// The value of one metric from the state of a bucket; null: no rows.
[[nodiscard]] metrics::Estimate finish_state(const Plan& plan,
                                             const MetricUse& use,
                                             const metrics::State* state,
                                             std::size_t bucket);

}  // namespace aiml042::query
