// Runs a plan: cells from the cache where they serve, scans where they do not, merged into one
// state per bucket, group and family.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "metrics/family.h"
#include "query/core.h"
#include "query/grouping.h"
#include "query/left_out.h"
#include "query/plan.h"

namespace aiml042::query {

struct GroupStates {
    GroupKey key;
    std::string name;
    std::uint64_t rows = 0;
    std::vector<std::unique_ptr<metrics::State>>
        states;                              // [bucket * families + family]; null: no rows.
    std::vector<std::uint64_t> bucket_rows;  // By bucket.
    std::vector<metrics::Estimate> points;   // [bucket * metrics + metric]; filled by measure().
};

struct Execution {
    std::vector<GroupStates>
        groups;  // Most rows first, then by key. Without group_by one, even without rows.
    std::uint64_t rows_scanned = 0;
    std::uint64_t cells_reused = 0;
    LeftOut left_out;  // Only of a plan that allows it.
};

/// States of all buckets, or of those with wanted[bucket] != 0.
Result<Execution> execute(const Core& core,
                          const Plan& plan,
                          std::span<const std::uint8_t> wanted = {});

/// Most rows first, then by key.
void sort_groups(std::vector<GroupStates>& groups);

[[nodiscard]] Status too_many_groups(std::size_t groups_max);

/// How one block takes part in a plan.
struct BlockPlan {
    bool cached = false;  // Cells of `grain` whose slots lie in `cached_range` are merged …
    Timestamp grain = 0;  // Width of their slots; 0: the whole block is one.
    TimeRange cached_range;
    std::vector<TimeRange> direct;  // … and the rows in these ranges are scanned.
};

/// The longest slots (hour, minute) that never cross a bucket's edge; rows beside them are scanned.
[[nodiscard]] BlockPlan plan_block(Timestamp first, Timestamp last, const Buckets& buckets);

}  // namespace aiml042::query
