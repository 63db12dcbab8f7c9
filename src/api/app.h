// The HTTP surface put together: every request is matched, authenticated, rated and admitted here,
// then handed to its route, inline or on the work pool.
//
//   App app(parts, options);
//   net::Server::start(server_options, app.admit(), app.handler());
//
// Threads: admit() and handler() run on I/O threads; routes marked kWorker on the pool. The App
// must outlive the server.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/authenticator.h"
#include "api/route.h"
#include "api/route_table.h"
#include "base/limits.h"
#include "base/scrub.h"
#include "catalog/catalog.h"
#include "ingest/gate.h"
#include "net/http.h"
#include "os/clock.h"
#include "os/work_pool.h"

namespace aiml042::api {

/// What the scrub of stored bytes knows.
struct ScrubNumbers {
    std::optional<Timestamp> last_pass;  // When a full pass last ended.
    std::uint64_t damaged = 0;
    std::vector<ScrubFault> items;  // Some of the damaged ones.
};

/// What GET /v1/system shows, as of now. Counts of events and labels are those of all projects.
struct SystemNumbers {
    std::uint64_t sequence = 0;  // Last durable one.
    std::uint64_t events = 0;    // Of the project that asks, …
    std::uint64_t labels = 0;
    std::uint64_t disk_bytes = 0;  // … all else of the server.
    std::uint64_t disk_free_bytes = 0;
    std::uint64_t log_bytes = 0;
    std::uint64_t memory_bytes = 0;
    double ingest_per_second = 0.0;
    std::optional<ScrubNumbers> scrub;  // Empty: it is off.
    bool retention_suspended = false;   // Because the wall clock moved by …
    Timestamp clock_moved = 0;
};

/// What the api needs of the rooms beneath, as functions, so that it can be tested without a log
/// and a store.
struct Ports {
    /// ingest::Gate::submit.
    std::function<void(const ingest::Submission&, ingest::Done)> submit;
    /// ingest::Gate::admission.
    std::function<Status()> admission;
    std::function<SystemNumbers(ProjectId)> system;
    /// Why the server is not ready; empty when it is.
    std::function<std::vector<std::string>()> not_ready;
    /// The wall clock is right, whatever it looks like: retention goes on.
    std::function<void()> confirm_clock;
    /// What is wrong although the server serves; empty when nothing is.
    std::function<std::vector<std::string>()> warnings;
};

struct AppOptions {
    std::string version = "0.1.0";
    bool demo = false;          // Shown in the page.
    bool metrics_open = false;  // /metrics without a key.
    std::size_t body_bytes_max = limits::kBodyBytesMax;
};

/// References; all must outlive the App.
struct Parts {
    catalog::Catalog& catalog;
    access::Authenticator& authenticator;
    os::WorkPool& pool;
    const os::Clock& clock;
    Ports ports;
};

class App {
  public:
    /// `more`: routes of other files (queries).
    App(Parts parts, AppOptions options, std::vector<Route> more);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    [[nodiscard]] net::Admit admit();
    [[nodiscard]] net::Handler handler();

    [[nodiscard]] const RouteTable& routes() const;
    /// The OpenAPI document, as served.
    [[nodiscard]] const std::string& openapi() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::api
