#include "app/instance.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <limits>
#include <mutex>

#include "app/stored_references.h"
#include "base/counter.h"
#include "base/log.h"
#include "os/sabotage.h"
#include "os/thread.h"

namespace aiml042::app {

namespace {

constexpr std::chrono::milliseconds kTick{100};  // How late a key of `aiml042 keys` is known.
constexpr std::uint32_t kTicksPerHousekeeping = 300;

/// Retention never takes what arrived less than this long ago, whatever the event's own time says.
constexpr Timestamp kRetentionGrace = kDay;

std::string sub(const std::string& folder, std::string_view name) {
    return folder + "/" + std::string(name);
}

/// Of decoded columns. A scan of more than the cache holds decodes all of it each time: ten million
/// rows of a usual ad-hoc question take half a gigabyte.
std::size_t cache_bytes_of(std::uint64_t setting_mb) {
    constexpr std::size_t kLeast = 64ULL << 20;
    constexpr std::size_t kShare = 16;
    return setting_mb == 0 ? std::max(kLeast, os::memory_bytes() / kShare) : setting_mb << 20;
}

unsigned threads_of(std::uint64_t setting) {
    return setting == 0 ? std::max(1U, std::thread::hardware_concurrency())
                        : static_cast<unsigned>(setting);
}

}  // namespace

std::optional<catalog::Project> find_project(const catalog::Catalog& catalog,
                                             std::string_view name_or_id) {
    for (catalog::Project& project : catalog.projects()) {
        if (project.name == name_or_id || project.public_id == name_or_id) {
            return std::move(project);
        }
    }
    return std::nullopt;
}

Result<std::unique_ptr<Instance>> Instance::open(const Config& config,
                                                 std::function<void(const Status&)> on_fatal) {
    std::unique_ptr<Instance> instance(new Instance(config));
    if (Status status = instance->start(std::move(on_fatal)); !status.is_ok()) {
        return instance->reserve_.explain(std::move(status));
    }
    return instance;
}

Status Instance::start(std::function<void(const Status&)> on_fatal) {
    const std::string& folder = config_.storage_data_dir;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return {ErrorCode::kStorageFailed,
                "cannot make the data directory " + folder + ": " + error.message()};
    }
    AIML_ASSIGN(lock_, os::FolderLock::take(folder));
    const bool disk_was_full = reserve_.release();
    AIML_ASSIGN(catalog_, catalog::Catalog::open(sub(folder, "catalog.db")));
    if (catalog_->projects().empty()) {
        AIML_TRY(catalog_->create_project("default", clock_.now()).status());
    }
    AIML_ASSIGN(store_,
                store::Store::open({.folder = sub(folder, "store"),
                                    .memtable_bytes_max = config_.storage_memtable_mb << 20,
                                    .cache_bytes_max = cache_bytes_of(config_.storage_cache_mb)}));
    AIML_ASSIGN(
        identities_,
        identity::Index::open(
            {.folder = sub(folder, "ids"),
             .dedupe_horizon = static_cast<Timestamp>(config_.ingest_dedupe_horizon_h) * kHour,
             .sabotage_forget_on_restart = os::sabotaged("forget_on_restart")}));
    fold_ = std::make_unique<fold::Applier>(
        *store_,
        *identities_,
        fold::ApplierOptions{
            .identity_seed = catalog_->identity_seed(),
            .seal_age = static_cast<Timestamp>(config_.storage_seal_age_s) * kSecond,
            .may_forget = [this] { return clock_watch_.believed().has_value(); }});
    AIML_TRY(recover());
    wal::WriterOptions log_options;
    log_options.folder = sub(folder, "log");
    log_options.free_bytes_min = config_.storage_free_bytes_min;
    log_options.on_fatal = std::move(on_fatal);
    AIML_ASSIGN(
        log_,
        wal::Writer::open(std::move(log_options), replay_.next, [this](wal::CommittedGroup group) {
            fold_->sink(std::move(group));
        }));
    fold_->start([this] { return clock_.now(); },
                 [this](Lsn head) { log_->truncate_before(head); });
    gate_ = std::make_unique<ingest::Gate>(
        *log_, *identities_, *catalog_, [this](ProjectId project) { return names_of(project); });
    engine_ = std::make_unique<query::Engine>(
        *store_,
        [this](ProjectId project, std::string_view deployment) {
            return catalog_->settings(project, deployment);
        },
        query::EngineOptions{.cell_bytes_max = config_.query_cell_mb << 20,
                             .exact_rows_max = config_.query_exact_rows_max,
                             .rows_max = config_.query_rows_max,
                             .threads = threads_of(config_.query_threads),
                             .cursor_seed = catalog_->identity_seed()},
        stored_references(*catalog_));
    if (disk_was_full) {
        reserve_.keep();  // At once: the next start may come soon.
    }
    start_upkeep();
    return Status::ok();
}

std::vector<ingest::KnownDeployment> Instance::names_of(ProjectId project) const {
    std::vector<ingest::KnownDeployment> names;
    for (const store::DeploymentInfo& deployment : store_->deployments(project)) {
        ingest::KnownDeployment known{.name = deployment.name, .columns = {}};
        known.columns.reserve(deployment.schema->columns.size());
        for (const store::ColumnInfo& column : deployment.schema->columns) {
            known.columns.push_back(column.key);
        }
        names.push_back(std::move(known));
    }
    return names;
}

