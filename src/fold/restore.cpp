#include "fold/restore.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "fold/record_fold.h"
#include "model/column.h"
#include "model/row.h"

namespace aiml042::fold {

namespace {

constexpr std::size_t kRestoreThreadsMax = 4;
constexpr std::size_t kAhead = 16;  // Rows between touching an identity and putting it back.

/// A block whose events may have to be put back.
struct Job {
    std::shared_ptr<const store::Block> block;
    std::string deployment;
};

/// Returns how many events it looked at.
Result<std::uint64_t> restore_block(const Job& job,
                                    Timestamp since,
                                    identity::Index& identities,
                                    std::uint64_t identity_seed) {
    AIML_ASSIGN(const auto arrivals, job.block->column(model::builtin::kArrival));
    AIML_ASSIGN(const auto requests, job.block->column(model::builtin::kRequestId));
    if (arrivals == nullptr || requests == nullptr) {
        return Status(ErrorCode::kCorruptBlock, "a block has no arrivals or no request ids");
    }
    const store::PartitionKey partition = job.block->partition();
    const identity::Index::Lookahead ahead = identities.lookahead();
    std::array<std::pair<Hash128, Timestamp>, kAhead> waiting;
    std::uint64_t count = 0;
    const auto put_back = [&](std::uint64_t i) {
        const auto& [identity, arrival] = waiting[i % kAhead];
        identities.restore(identity, partition.day, arrival);
    };
    for (std::size_t i = 0; i < arrivals->integers.size(); ++i) {
        const std::uint32_t code = requests->codes[i];
        if (arrivals->integers[i] < since || code == model::kNullCode) {
            continue;
        }
        if (count >= kAhead) {
            put_back(count - kAhead);
        }
        auto& slot = waiting[count++ % kAhead];
        slot = {model::identity_of(
                    partition.project, job.deployment, requests->strings.at(code), identity_seed),
                arrivals->integers[i]};
        ahead.touch(slot.first);
    }
    for (std::uint64_t i = count - std::min<std::uint64_t>(count, kAhead); i < count; ++i) {
        put_back(i);
    }
    return count;
}

std::vector<Job> blocks_since(const store::Store& store, Timestamp since) {
    std::vector<Job> jobs;
    for (const ProjectId project : store.projects()) {
        std::map<DeploymentId, std::string> names;
        for (store::DeploymentInfo& info : store.deployments(project)) {
            names.emplace(info.id, std::move(info.name));
        }
        for (const store::PartitionInfo& info : store.partitions(project)) {
            if (info.last_arrival < since) {
                continue;
            }
            const TimeRange day{Timestamp{info.key.day} * kDay,
                                (Timestamp{info.key.day} + 1) * kDay};
            for (const auto& block : store.blocks(project, info.key.deployment, day)) {
                const auto zone = block->zone(model::builtin::kArrival);
                if (block->partition() == info.key &&
                    (!zone || zone->max >= static_cast<double>(since))) {
                    jobs.push_back({block, names[info.key.deployment]});
                }
            }
        }
    }
    return jobs;
}

}  // namespace

Status bound_memory(identity::Index& identities) {
    return identities.hot_entries() < limits::kIdentityHotEntriesMax ? Status()
                                                                     : identities.spill();
}

Status restore_from_blocks(const store::Store& store,
                           identity::Index& identities,
                           std::uint64_t identity_seed) {
    const Timestamp since = identities.sealed_until();
    std::vector<Job> jobs = blocks_since(store, since);
    std::atomic<std::size_t> next{0};
    std::atomic<std::uint64_t> restored{0};
    std::atomic<std::uint64_t> failed{0};
    std::mutex mutex;
    Status unbounded;  // Guarded by `mutex`.
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size(); i = next++) {
            const auto count = restore_block(jobs[i], since, identities, identity_seed);
            if (count) {
                restored += *count;
            } else {
                ++failed;
                log_error("identities_not_restored",
                          {{"block", jobs[i].block->id()}, {"error", count.status().to_string()}});
            }
            jobs[i].block.reset();
            const std::lock_guard lock(mutex);
            if (Status status = bound_memory(identities); !status.is_ok()) {
                unbounded = std::move(status);
                next = jobs.size();
            }
        }
    };
    {
        std::vector<std::jthread> others;
        const std::size_t threads = std::min<std::size_t>(
            {std::max(1U, std::thread::hardware_concurrency()), kRestoreThreadsMax, jobs.size()});
        for (std::size_t i = 1; i < threads; ++i) {
            others.emplace_back(work);
        }
        work();
    }
    AIML_TRY(unbounded);
    log_info("identities_restored",
             {{"events", restored.load()},
              {"unreadable_blocks", failed.load()},
              {"since", format_rfc3339(since)}});
    return {};
}

}  // namespace aiml042::fold
