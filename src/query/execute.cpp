#include "query/execute.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/counter.h"
#include "base/mutex.h"
#include "query/cells.h"
#include "query/parallel.h"

namespace aiml042::query {

namespace {

using CellsOfFamilies = std::vector<std::shared_ptr<const FamilyCells>>;

Timestamp ceil_to(Timestamp t, Timestamp width) {
    return floor_to(t + width - 1, width);
}

/// The states of one worker.
class Accumulator {
  public:
    explicit Accumulator(const Plan& plan)
        : plan_(plan), buckets_(plan.buckets.count()), families_(plan.families.size()) {}

    /// Merges the cells that `bucket_of` gives a bucket; the families of `cells` are those of the
    /// plan.
    template <typename BucketOf>
    Status add(const CellsOfFamilies& cells, const BucketOf& bucket_of) {
        for (std::size_t f = 0; f < cells.size(); ++f) {
            const CellLayout& layout = *cells[f]->layout;
            std::vector<std::size_t> group_index(layout.groups.size(), kNone);
            for (std::size_t c = 0; c < layout.cells.size(); ++c) {
                const CellLayout::Cell& cell = layout.cells[c];
                const std::optional<std::size_t> bucket = bucket_of(cell.slot);
                if (!bucket.has_value()) {
                    continue;
                }
                if (group_index[cell.group] == kNone) {
                    AIML_ASSIGN(group_index[cell.group],
                                group(layout.group_names[cell.group], layout.groups[cell.group]));
                }
                GroupStates& into = groups_[group_index[cell.group]];
                into.rows += f == 0 ? cell.rows : 0;
                into.bucket_rows[*bucket] += f == 0 ? cell.rows : 0;
                merge(into.states[*bucket * families_ + f], *cells[f]->states[c]);
            }
        }
        return Status::ok();
    }

    Status add(Accumulator&& other) {
        for (GroupStates& theirs : other.groups_) {
            AIML_ASSIGN(const std::size_t index, group(theirs.name, theirs.key));
            GroupStates& mine = groups_[index];
            mine.rows += theirs.rows;
            for (std::size_t i = 0; i < buckets_; ++i) {
                mine.bucket_rows[i] += theirs.bucket_rows[i];
            }
            for (std::size_t i = 0; i < mine.states.size(); ++i) {
                if (mine.states[i] == nullptr) {
                    mine.states[i] = std::move(theirs.states[i]);
                } else if (theirs.states[i] != nullptr) {
                    mine.states[i]->merge(*theirs.states[i]);
                }
            }
        }
        return Status::ok();
    }

    std::vector<GroupStates> take() { return std::move(groups_); }

  private:
    static constexpr std::size_t kNone = ~std::size_t{0};

    static void merge(std::unique_ptr<metrics::State>& into, const metrics::State& state) {
        if (into == nullptr) {
            into = state.clone();
        } else {
            into->merge(state);
        }
    }

    Result<std::size_t> group(const std::string& name, const GroupKey& key) {
        const auto found = by_name_.find(name);
        if (found != by_name_.end()) {
            return found->second;
        }
        if (groups_.size() >= plan_.scan.groups_max) {
            return too_many_groups(plan_.scan.groups_max);
        }
        GroupStates made;
        made.name = name;
        made.key = key;
        made.states.resize(buckets_ * families_);
        made.bucket_rows.resize(buckets_);
        groups_.push_back(std::move(made));
        by_name_.emplace(name, groups_.size() - 1);
        return groups_.size() - 1;
    }

    const Plan& plan_;
    std::size_t buckets_;
    std::size_t families_;
    std::vector<GroupStates> groups_;
    std::unordered_map<std::string, std::size_t> by_name_;
};

class Executor {
  public:
    Executor(const Core& core, const Plan& plan, std::span<const std::uint8_t> wanted)
        : core_(core), plan_(plan), wanted_(wanted), deadline_(core.deadline()) {
        for (unsigned i = 0; i < std::max(1U, core.options.threads); ++i) {
            accumulators_.emplace_back(plan);
        }
    }