/// What goes on in the background for as long as the instance is open.
void Instance::start_upkeep() {
    housekeeping_ = std::jthread([this](const std::stop_token& stop) {
        os::enter_thread("house", os::Rank::kBackground);
        keep_house(stop);
    });
    if (config_.storage_scrub_s != 0) {
        scrubber_ = std::make_unique<Scrubber>(
            ScrubOptions{.folder = config_.storage_data_dir,
                         .period = static_cast<Timestamp>(config_.storage_scrub_s) * kSecond,
                         .bytes_per_second_max = config_.storage_scrub_mb_s << 20},
            *store_,
            *identities_,
            *log_,
            clock_);
    }
}

Status Instance::recover() {
    if (!os::sabotaged("forget_on_restart")) {
        fold_->begin_replay();
    }
    const Timestamp begin = clock_.steady();
    AIML_ASSIGN(replay_,
                wal::replay(sub(config_.storage_data_dir, "log"),
                            store_->head(),
                            true,
                            [this](const wal::Record& record) { return fold_->apply(record); }));
    AIML_TRY(fold_->finish_replay());
    // Sequences must go on above everything that was ever given out, also when the log is empty.
    replay_.next = std::max(replay_.next, store_->visible() + 1);
    store_->publish(replay_.next - 1);
    for (const wal::Damage& damage : replay_.damages) {
        log_error("log_damage",
                  {{"file", damage.file},
                   {"offset", damage.offset},
                   {"length", damage.length},
                   {"after_seq", damage.after},
                   {"until_seq", damage.until}});
    }
    gauge("aiml042_log_damaged_stretches",
          "Damaged stretches of acknowledged log bytes found at start")
        .set(replay_.damages.size());
    log_info("recovered",
             {{"records", replay_.records},
              {"bytes", replay_.bytes},
              {"torn_bytes", replay_.torn_bytes},
              {"ms", (clock_.steady() - begin) / kMillisecond}});
    return Status::ok();
}

void Instance::keep_house(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    for (std::uint32_t tick = 1;
         !wake.wait_for(lock, stop, kTick, [&] { return stop.stop_requested(); });
         ++tick) {
        if (const Status status = catalog_->refresh_keys(); !status.is_ok()) {
            log_warn("keys_not_refreshed", {{"error", status.to_string()}});
        }
        const std::optional<Timestamp> now = clock_watch_.believed();
        if (tick == 1 || tick % kTicksPerHousekeeping == 0) {
            reserve_.keep();
        }
        if (tick % kTicksPerHousekeeping != 0) {
            continue;
        }
        for (const catalog::Project& project : catalog_->projects()) {
            if (!now) {
                break;  // By a clock that was moved, anything may look old.
            }
            if (const Status status = apply_retention(project.id, *now); !status.is_ok()) {
                log_warn("retention_failed",
                         {{"project", project.public_id}, {"error", status.to_string()}});
            }
        }
        update_gauges();
    }
}

void Instance::update_gauges() const {
    const store::StoreStats stats = store_->stats();
    gauge("aiml042_store_events", "Events stored").set(stats.events);
    gauge("aiml042_store_disk_bytes", "Bytes of sealed blocks").set(stats.disk_bytes);
    gauge("aiml042_store_open_bytes", "Bytes of rows not yet sealed").set(stats.open_bytes);
    gauge("aiml042_log_live_bytes", "Bytes of log segments in use").set(log_->live_bytes());
    const identity::IndexStats identities = identities_->stats();
    gauge("aiml042_identity_entries", "Request ids remembered")
        .set(identities.hot_entries + identities.sealed_entries);
    gauge("aiml042_identity_memory_bytes", "Memory of the identity index")
        .set(identities.memory_bytes);
}

/// Drops whole days, oldest first: those older than the days kept, then as many as the bytes kept
/// ask for.
Status Instance::apply_retention(ProjectId project, Timestamp now) {
    catalog::Retention kept = catalog_->retention(project);
    if (!kept.days && config_.retention_days != 0) {
        kept.days = static_cast<std::uint32_t>(config_.retention_days);
    }
    if (!kept.bytes && config_.retention_bytes != 0) {
        kept.bytes = config_.retention_bytes;
    }
    if (!kept.days && !kept.bytes) {
        return Status::ok();
    }
    std::vector<store::PartitionInfo> partitions = store_->partitions(project);
    std::ranges::sort(partitions, {}, [](const store::PartitionInfo& info) { return info.key; });
    std::uint64_t bytes = 0;
    for (const auto& info : partitions) {
        bytes += info.bytes;
    }
    const auto first_day = kept.days ? static_cast<std::int32_t>(floor_to(now, kDay) / kDay) -
                                           static_cast<std::int32_t>(*kept.days)
                                     : std::numeric_limits<std::int32_t>::min();
    static Counter& dropped =
        counter("aiml042_retention_partitions_total", "Days of a deployment dropped by retention");
    for (const auto& info : partitions) {
        const bool too_old = info.key.day < first_day;
        const bool too_many = kept.bytes && bytes > *kept.bytes;
        if ((too_old || too_many) && info.last_arrival + kRetentionGrace < now) {
            bool drop = false;
            AIML_TRY(fold_->run([&](store::Store& writable) {
                // Something may have come in between.
                drop = writable.last_arrival(info.key) + kRetentionGrace < now;
                return drop ? writable.drop_partition(info.key) : Status::ok();
            }));
            if (drop) {
                bytes -= info.bytes;
                dropped.add();
            }
        }
    }
    return Status::ok();
}

Status Instance::close() {
    if (closed_.exchange(true)) {
        return Status::ok();
    }
    scrubber_.reset();
    housekeeping_ = std::jthread();
    if (log_) {
        log_->close();
    }
    return fold_ ? fold_->close() : Status::ok();
}

Instance::~Instance() {
    if (const Status status = close(); !status.is_ok()) {
        log_error("close_failed", {{"error", status.to_string()}});
    }
}

}  // namespace aiml042::app
