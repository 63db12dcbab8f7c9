#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "access/authenticator.h"
#include "access/secret.h"
#include "api/app.h"
#include "api/query_routes.h"
#include "app/commands.h"
#include "app/demo.h"
#include "app/instance.h"
#include "app/listen.h"
#include "app/version.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mutex.h"
#include "net/http.h"
#include "os/work_pool.h"
#include "plugin/plugin.h"

namespace aiml042::app {

namespace {

constexpr std::size_t kWorkQueueMax = 4'096;
constexpr auto kAdminScope = static_cast<std::uint32_t>(access::Scope::kAdmin);

/// The exit code of a server whose log failed: the supervisor should start it again.
constexpr int kExitLogFailed = 70;

/// The first admin key of a data directory: given, or made, printed once and kept in admin.key.
Status make_admin_key(Instance& instance, const Config& config) {
    const std::vector<catalog::ApiKey> keys = instance.catalog().keys();
    if (std::ranges::any_of(
            keys, [](const catalog::ApiKey& key) { return (key.scopes & kAdminScope) != 0; })) {
        return Status::ok();
    }
    const access::KeyRequest request{.project = instance.catalog().projects().front().id,
                                     .name = "first admin key",
                                     .scopes = kAdminScope,
                                     .expires_at = std::nullopt};
    const char* given =
        std::getenv("AIML042_ADMIN_KEY");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
    if (given != nullptr && *given != '\0') {
        AIML_ASSIGN(const access::NewKey adopted,
                    access::adopt_key(request, given, instance.clock().now()));
        return instance.catalog().add_key(adopted.record);
    }
    const access::NewKey made = access::make_key(request, instance.clock().now());
    const std::string path = config.storage_data_dir + "/admin.key";
    const mode_t old_mask = umask(0077);
    std::ofstream(path) << made.secret << '\n';
    umask(old_mask);
    AIML_TRY(instance.catalog().add_key(made.record));
    fmt::print("admin key (shown once, kept in {}): {}\n", path, made.secret);
    return Status::ok();
}

/// A demo begins on a folder made anew; one that is not a demo's own is refused.
Status prepare_demo_folder(const std::string& folder) {
    const std::filesystem::path marker = std::filesystem::path(folder) / "demo";
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error)) {
        if (!std::filesystem::exists(marker, error)) {
            return {ErrorCode::kConflict,
                    "--data-dir " + folder + ": not empty and not made by an earlier demo"};
        }
        AIML_TRY(
            os::FolderLock::take(folder).status());  // Refuses while the earlier demo still runs.
        std::filesystem::remove_all(folder, error);
    }
    std::filesystem::create_directories(folder, error);
    std::ofstream(marker) << "This folder is made anew by every `aiml042 demo`.\n";
    return error ? Status(ErrorCode::kStorageFailed, folder + ": " + error.message())
                 : Status::ok();
}

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// What GET /v1/system shows.
class SystemView {
  public:
    SystemView(Instance& instance, std::string folder)
        : instance_(instance), folder_(std::move(folder)) {}

    api::SystemNumbers operator()(ProjectId project) {
        const store::StoreStats all = instance_.store().stats();
        const store::StoreStats own = instance_.store().stats(project);
        api::SystemNumbers numbers;
        numbers.sequence = instance_.log().committed();
        numbers.events = own.events;
        numbers.labels = own.labels;
        numbers.disk_bytes = all.disk_bytes + instance_.identities().stats().disk_bytes;
        numbers.log_bytes = instance_.log().live_bytes();
        numbers.memory_bytes = resident_bytes();

        struct statvfs disk {};

        if (statvfs(folder_.c_str(), &disk) == 0) {
            numbers.disk_free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
        }
        numbers.ingest_per_second = rate();
        numbers.clock_moved = instance_.clock_watch().moved();
        numbers.retention_suspended = !instance_.clock_watch().believed();
        if (std::optional<ScrubView> scrub = instance_.scrub()) {
            numbers.scrub = {.last_pass = scrub->last_pass,
                             .damaged = scrub->damaged,
                             .items = std::move(scrub->items)};
        }
        return numbers;
    }