    Result<Execution> run() {
        AIML_TRY(parallel_for(core_.pool,
                              core_.options.threads,
                              plan_.blocks.size(),
                              [this](std::size_t item, unsigned worker) {
                                  return take_block(plan_.blocks[item], accumulators_[worker]);
                              }));
        Accumulator& total = accumulators_[0];
        for (std::size_t i = 1; i < accumulators_.size(); ++i) {
            AIML_TRY(total.add(std::move(accumulators_[i])));
        }
        Execution out;
        out.groups = total.take();
        out.rows_scanned = rows_scanned_.load();
        out.cells_reused = cells_reused_.load();
        {
            const MutexLock lock(mutex_);
            out.left_out = left_out_;
        }
        if (plan_.scan.group_by.empty() && out.groups.empty()) {
            out.groups.emplace_back();
            out.groups[0].states.resize(plan_.buckets.count() * plan_.families.size());
            out.groups[0].bucket_rows.resize(plan_.buckets.count());
        }
        sort_groups(out.groups);
        return out;
    }

  private:
    /// All rows of the block that the plan asks for, or none of them.
    Status take_block(const std::shared_ptr<const store::Block>& block, Accumulator& into) {
        Status status = run_block(block, into);
        if (status.is_ok() || !plan_.allow_partial || !is_damage(status)) {
            return status;
        }
        const MutexLock lock(mutex_);
        left_out_.add_rows(*block, status);
        return Status::ok();
    }

    /// Reads all that the block has to give before it merges any of it.
    Status run_block(const std::shared_ptr<const store::Block>& block, Accumulator& into) {
        AIML_TRY(core_.check_deadline(deadline_));
        if (!reaches_wanted(*block)) {
            return Status::ok();
        }
        BlockView view(block, plan_.scan.as_of);
        const BlockPlan how =
            plan_block(block->min_timestamp(), block->max_timestamp(), plan_.buckets);
        CellsOfFamilies whole;
        if (how.cached) {
            AIML_ASSIGN(whole, cached_cells(view, how.grain));
        }
        std::vector<CellsOfFamilies> edges;
        for (const TimeRange& range : how.direct) {
            rows_scanned_.fetch_add(view.rows());
            const Slots slots{plan_.buckets.step, plan_.buckets.phase};
            AIML_ASSIGN(edges.emplace_back(),
                        scan_block(view, plan_.scan, plan_.families, range, slots));
        }
        if (how.cached) {
            const auto bucket_of = [&](Timestamp slot) -> std::optional<std::size_t> {
                if (how.grain == 0) {
                    return if_wanted(plan_.buckets.index_of(block->min_timestamp()));
                }
                return how.cached_range.contains(slot) ? if_wanted(plan_.buckets.index_of(slot))
                                                       : std::nullopt;
            };
            AIML_TRY(into.add(whole, bucket_of));
        }
        for (const CellsOfFamilies& cells : edges) {
            AIML_TRY(into.add(cells, [&](Timestamp slot) {
                return if_wanted(plan_.buckets.step.has_value() ? index_of_slot(slot) : 0);
            }));
        }
        return Status::ok();
    }

    [[nodiscard]] std::optional<std::size_t> if_wanted(std::size_t bucket) const {
        return wanted_.empty() || wanted_[bucket] != 0 ? std::optional(bucket) : std::nullopt;
    }

    /// Whether rows of the block may lie in a bucket that is asked for.
    [[nodiscard]] bool reaches_wanted(const store::Block& block) const {
        if (wanted_.empty()) {
            return true;
        }
        const Buckets& buckets = plan_.buckets;
        const Timestamp first = std::max(block.min_timestamp(), buckets.range.from);
        const Timestamp last =
            std::max(first, std::min(block.max_timestamp(), buckets.range.to - 1));
        const auto begin = wanted_.begin() + static_cast<std::ptrdiff_t>(buckets.index_of(first));
        const auto end = wanted_.begin() + static_cast<std::ptrdiff_t>(buckets.index_of(last)) + 1;
        return std::find(begin, end, 1) != end;
    }

    /// A slot of the step's width is named by its start, which may lie before the range.
    [[nodiscard]] std::size_t index_of_slot(Timestamp slot) const {
        return static_cast<std::size_t>((slot - plan_.buckets.start(0)) / *plan_.buckets.step);
    }

