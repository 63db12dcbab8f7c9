// The columnar store: blocks of up to 65,536 rows per (UTC day, project, deployment), sealed ones
// on RocksDB, open ones in memory, labels beside them.
//
// One writer, the fold thread: append(), add_label() … seal(). Any thread reads: blocks(). A row is
// visible to readers when publish() was called after its append. See docs/formats/store.md for keys
// and bytes.
//
// Durability: nothing here is synced until seal() returns; each partition (day, project,
// deployment) knows up to which Lsn it is sealed (covered()), so that replaying the log from head()
// restores exactly the rest.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "base/scrub.h"
#include "base/status.h"
#include "base/time.h"
#include "model/column.h"
#include "model/row.h"
#include "store/directory.h"

namespace aiml042::store {

struct PartitionKey {
    std::int32_t day = 0;  // Days since 1970-01-01, UTC, of the events' time.
    ProjectId project{};
    DeploymentId deployment{};

    friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

/// One stored label of one event: all are kept, the one with the highest sequence is current.
struct LabelEntry {
    Lsn event = 0;     // Sequence of the event it belongs to.
    Lsn sequence = 0;  // Of the label itself.
    Timestamp label_ts = 0;
    Timestamp arrival = 0;
    bool has_class = false;
    std::string class_text;
    double value = model::kMissing;
    std::string source;
    std::string remainder;
};

/// Smallest and largest value of a column in a block.
struct Zone {
    double min = 0.0;
    double max = 0.0;
};

/// Rows of one partition as they were when blocks() was called; never changes. A sealed block reads
/// its columns when asked and shares them through a cache.
class Block {
  public:
    virtual ~Block() = default;

    [[nodiscard]] virtual PartitionKey partition() const = 0;
    /// Unique over the life of the data directory; changes when rows are merged into a new block.
    [[nodiscard]] virtual std::uint64_t id() const = 0;
    /// Grows whenever a label of these rows changes, and for open blocks whenever rows are added:
    /// (id, version) names the content, so that anything computed from a block can be cached under
    /// it.
    [[nodiscard]] virtual std::uint64_t version() const = 0;
    [[nodiscard]] virtual std::uint32_t rows() const = 0;
    [[nodiscard]] virtual Timestamp min_timestamp() const = 0;
    [[nodiscard]] virtual Timestamp max_timestamp() const = 0;
    [[nodiscard]] virtual bool sealed() const = 0;

    /// The column, one entry per row; null when no row of this block has it. kCorruptBlock when its
    /// checksum fails. Sealed blocks are sorted by timestamp (ties by sequence), open ones are in
    /// order of arrival.
    [[nodiscard]] virtual Result<std::shared_ptr<const model::ColumnVector>> column(
        ColumnId id) const = 0;

    /// Range of a number or time column, without reading it; empty when not known.
    [[nodiscard]] virtual std::optional<Zone> zone(ColumnId id) const = 0;

    /// Labels as of `as_of`: for each row the label with the highest sequence among those with
    /// label_ts <= as_of.
    [[nodiscard]] virtual Result<std::shared_ptr<const model::LabelColumns>> labels(
        Timestamp as_of = kTimestampMax) const = 0;

    /// The remainder (JSON: relevance …) of the label that labels() takes for each row; null where
    /// there is none. Read from disk at each call, since few ask and texts are large.
    [[nodiscard]] virtual Result<std::shared_ptr<const model::ColumnVector>> label_remainders(
        Timestamp as_of = kTimestampMax) const = 0;

    /// Every label ever given to the event with this sequence, oldest first.
    [[nodiscard]] virtual Result<std::vector<LabelEntry>> label_history(Lsn event) const = 0;
};

struct StoreOptions {
    std::string folder;
    std::size_t memtable_bytes_max = limits::kMemtableBytesMax;
    std::size_t cache_bytes_max = 512ULL << 20;  // Decoded columns and labels.
};

struct StoreStats {
    std::uint64_t events = 0;  // Rows, sealed and open.
    std::uint64_t labels = 0;  // Events that have a label.
    std::uint64_t open_bytes = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t blocks = 0;
};

/// What is known of a partition without reading it.
struct PartitionInfo {
    PartitionKey key;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  // On disk, 0 while open.
    Timestamp last_arrival = 0;
};

/// An event that is looked for.
struct EventLookup {
    std::string_view request_id;
    // To the second, when known: few blocks hold that second. Events of another second may be found
    // too.
    std::optional<Timestamp> arrival;
};

/// An event that has the request_id with this index in the batch asked for.
struct FoundEvent {
    std::uint32_t request = 0;
    Lsn event = 0;

    friend auto operator<=>(const FoundEvent&, const FoundEvent&) = default;
};

class Store {
  public:
    static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // --- Any thread
    // -------------------------------------------------------------------------------------------------
    [[nodiscard]] std::optional<DeploymentInfo> find_deployment(ProjectId project,
                                                                std::string_view name) const;
    [[nodiscard]] std::vector<DeploymentInfo> deployments(ProjectId project) const;