  private:
    /// Events per second since the call before, at least a second apart.
    double rate() {
        static Counter& events =
            counter("aiml042_ingest_events_total", "Inference events accepted");
        const MutexLock lock(mutex_);
        const Timestamp now = instance_.clock().steady();
        if (now - at_ >= kSecond) {
            const std::uint64_t count = events.value();
            rate_ = at_ == 0 ? 0.0
                             : static_cast<double>(count - count_) * 1e6 /
                                   static_cast<double>(now - at_);
            count_ = count;
            at_ = now;
        }
        return rate_;
    }

    Instance& instance_;
    const std::string folder_;
    Mutex mutex_;
    Timestamp at_ AIML_GUARDED_BY(mutex_) = 0;
    std::uint64_t count_ AIML_GUARDED_BY(mutex_) = 0;
    double rate_ AIML_GUARDED_BY(mutex_) = 0.0;
};

class Site {
  public:
    Site(Instance& instance, const Config& config, bool demo)
        : config_(config),
          instance_(instance),
          pool_(config.query_threads == 0 ? std::max(2U, std::thread::hardware_concurrency())
                                          : static_cast<unsigned>(config.query_threads),
                kWorkQueueMax),
          authenticator_(
              instance.catalog(),
              instance.clock(),
              {.requests = {.per_second = static_cast<double>(config.ingest_rate_limit_rps)},
               .items = {.per_second = static_cast<double>(config.ingest_rate_limit_items)}}),
          system_(std::make_shared<SystemView>(instance, config.storage_data_dir)),
          app_(parts(),
               {.version = kVersion,
                .demo = demo,
                .metrics_open = config.server_metrics_open,
                .body_bytes_max = config.ingest_max_body_kb * 1024},
               api::query_routes(query_parts())) {}

    Status listen(const Listen& address) {
        net::ServerOptions options;
        options.address = address.address;
        options.port = address.port;
        options.threads = config_.server_threads == 0
                              ? std::max(1U, std::thread::hardware_concurrency())
                              : static_cast<unsigned>(config_.server_threads);
        options.connections_max = config_.server_connections_max;
        options.allowed_hosts = config_.server_allowed_hosts;
        AIML_ASSIGN(server_, net::Server::start(std::move(options), app_.admit(), app_.handler()));
        return Status::ok();
    }

    void announce(const Listen& address, ProjectId project) {
        const std::string url = fmt::format("http://{}:{}", url_host(address), server_->port());
        fmt::print("aiml042 {} listening on {}\n", kVersion, url);
        fmt::print("open in a browser (good once, for 10 minutes): {}/signin#token={}\n",
                   url,
                   authenticator_.sessions().make_token(project, kAdminScope));
        std::fflush(stdout);
    }

    void drain() {
        draining_.store(true);
        server_->drain(static_cast<std::uint32_t>(config_.server_drain_s * 1000));
        server_.reset();
    }

  private:
    api::Parts parts() {
        return {.catalog = instance_.catalog(),
                .authenticator = authenticator_,
                .pool = pool_,
                .clock = instance_.clock(),
                .ports = {
                    .submit =
                        [this](const ingest::Submission& submission, ingest::Done done) {
                            instance_.gate().submit(submission, std::move(done));
                        },
                    .admission =
                        [this] {
                            return draining_.load()
                                       ? Status(ErrorCode::kDraining, "the server is stopping")
                                       : instance_.gate().admission();
                        },
                    .system = [system = system_](ProjectId project) { return (*system)(project); },
                    .not_ready = [this] { return not_ready(); },
                    .confirm_clock = [this] { instance_.clock_watch().confirm(); },
                    .warnings = [this] { return warnings(); }}};
    }

    api::QueryParts query_parts() {
        return {
            .engine = instance_.engine(),
            .store = instance_.store(),
            .clock = instance_.clock(),
            .catalog = instance_.catalog(),
            .locate =
                [this](
                    ProjectId project, std::string_view deployment, std::string_view request_id) {
                    const std::uint64_t seed = instance_.catalog().identity_seed();
                    return instance_.identities().find(
                        model::identity_of(project, deployment, request_id, seed));
                },
            .cursor_secret = instance_.catalog().identity_seed(),
            .product_version = std::string(kVersion)};
    }

