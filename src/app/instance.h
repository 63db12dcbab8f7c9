// Everything of a server but its HTTP side: an open data directory that takes events and answers
// queries.
//
// Start order: folder lock, catalog, store, identities, replay of the log, log writer, fold, gate,
// query engine. The destructor is the exact reverse: what was acknowledged is sealed, so that the
// next start replays nothing.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/clock_watch.h"
#include "app/config.h"
#include "app/disk_reserve.h"
#include "app/scrubber.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "fold/applier.h"
#include "identity/index.h"
#include "ingest/gate.h"
#include "os/clock.h"
#include "os/folder_lock.h"
#include "query/engine.h"
#include "store/store.h"
#include "wal/replay.h"
#include "wal/writer.h"

namespace aiml042::app {

/// The project of that name or public id.
[[nodiscard]] std::optional<catalog::Project> find_project(const catalog::Catalog& catalog,
                                                           std::string_view name_or_id);

class Instance {
  public:
    /// A new data directory gets a project named "default". `on_fatal` is told, from any thread,
    /// that the log failed: the process should exit soon with status 70.
    static Result<std::unique_ptr<Instance>> open(const Config& config,
                                                  std::function<void(const Status&)> on_fatal);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    [[nodiscard]] const os::Clock& clock() const { return clock_; }

    [[nodiscard]] catalog::Catalog& catalog() { return *catalog_; }

    [[nodiscard]] store::Store& store() { return *store_; }

    [[nodiscard]] identity::Index& identities() { return *identities_; }

    [[nodiscard]] ingest::Gate& gate() { return *gate_; }

    [[nodiscard]] query::Engine& engine() { return *engine_; }

    [[nodiscard]] const wal::Writer& log() const { return *log_; }

    /// What the start had to replay, and the damage it found in acknowledged bytes.
    [[nodiscard]] const wal::ReplayReport& replay() const { return replay_; }

    /// What the scrub knows; empty when it is off.
    [[nodiscard]] std::optional<ScrubView> scrub() const {
        return scrubber_ ? std::optional(scrubber_->view()) : std::nullopt;
    }

    /// Whether what is deleted by age may be deleted.
    [[nodiscard]] ClockWatch& clock_watch() { return clock_watch_; }

    /// Sets the gauges of store, log and identities to what they are now.
    void update_gauges() const;

    /// Refuses ingest from now on and seals what is there.
    Status close();

  private:
    explicit Instance(const Config& config) : config_(config), reserve_(config.storage_data_dir) {}

    Status start(std::function<void(const Status&)> on_fatal);
    Status recover();
    void start_upkeep();
    /// The names that the store has of a project.
    [[nodiscard]] std::vector<ingest::KnownDeployment> names_of(ProjectId project) const;
    void keep_house(const std::stop_token& stop);
    Status apply_retention(ProjectId project, Timestamp now);

    const Config config_;
    os::SystemClock clock_;
    ClockWatch clock_watch_{clock_};
    DiskReserve reserve_;  // Of the housekeeping thread once that runs.
    std::optional<os::FolderLock> lock_;
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<identity::Index> identities_;
    wal::ReplayReport replay_;
    std::unique_ptr<fold::Applier> fold_;
    std::unique_ptr<wal::Writer> log_;
    std::unique_ptr<ingest::Gate> gate_;
    std::unique_ptr<query::Engine> engine_;
    std::atomic<bool> closed_{false};
    std::jthread housekeeping_;
    std::unique_ptr<Scrubber> scrubber_;
};

}  // namespace aiml042::app
