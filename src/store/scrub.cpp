// Reads the files of the store in the background and says what their damage costs.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "store/keys.h"
#include "store/sealed_block.h"
#include "store/state.h"

namespace aiml042::store {

namespace {

/// A value that is stored, by its key, and what it is to a reader.
struct Known {
    std::string key;
    std::string name;
};

std::string name_of(const PartitionKey& key) {
    return "day " + format_rfc3339(Timestamp{key.day} * kDay).substr(0, 10) + ", project " +
           std::to_string(raw(key.project)) + ", deployment " + std::to_string(raw(key.deployment));
}

void add_block(const SealedBlock& block, Family family, std::vector<Known>& out) {
    const std::string block_name = name_of(block.partition) + ", block " + std::to_string(block.id);
    if (family == Family::kMeta) {
        out.push_back({block_key(block.partition, block.id), block_name + ", its record"});
        return;
    }
    bool packed = false;
    for (const ColumnId column : block.columns) {
        if (family_of(column) != family) {
            continue;
        }
        if (block.packed && family == Family::kColumns) {
            packed = true;
            continue;
        }
        out.push_back({column_key(block.partition, block.id, column),
                       block_name + ", column " + std::to_string(column)});
    }
    if (packed) {
        out.push_back(
            {column_key(block.partition, block.id, kPackedColumns), block_name + ", its columns"});
    }
}

void add_partition(const Partition& partition, Family family, std::vector<Known>& out) {
    if (family != Family::kLabels) {
        for (const auto& block : partition.sealed) {
            add_block(*block, family, out);
        }
        return;
    }
    for (const auto& chunk : *partition.chunks) {
        out.push_back({label_key(partition.key, chunk->id),
                       name_of(partition.key) + ", labels " + std::to_string(chunk->id)});
    }
}

/// What a family holds now, by key. Only looked at when something is damaged.
class Inventory {
  public:
    Inventory(Family family, std::vector<Known> known) : family_(family), known_(std::move(known)) {
        std::ranges::sort(known_, {}, &Known::key);
    }

    [[nodiscard]] std::string key_behind(ByteView key) const {
        const auto at = behind(key);
        return at == known_.end() ? std::string() : at->key;
    }

    /// Tells each value between the two keys that cannot be read; when none of them is to blame,
    /// the place itself.
    void tell(const Disk& disk,
              const DiskFile& file,
              ByteView from,
              ByteView to,
              const Status& why,
              const Scrub& scrub) const {
        bool named = false;
        for (auto at = behind(from); at != known_.end() && (to.empty() || at->key < to); ++at) {
            const Status status =
                disk.read(family_, at->key, [](ByteView /*value*/) { return Status::ok(); });
            if (status.code() == ErrorCode::kCorruptBlock) {
                named = true;
                scrub.fault({file.name, at->name, status.detail()});
            }
        }
        if (!named) {
            const auto next = behind(from);
            scrub.fault({file.name,
                         next == known_.end() ? "the end of the file" : "near " + next->name,
                         why.detail()});
        }
    }

  private:
    [[nodiscard]] std::vector<Known>::const_iterator behind(ByteView key) const {
        return std::ranges::upper_bound(
            known_, key, {}, [](const Known& known) { return ByteView(known.key); });
    }

    Family family_;
    std::vector<Known> known_;
};

}  // namespace

std::optional<std::uint64_t> Store::scrub_file(std::uint64_t after, const Scrub& scrub) const {
    const State& state = *state_;
    const std::vector<DiskFile> files = state.disk().files();
    const auto file = std::ranges::upper_bound(files, after, {}, &DiskFile::number);
    if (file == files.end()) {
        return std::nullopt;
    }
    std::optional<Inventory> inventory;  // Made on the first damage.
    const auto known = [&]() -> const Inventory& {
        if (!inventory) {
            std::vector<Known> all;
            const std::shared_lock lock(state.mutex);
            for (const auto& [owner, days] : state.partitions) {
                for (const auto& [day, partition] : days) {
                    add_partition(*partition, file->family, all);
                }
            }
            inventory.emplace(file->family, std::move(all));
        }
        return *inventory;
    };
    state.disk().scrub_file(*file,
                            {.read = scrub.pace,
                             .key_behind = [&](ByteView key) { return known().key_behind(key); },
                             .damaged =
                                 [&](ByteView from, ByteView to, const Status& why) {
                                     known().tell(state.disk(), *file, from, to, why, scrub);
                                 }});
    return file->number;
}

}  // namespace aiml042::store