    std::vector<std::string> not_ready() {
        std::vector<std::string> reasons;
        if (draining_.load()) {
            reasons.emplace_back("draining");
        }
        if (const Status status = instance_.gate().admission(); !status.is_ok()) {
            reasons.push_back(status.to_string());
        }
        return reasons;
    }

    std::vector<std::string> warnings() {
        std::vector<std::string> warnings;
        if (const auto scrub = instance_.scrub(); scrub && scrub->damaged > 0) {
            warnings.push_back(fmt::format(
                "stored items that fail their checksum: {}; see /v1/system", scrub->damaged));
        }
        if (!instance_.clock_watch().believed()) {
            warnings.emplace_back(
                "the wall clock was moved: nothing is deleted by age until it is "
                "confirmed; see /v1/system");
        }
        if (const auto& damages = instance_.replay().damages; !damages.empty()) {
            warnings.push_back(fmt::format(
                "stretches of acknowledged log bytes found damaged at the start: {}; see the log",
                damages.size()));
        }
        return warnings;
    }

    const Config& config_;
    Instance& instance_;
    std::atomic<bool> draining_{false};
    os::WorkPool pool_;
    access::Authenticator authenticator_;
    std::shared_ptr<SystemView> system_;
    api::App app_;
    std::unique_ptr<net::Server> server_;
};

/// Keeps the allocator from making eight arenas per core: what one frees stays with it, and at
/// 100,000 events/s over 1,000 deployments a sixth of the resident memory was free.
void bound_arenas() {
    const unsigned cores = std::max(2U, std::thread::hardware_concurrency());
    ::mallopt(M_ARENA_MAX, static_cast<int>(cores));  // NOLINT(concurrency-mt-unsafe): at start
}

/// Blocks the signals that stop a server, for this thread and all it starts.
sigset_t block_stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

int run(const Config& config, bool demo, const Listen& listen, const sigset_t& signals) {
    auto instance = Instance::open(config, [](const Status& status) {
        // Nothing may be acknowledged any more; what is on the disk is read back by the next start.
        log_error("log_failed_leaving", {{"error", status.to_string()}});
        std::_Exit(kExitLogFailed);
    });
    if (!instance.is_ok()) {
        return complain(instance.status());
    }
    if (const Status status = make_admin_key(**instance, config); !status.is_ok()) {
        return complain(status);
    }
    const ProjectId project = (*instance)->catalog().projects().front().id;
    std::unique_ptr<Demo> alive;
    if (demo) {
        auto started = Demo::start(**instance, project);
        if (!started.is_ok()) {
            return complain(started.status());
        }
        alive = std::move(*started);
    }
    Site site(**instance, config, demo);
    if (const Status status = site.listen(listen); !status.is_ok()) {
        return complain(status);
    }
    site.announce(listen, project);
    int signal = 0;
    sigwait(&signals, &signal);
    log_info("stopping", {{"signal", signal}});
    // A second signal ends the process at once: what was acknowledged is in the log.
    std::thread([signals] {
        int second = 0;
        sigwait(&signals, &second);
        std::_Exit(0);
    }).detach();
    alive.reset();
    site.drain();
    const Status closed = (*instance)->close();
    return closed.is_ok() ? 0 : complain(closed);
}

}  // namespace

int serve(const Config& config, bool demo) {
    const Result<Listen> listen = parse_listen(config.server_listen);
    if (!listen.is_ok()) {
        return complain(listen.status());
    }
    for (const std::string& file : config.plugins_files) {
        if (const Status status = plugin::load(file); !status.is_ok()) {
            return complain(status.detail());
        }
    }
    bound_arenas();
    const sigset_t signals = block_stop_signals();
    if (!demo) {
        return run(config, false, *listen, signals);
    }
    Config demo_config = config;
    if (config.storage_data_dir == Config().storage_data_dir) {
        demo_config.storage_data_dir = kDemoFolder;
    }
    if (const Status status = prepare_demo_folder(demo_config.storage_data_dir); !status.is_ok()) {
        return complain(status);
    }
    return run(demo_config, true, *listen, signals);
}

}  // namespace aiml042::app
