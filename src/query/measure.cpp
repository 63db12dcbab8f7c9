#include "query/measure.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "metrics/reference_column.h"
#include "query/parallel.h"

namespace aiml042::query {

namespace {

using BucketsOfPoints = std::vector<std::shared_ptr<const BucketPoints>>;

/// More (bucket, block) pairs than this are not worth remembering one by one.
constexpr std::size_t kReachesMax = 500'000;

/// Names what was asked, without bucket and blocks.
std::string question_of(const Plan& plan) {
    std::string text = fmt::format("{}\n{}\n{}\n{}\n",
                                   plan.finish.confidence.value_or(0.0),
                                   static_cast<int>(plan.finish.average),
                                   plan.finish.beta,
                                   plan.finish.min_n);
    for (const MetricUse& use : plan.metrics) {
        const Hash128 family = plan.scan.name(plan.families[use.family], 0);
        const auto& reference = plan.families[use.family].options.reference;
        const Hash128 against = reference != nullptr ? reference->name() : Hash128{};
        fmt::format_to(std::back_inserter(text),
                       "{}\n{}\n{}\n{}\n{:x}{:x}\n{:x}{:x}\n",
                       use.spec->name,
                       use.fits_task,
                       use.top ? use.top->text() : "",
                       use.quantile.value_or(0.0),
                       family.high,
                       family.low,
                       against.high,
                       against.low);
    }
    return text;
}

/// What each bucket's numbers depend on; a bucket that is still being written has no key.
class BucketKeys {
  public:
    explicit BucketKeys(const Plan& plan) : plan_(plan), labelled_(plan.scan.uses_labels()) {
        labelled_ = labelled_ || std::ranges::any_of(plan.families, &FamilyUse::uses_labels);
    }

    /// Empty when remembering is not worth it.
    std::vector<std::optional<CacheKey>> make() {
        const std::size_t count = plan_.buckets.count();
        std::vector<std::string> reach(count);
        std::vector<std::uint8_t> open(count, 0);
        std::size_t reaches = 0;
        for (const auto& block : plan_.blocks) {
            const auto [first, last] = reach_of(*block, plan_.buckets);
            reaches += last - first + 1;
            if (reaches > kReachesMax) {
                return {};
            }
            const bool fixed = block->sealed() && !labelled_;
            const std::uint64_t parts[2] = {block->id(), fixed ? 0 : block->version()};
            for (std::size_t i = first; i <= last; ++i) {
                reach[i].append(reinterpret_cast<const char*>(parts), sizeof(parts));
                open[i] = open[i] != 0 || !block->sealed() ? 1 : 0;
            }
        }
        const std::string question = question_of(plan_);
        std::vector<std::optional<CacheKey>> keys(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (open[i] == 0) {
                keys[i] = key(i, question, reach[i]);
            }
        }
        return keys;
    }

    /// The first and the last bucket that rows of a block may be in.
    static std::pair<std::size_t, std::size_t> reach_of(const store::Block& block,
                                                        const Buckets& buckets) {
        const Timestamp first = std::max(block.min_timestamp(), buckets.range.from);
        const Timestamp last = std::min(block.max_timestamp(), buckets.range.to - 1);
        return {buckets.index_of(first), buckets.index_of(std::max(first, last))};
    }

  private:
    [[nodiscard]] CacheKey key(std::size_t i,
                               const std::string& question,
                               const std::string& reach) const {
        const Timestamp start = plan_.buckets.start(i);
        const Timestamp begin = std::max(start, plan_.buckets.range.from);
        const Timestamp end = plan_.buckets.step.has_value()
                                  ? std::min(start + *plan_.buckets.step, plan_.buckets.range.to)
                                  : plan_.buckets.range.to;
        std::string text = question;
        const Timestamp parts[2] = {begin, end};
        text.append(reinterpret_cast<const char*>(parts), sizeof(parts));
        text += reach;
        return {static_cast<std::uint64_t>(start), hash128(text, 0)};
    }

    const Plan& plan_;
    bool labelled_;
};

/// The numbers of one bucket from its states.
BucketPoints finish_bucket(const Plan& plan, const Execution& execution, std::size_t bucket) {
    BucketPoints out;
    for (const GroupStates& group : execution.groups) {
        const auto* states = &group.states[bucket * plan.families.size()];
        if (group.bucket_rows[bucket] == 0) {
            continue;
        }
        BucketPoints::Group points{group.key, group.name, group.bucket_rows[bucket], {}};
        points.estimates.reserve(plan.metrics.size());
        for (const MetricUse& use : plan.metrics) {
            points.estimates.push_back(finish_state(plan, use, states[use.family].get(), bucket));
        }
        out.groups.push_back(std::move(points));
    }
    return out;
}

/// The groups of all buckets put together, with the values of no rows where a group has none.
class Assembly {
  public:
    explicit Assembly(const Plan& plan) : plan_(plan), count_(plan.buckets.count()) {}