    /// A consistent view of all published rows that may lie in `range`: days in order, within a day
    /// by block.
    [[nodiscard]] std::vector<std::shared_ptr<const Block>> blocks(ProjectId project,
                                                                   DeploymentId deployment,
                                                                   TimeRange range) const;
    /// Last published Lsn.
    [[nodiscard]] Lsn visible() const;
    /// Waits until visible() >= lsn; false after `timeout_ms`.
    bool wait_visible(Lsn lsn, std::uint32_t timeout_ms) const;

    /// Of all projects, or of one.
    [[nodiscard]] StoreStats stats(std::optional<ProjectId> project = std::nullopt) const;
    /// Projects that have a deployment here, in order.
    [[nodiscard]] std::vector<ProjectId> projects() const;
    [[nodiscard]] std::vector<PartitionInfo> partitions(ProjectId project) const;

    // --- The fold thread only
    // ---------------------------------------------------------------------------------------
    DeploymentId intern_deployment(ProjectId project, std::string_view name);
    /// Id of the column, made on first sight; nothing when the deployment has
    /// limits::kColumnsPerDeploymentMax columns.
    std::optional<ColumnId> intern_column(DeploymentId deployment, const model::ColumnKey& key);

    /// Adds a row to the open block of its partition. `columns[i]` is the id of `row.fields[i]`
    /// (kNoColumn drops it). A sequence that the partition has sealed (see covered()) changes
    /// nothing.
    void append(PartitionKey partition,
                const model::EventRow& row,
                std::span<const ColumnId> columns,
                Lsn sequence,
                Timestamp arrival);

    static constexpr ColumnId kNoColumn = ~ColumnId{0};

    /// Sequences of the events of `partition` with that request_id and identity, usually none or
    /// one.
    [[nodiscard]] Result<std::vector<Lsn>> find_events(PartitionKey partition,
                                                       std::string_view request_id);

    /// The same for many events at once, sorted by (request, event); much cheaper when the day has
    /// many blocks, and again when the arrivals are known.
    [[nodiscard]] Result<std::vector<FoundEvent>> find_events(PartitionKey partition,
                                                              std::span<const EventLookup> lookups);

    /// Gives the event `entry.event` of that partition one more label. The same label sequence
    /// again changes nothing.
    void add_label(PartitionKey partition, const LabelEntry& entry);

    /// Labels that have no event yet, by identity; durable with the next seal(). Kept until taken.
    /// Not kept (and counted in /metrics) when limits::kPendingLabelsMax of them wait.
    void add_pending(const Hash128& identity, const LabelEntry& entry);
    /// The pending labels of an identity; they stay stored until the partition they went to
    /// (`into`) is sealed.
    std::vector<LabelEntry> take_pending(const Hash128& identity, PartitionKey into);
    /// The same without taking: for labels sent without a deployment, which later events may match
    /// again.
    [[nodiscard]] std::vector<LabelEntry> peek_pending(const Hash128& identity) const;
    /// Drops pending labels that arrived before `arrival`. Returns how many.
    std::uint64_t drop_pending_before(Timestamp arrival);

    /// Makes everything appended so far visible, up to and including `lsn`.
    void publish(Lsn lsn);

    /// Lsn up to which the partition needs no replay; 0 when never sealed. The pending labels are a
    /// partition of their own.
    [[nodiscard]] Lsn covered(PartitionKey partition) const;
    [[nodiscard]] Lsn covered_pending() const;

    /// Writes partitions to disk, durable on return: those whose oldest unsealed row is older than
    /// `age` (by `now`), those with a full block, and as many more (oldest first) as the memory
    /// bound asks for. All with age 0.
    Status seal(Timestamp now, Timestamp age);

    /// The log may be cut below this: smallest Lsn that some partition has not sealed; visible() +
    /// 1 when all have.
    [[nodiscard]] Lsn head() const;

    /// Arrival of the newest event of a partition, what is not visible yet included; 0 without any.
    [[nodiscard]] Timestamp last_arrival(PartitionKey partition) const;

    /// Deletes the whole day of a deployment's events and labels, at once for readers; durable with
    /// the next seal(), freed on disk by the seal() after the last block of it was let go of.
    /// Blocks that are held stay readable.
    Status drop_partition(PartitionKey partition);

    // --- Verify
    // -----------------------------------------------------------------------------------------------------
    /// Reads everything: checksums, row counts, order, zones, label references. `report` gets one
    /// line per fault.
    Status verify(const std::function<void(const std::string&)>& report) const;

    /// Reads one file of the store against its checksums, from the disk and past all caches: the
    /// one with the lowest number above `after`, which is returned; nothing when there is none.
    /// Numbers grow, so going on with the last one until nothing comes reads all that was there at
    /// the beginning and all that was written since. Any thread; ingest and queries go on.
    std::optional<std::uint64_t> scrub_file(std::uint64_t after, const Scrub& scrub) const;

  private:
    struct State;
    explicit Store(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::store
