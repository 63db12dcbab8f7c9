#include "fold/restore.h"

#include <map>
#include <string>

#include "base/limits.h"
#include "base/log.h"
#include "fold/record_fold.h"
#include "model/column.h"
#include "model/row.h"

namespace aiml042::fold {

namespace {

/// Returns how many events it looked at.
Result<std::uint64_t> restore_block(const store::Block& block,
                                    const std::string& deployment,
                                    Timestamp since,
                                    identity::Index& identities,
                                    std::uint64_t identity_seed) {
    AIML_ASSIGN(const auto arrivals, block.column(model::builtin::kArrival));
    AIML_ASSIGN(const auto requests, block.column(model::builtin::kRequestId));
    if (arrivals == nullptr || requests == nullptr) {
        return Status(ErrorCode::kCorruptBlock, "a block has no arrivals or no request ids");
    }
    const store::PartitionKey partition = block.partition();
    std::uint64_t restored = 0;
    for (std::size_t i = 0; i < arrivals->integers.size(); ++i) {
        const std::uint32_t code = requests->codes[i];
        if (arrivals->integers[i] < since || code == model::kNullCode) {
            continue;
        }
        const Hash128 identity = model::identity_of(
            partition.project, deployment, requests->strings.at(code), identity_seed);
        identities.restore(identity, partition.day, arrivals->integers[i]);
        ++restored;
    }
    return restored;
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
    std::uint64_t restored = 0;
    std::uint64_t failed = 0;
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
                if (block->partition() != info.key ||
                    (zone && zone->max < static_cast<double>(since))) {
                    continue;
                }
                const auto count = restore_block(
                    *block, names[info.key.deployment], since, identities, identity_seed);
                if (count) {
                    restored += *count;
                } else {
                    ++failed;
                    log_error("identities_not_restored",
                              {{"block", block->id()}, {"error", count.status().to_string()}});
                }
                AIML_TRY(bound_memory(identities));
            }
        }
    }
    log_info(
        "identities_restored",
        {{"events", restored}, {"unreadable_blocks", failed}, {"since", format_rfc3339(since)}});
    return {};
}

}  // namespace aiml042::fold