    Result<std::vector<GroupStates>> run(const BucketsOfPoints& buckets) {
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            for (const BucketPoints::Group& points : buckets[i]->groups) {
                AIML_ASSIGN(const std::size_t index, group(points));
                GroupStates& into = groups_[index];
                into.rows += points.rows;
                into.bucket_rows[i] = points.rows;
                std::ranges::copy(
                    points.estimates,
                    into.points.begin() + static_cast<std::ptrdiff_t>(i * plan_.metrics.size()));
            }
        }
        if (plan_.scan.group_by.empty() && groups_.empty()) {
            groups_.push_back(empty_group());
        }
        for (GroupStates& one : groups_) {
            fill_gaps(one);
        }
        return std::move(groups_);
    }

  private:
    [[nodiscard]] GroupStates empty_group() const {
        GroupStates out;
        out.bucket_rows.resize(count_);
        out.points.resize(count_ * plan_.metrics.size());
        return out;
    }

    Result<std::size_t> group(const BucketPoints::Group& points) {
        const auto [at, is_new] = by_name_.emplace(points.name, groups_.size());
        if (is_new) {
            if (groups_.size() >= plan_.scan.groups_max) {
                return too_many_groups(plan_.scan.groups_max);
            }
            groups_.push_back(empty_group());
            groups_.back().key = points.key;
            groups_.back().name = points.name;
        }
        return at->second;
    }

    void fill_gaps(GroupStates& group) const {
        for (std::size_t i = 0; i < count_; ++i) {
            for (std::size_t m = 0; group.bucket_rows[i] == 0 && m < plan_.metrics.size(); ++m) {
                group.points[i * plan_.metrics.size() + m] =
                    finish_state(plan_, plan_.metrics[m], nullptr, i);
            }
        }
    }

    const Plan& plan_;
    std::size_t count_;
    std::vector<GroupStates> groups_;
    std::unordered_map<std::string, std::size_t> by_name_;
};

}  // namespace

std::size_t BucketPoints::memory_bytes() const {
    std::size_t bytes = sizeof(*this);
    for (const Group& group : groups) {
        bytes += sizeof(group) + group.name.size() + group.key.size() * (sizeof(GroupValue) + 16) +
                 group.estimates.size() * sizeof(metrics::Estimate);
    }
    return bytes;
}

Result<Execution> measure(const Core& core, const Plan& plan) {
    const std::vector<std::optional<CacheKey>> keys = BucketKeys(plan).make();
    BucketsOfPoints buckets(plan.buckets.count());
    std::vector<std::uint8_t> wanted(buckets.size(), 1);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        buckets[i] = keys[i].has_value() ? core.points.find(*keys[i], 0) : nullptr;
        wanted[i] = buckets[i] == nullptr ? 1 : 0;
    }
    Execution execution;
    if (std::ranges::find(wanted, 1) != wanted.end()) {
        AIML_ASSIGN(execution, execute(core, plan, wanted));
    }
    AIML_TRY(
        parallel_for(core.pool, core.options.threads, buckets.size(), [&](std::size_t i, unsigned) {
            if (buckets[i] == nullptr) {
                auto made = std::make_shared<const BucketPoints>(finish_bucket(plan, execution, i));
                // What blocks are missing from must not be remembered as the whole.
                if (i < keys.size() && keys[i].has_value() && !execution.left_out.any()) {
                    core.points.put(*keys[i], 0, made, made->memory_bytes());
                }
                buckets[i] = std::move(made);
            }
            return Status::ok();
        }));
    AIML_ASSIGN(execution.groups, Assembly(plan).run(buckets));
    sort_groups(execution.groups);
    return execution;
}

metrics::Estimate finish_state(const Plan& plan,
                               const MetricUse& use,
                               const metrics::State* state,
                               std::size_t bucket) {
    const FamilyUse& family = plan.families[use.family];
    metrics::FinishOptions options = finish_options(plan, use);
    options.window_seconds = plan.buckets.seconds(bucket);
    return state != nullptr ? finish_use(use, *state, options)
                            : finish_use(use, *family.family->create(family.options), options);
}

}  // namespace aiml042::query