    /// The cells of all families: from the cache, and what is not there from one scan.
    Result<CellsOfFamilies> cached_cells(BlockView& view, Timestamp grain) {
        CellsOfFamilies out(plan_.families.size());
        std::vector<FamilyUse> missing;
        std::vector<std::size_t> missing_index;
        for (std::size_t f = 0; f < plan_.families.size(); ++f) {
            const FamilyUse& use = plan_.families[f];
            out[f] = core_.cells.find(key(view, use, grain), version(view, use));
            if (out[f] == nullptr) {
                missing.push_back(use);
                missing_index.push_back(f);
            }
        }
        cells_reused_.fetch_add(plan_.families.size() - missing.size());
        if (missing.empty()) {
            return out;
        }
        rows_scanned_.fetch_add(view.rows());
        const Slots slots{grain == 0 ? std::nullopt : std::optional(grain), 0};
        AIML_ASSIGN(
            CellsOfFamilies made,
            scan_block(view, plan_.scan, missing, TimeRange{kTimestampMin, kTimestampMax}, slots));
        for (std::size_t i = 0; i < made.size(); ++i) {
            core_.cells.put(key(view, missing[i], grain),
                            version(view, missing[i]),
                            made[i],
                            made[i]->memory_bytes());
            out[missing_index[i]] = std::move(made[i]);
        }
        return out;
    }

    [[nodiscard]] CacheKey key(const BlockView& view, const FamilyUse& use, Timestamp grain) const {
        return {view.block().id(), plan_.scan.name(use, grain)};
    }

    /// A late label does not touch what no label can change.
    [[nodiscard]] std::uint64_t version(const BlockView& view, const FamilyUse& use) const {
        const bool label_free = !use.uses_labels() && !plan_.scan.uses_labels();
        return view.block().sealed() && label_free ? 0 : view.block().version();
    }

    const Core& core_;
    const Plan& plan_;
    std::span<const std::uint8_t> wanted_;
    Timestamp deadline_;
    std::vector<Accumulator> accumulators_;
    std::atomic<std::uint64_t> rows_scanned_{0};
    std::atomic<std::uint64_t> cells_reused_{0};
    Mutex mutex_;
    LeftOut left_out_ AIML_GUARDED_BY(mutex_);
};

/// The longest of hour and minute that divides the buckets; 0: neither.
Timestamp grain_of(const Buckets& buckets) {
    for (const Timestamp width : {kHour, kMinute}) {
        if (!buckets.step.has_value() ||
            (*buckets.step % width == 0 && buckets.phase % width == 0)) {
            return width;
        }
    }
    return 0;
}

}  // namespace

BlockPlan plan_block(Timestamp first, Timestamp last, const Buckets& buckets) {
    BlockPlan out;
    const TimeRange& range = buckets.range;
    if (range.contains(first) && range.contains(last) &&
        buckets.start_of(first) == buckets.start_of(last)) {
        out.cached = true;
        return out;
    }
    const TimeRange rows{std::max(range.from, first), std::min(range.to, last + 1)};
    const Timestamp grain = grain_of(buckets);
    // Rows before `first` do not exist: the range may as well begin at the slot that holds it.
    const Timestamp from = grain == 0            ? 0
                           : range.from <= first ? floor_to(first, grain)
                                                 : ceil_to(range.from, grain);
    const Timestamp to = grain == 0        ? 0
                         : last < range.to ? floor_to(last, grain) + grain
                                           : floor_to(range.to, grain);
    if (grain == 0 || from >= to) {
        out.direct.push_back(rows);
        return out;
    }
    out.cached = true;
    out.grain = grain;
    out.cached_range = {from, to};
    if (rows.from < from) {
        out.direct.push_back({rows.from, from});
    }
    if (to < rows.to) {
        out.direct.push_back({to, rows.to});
    }
    return out;
}

void sort_groups(std::vector<GroupStates>& groups) {
    std::ranges::sort(groups, [](const GroupStates& a, const GroupStates& b) {
        return a.rows != b.rows ? a.rows > b.rows : a.key < b.key;
    });
}

Status too_many_groups(std::size_t groups_max) {
    return {ErrorCode::kQueryTooLarge,
            fmt::format("group_by makes more than {} groups with this step and these metrics; "
                        "group by fewer keys, take "
                        "a longer step or add a filter",
                        groups_max),
            "/group_by"};
}

Result<Execution> execute(const Core& core,
                          const Plan& plan,
                          std::span<const std::uint8_t> wanted) {
    static Counter& scanned =
        counter("aiml042_query_rows_scanned_total", "Rows read by metric queries");
    static Counter& reused =
        counter("aiml042_query_cells_reused_total", "Family cells answered from the cache");
    AIML_ASSIGN(Execution execution, Executor(core, plan, wanted).run());
    scanned.add(execution.rows_scanned);
    reused.add(execution.cells_reused);
    return execution;
}

}  // namespace aiml042::query
