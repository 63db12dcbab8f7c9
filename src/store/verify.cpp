// Reads everything that is stored and says what does not fit.

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/column_codec.h"
#include "store/keys.h"
#include "store/label_join.h"
#include "store/state.h"

namespace aiml042::store {

namespace {

namespace builtin = model::builtin;
using model::ColumnVector;

// A partition as it was when the check began.
struct Snapshot {
    PartitionKey key;
    std::vector<std::shared_ptr<const SealedBlock>> sealed;
    std::vector<std::shared_ptr<const OpenBlock>> open;
    std::vector<std::uint32_t> open_rows;
    std::shared_ptr<const LabelChunks> chunks;
};

std::string name_of(const PartitionKey& key) {
    const CivilDate date = civil_from_days(key.day);
    const auto two = [](unsigned v) { return (v < 10 ? "0" : "") + std::to_string(v); };
    return std::to_string(date.year) + "-" + two(date.month) + "-" + two(date.day) + "/project " +
           std::to_string(raw(key.project)) + "/deployment " + std::to_string(raw(key.deployment));
}

class Checker {
  public:
    Checker(const Disk& disk,
            const Snapshot& snapshot,
            const std::function<void(const std::string&)>& report)
        : disk_(disk), snapshot_(snapshot), report_(report) {}

    void check() {
        for (const auto& block : snapshot_.sealed) {
            check_block(*block);
        }
        for (std::size_t i = 0; i < snapshot_.open.size(); ++i) {
            if (const auto rows = snapshot_.open_rows[i]; rows > 0) {
                const auto sequences = snapshot_.open[i]->copy_column(builtin::kSequence, rows);
                add_sequences(*sequences);
            }
        }
        std::sort(sequences_.begin(), sequences_.end());
        if (std::adjacent_find(sequences_.begin(), sequences_.end()) != sequences_.end()) {
            fault("two rows have the same sequence");
        }
        for (const auto& chunk : *snapshot_.chunks) {
            check_chunk(*chunk);
        }
    }

  private:
    void fault(const std::string& what) { report_(name_of(snapshot_.key) + ": " + what); }

    void add_sequences(const ColumnVector& column) {
        sequences_.insert(sequences_.end(), column.integers.begin(), column.integers.end());
    }

    std::shared_ptr<const ColumnVector> read(const SealedBlock& block, ColumnId id) {
        auto column = read_column(disk_, block, id);
        if (!column.is_ok()) {
            fault("block " + std::to_string(block.id) + ": " + column.status().to_string());
            return nullptr;
        }
        return *column;
    }

    void check_block(const SealedBlock& block) {
        const std::string name = "block " + std::to_string(block.id) + ": ";
        for (std::size_t i = 0; i < block.columns.size(); ++i) {
            const auto column = read(block, block.columns[i]);
            if (column == nullptr) {
                continue;
            }
            const auto zone = zone_of(*column);
            const bool same =
                block.packed ||
                (zone.has_value() == block.zones[i].has_value() &&
                 (!zone || (zone->min == block.zones[i]->min && zone->max == block.zones[i]->max)));
            if (!same) {
                fault(name + "the zone of column " + std::to_string(block.columns[i]) +
                      " is not its range");
            }
        }
        const auto times = read(block, builtin::kTimestamp);
        const auto sequences = read(block, builtin::kSequence);
        if (times == nullptr || sequences == nullptr) {
            fault(name + "times or sequences are missing");
            return;
        }
        check_rows(block, *times, *sequences);
        add_sequences(*sequences);
    }

    void check_rows(const SealedBlock& block,
                    const ColumnVector& times,
                    const ColumnVector& sequences) {
        const std::string name = "block " + std::to_string(block.id) + ": ";
        bool sorted = true;
        bool inside = true;
        for (std::size_t row = 0; row < times.integers.size(); ++row) {
            const Timestamp t = times.integers[row];
            const auto s = static_cast<Lsn>(sequences.integers[row]);
            inside = inside && floor_to(t, kDay) / kDay == snapshot_.key.day &&
                     t >= block.min_timestamp && t <= block.max_timestamp &&
                     s >= block.min_sequence && s <= block.max_sequence;
            sorted = sorted && (row == 0 || times.integers[row - 1] < t ||
                                (times.integers[row - 1] == t &&
                                 sequences.integers[row - 1] < sequences.integers[row]));
        }
        if (!inside) {
            fault(name + "a row lies outside its day or the range of its block");
        }
        if (!sorted) {
            fault(name + "rows are not sorted");
        }
    }

    void check_chunk(const LabelChunk& chunk) {
        const std::string name = "label chunk " + std::to_string(chunk.id) + ": ";
        auto table = read_label_chunk(disk_, snapshot_.key, chunk);
        if (!table.is_ok()) {
            fault(name + table.status().to_string());
            return;
        }
        bool sorted = true;
        std::size_t dangling = 0;
        for (std::size_t i = 0; i < table->size(); ++i) {
            const auto key = [&](std::size_t at) {
                return std::pair(table->events[at], table->sequences[at]);
            };
            sorted = sorted && (i == 0 || key(i - 1) < key(i));
            dangling += std::binary_search(sequences_.begin(), sequences_.end(), table->events[i])
                            ? 0U
                            : 1U;
        }
        if (!sorted || table->events.front() != static_cast<std::int64_t>(chunk.min_event) ||
            table->events.back() != static_cast<std::int64_t>(chunk.max_event)) {
            fault(name + "entries are not sorted or not in their range");
        }
        if (dangling > 0) {
            fault(name + std::to_string(dangling) + " labels belong to no event");
        }
    }

    const Disk& disk_;
    const Snapshot& snapshot_;
    const std::function<void(const std::string&)>& report_;
    std::vector<std::int64_t> sequences_;
};

}  // namespace

Status Store::verify(const std::function<void(const std::string&)>& report) const {
    const State& state = *state_;
    std::vector<Snapshot> snapshots;
    {
        const std::shared_lock lock(state.mutex);
        for (const auto& [owner, days] : state.partitions) {
            for (const auto& [day, partition] : days) {
                Snapshot& snapshot = snapshots.emplace_back();
                snapshot.key = partition->key;
                snapshot.sealed = partition->sealed;
                snapshot.chunks = partition->chunks;
                for (const auto& open : partition->open) {
                    snapshot.open.push_back(open->block);
                    snapshot.open_rows.push_back(open->rows);
                }
            }
        }
    }
    std::uint64_t faults = 0;
    const std::function<void(const std::string&)> count = [&](const std::string& line) {
        ++faults;
        report(line);
    };
    for (const Snapshot& snapshot : snapshots) {
        Checker(state.disk(), snapshot, count).check();
    }
    if (const Status status = Pending::verify(state.disk()); !status.is_ok()) {
        count("pending labels: " + status.to_string());
    }
    if (const Status status = state.disk().verify_files(); !status.is_ok()) {
        count(status.to_string());
    }
    return faults == 0 ? Status::ok()
                       : Status(ErrorCode::kCorruptBlock,
                                std::to_string(faults) + " faults were found in the store");
}

}  // namespace aiml042::store
