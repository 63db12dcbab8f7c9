// The subcommands on a data directory of their own: what import takes, what keys change, what
// verify sees, and that a closed directory opens again with everything in it.
#include "app/commands.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "../os/temp_folder.h"
#include "access/principal.h"
#include "app/demo.h"
#include "app/demo_data.h"
#include "app/instance.h"
#include "codec/inflate.h"

using namespace aiml042;       // NOLINT(google-build-using-namespace)
using namespace aiml042::app;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::string_view kEvents =
    R"({"deployment_id":"d","model_version":"v","request_id":"a","timestamp":"2026-03-01T10:00:00Z","prediction":{"class":"yes","score":0.9}})"
    "\n"
    R"({"deployment_id":"d","model_version":"v","request_id":"b","timestamp":"2026-03-01T11:00:00Z","prediction":{"class":"no","score":0.2}})"
    "\n";
constexpr std::string_view kLabels =
    R"({"deployment_id":"d","request_id":"a","label":{"class":"yes"}})"
    "\n"
    R"({"deployment_id":"d","request_id":"b","label":{"class":"yes"}})"
    "\n";

void on_fatal(const Status& /*status*/) {
    std::abort();  // No log of these tests may fail.
}

/// A data directory and files beside it.
class Place {
  public:
    Place() {
        config_.storage_data_dir = folder_.path() + "/data";
        config_.storage_free_bytes_min = 0;
        config_.storage_memtable_mb = 16;
    }

    [[nodiscard]] const Config& config() const { return config_; }

    std::string file(const std::string& name, std::string_view bytes) const {
        std::string path = folder_.path() + "/" + name;
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    [[nodiscard]] int import(const std::string& path, bool labels = false) const {
        ImportRequest request;
        request.files = {path};
        request.labels = labels;
        return app::import(config_, request);
    }

    [[nodiscard]] int create_key(const std::string& name, std::vector<std::string> scopes) const {
        KeysRequest request;
        request.action = KeysRequest::Action::kCreate;
        request.name = name;
        request.scopes = std::move(scopes);
        return app::keys(config_, request);
    }

    [[nodiscard]] int revoke_key(const std::string& key_id) const {
        KeysRequest request;
        request.action = KeysRequest::Action::kRevoke;
        request.key_id = key_id;
        return app::keys(config_, request);
    }

    [[nodiscard]] std::unique_ptr<Instance> open() const {
        auto instance = Instance::open(config_, on_fatal);
        INFO(instance.status().to_string());
        REQUIRE(instance.is_ok());
        return std::move(*instance);
    }

    [[nodiscard]] store::StoreStats stats() const {
        const auto instance = open();
        instance->store().wait_visible(instance->log().committed(), 10'000);
        return instance->store().stats();
    }

    [[nodiscard]] std::vector<catalog::ApiKey> keys() const { return open()->catalog().keys(); }

  private:
    const test::TempFolder folder_;
    Config config_;
};

}  // namespace

// Importing the same file twice is what a person does who does not know whether it went through.
TEST_CASE("import: plain, gzip and zstd files; what is there already is taken once") {
    const Place place;
    CHECK(place.import(place.file("e.ndjson", kEvents)) == 0);
    CHECK(place.import(place.file("e.gz", codec::deflate(kEvents, codec::Encoding::kGzip, 6))) ==
          0);
    CHECK(place.import(place.file("l.zst", codec::deflate(kLabels, codec::Encoding::kZstd, 3)),
                       true) == 0);
    const store::StoreStats stats = place.stats();
    CHECK(stats.events == 2);
    CHECK(stats.labels == 2);
    CHECK(verify(place.config()) == 0);
}

TEST_CASE("import: refused lines make the exit code 1, files and projects that are not there 2") {
    const Place place;
    const std::string last_line_open(kEvents.substr(0, kEvents.size() - 1));
    CHECK(place.import(place.file("mixed", "{\"deployment_id\":1}\n" + last_line_open)) == 1);
    CHECK(place.stats().events == 2);
    CHECK(place.import("/nowhere/events.ndjson") == 2);
    CHECK(place.import(place.file("torn.gz", "\x1f\x8b\x08")) == 2);
    ImportRequest elsewhere;
    elsewhere.project = "other";
    CHECK(import(place.config(), elsewhere) == 2);
    ImportRequest no_server;
    no_server.url = "ftp://nowhere";
    no_server.api_key = "k";
    CHECK(import(place.config(), no_server) == 2);
}

TEST_CASE("keys: created with scopes, listed, revoked once; mistakes change nothing") {
    const Place place;
    CHECK(keys(place.config(), {}) == 2);  // No data directory, and none is made.
    CHECK(!std::filesystem::exists(place.config().storage_data_dir));
    REQUIRE(place.keys().empty());
    REQUIRE(place.create_key("ci", {"ingest:write", "metrics:read"}) == 0);
    CHECK(place.create_key("x", {"all"}) == 2);
    KeysRequest elsewhere;
    elsewhere.project = "other";
    CHECK(keys(place.config(), elsewhere) == 2);
    CHECK(keys(place.config(), {}) == 0);
    const auto made = place.keys();
    REQUIRE(made.size() == 1);
    CHECK(made[0].name == "ci");
    CHECK(made[0].scopes == (static_cast<std::uint32_t>(access::Scope::kIngestWrite) |
                             static_cast<std::uint32_t>(access::Scope::kMetricsRead)));
    CHECK(place.revoke_key("key_none") == 2);
    CHECK(place.revoke_key(made[0].key_id) == 0);
    CHECK(place.keys()[0].revoked);
}

TEST_CASE("verify: damage is 1; a directory that is not there or open elsewhere is 2") {
    const Place place;
    REQUIRE(verify(place.config()) == 2);  // There is none.
    REQUIRE(place.import(place.file("e", kEvents)) == 0);
    {
        const auto instance = place.open();
        CHECK(verify(place.config()) == 2);  // Locked by who has it open.
    }
    CHECK(verify(place.config()) == 0);
    std::ofstream(place.config().storage_data_dir + "/catalog.db", std::ios::binary)
        << "not SQLite";
    CHECK(verify(place.config()) == 1);
}

TEST_CASE("instance: what was closed is there again and nothing needs to be replayed") {
    const Place place;
    REQUIRE(place.import(place.file("e", kEvents)) == 0);
    REQUIRE(place.import(place.file("l", kLabels), true) == 0);
    const auto instance = place.open();
    CHECK(instance->replay().damages.empty());
    query::MetricQuery query;
    query.project = find_project(instance->catalog(), "default")->id;
    query.deployment = "d";
    query.metrics = {"accuracy"};
    query.range = {*parse_rfc3339("2026-03-01T00:00:00Z"), *parse_rfc3339("2026-03-02T00:00:00Z")};
    const auto answer = instance->engine().metrics_json(query);
    INFO(answer.status().to_string());
    REQUIRE(answer.is_ok());
    CHECK(answer->find("0.5") != std::string::npos);
    instance->update_gauges();
    CHECK(!find_project(instance->catalog(), "other"));
    CHECK(instance->close().is_ok());
    CHECK(instance->close().is_ok());
}

TEST_CASE("describe: knows its three subjects only") {
    CHECK(describe("config") == 0);
    CHECK(describe("errors") == 0);
    CHECK(describe("metrics") == 0);
    CHECK(describe("weather") == 2);
}

// The demo is the first thing that a new user sees; every replay must be taken without a rejection.
TEST_CASE("demo: all replays are declared, stored and labelled") {
    const Place place;
    const auto instance = place.open();
    const ProjectId project = find_project(instance->catalog(), "default")->id;
    const auto demo = Demo::start(*instance, project);
    INFO(demo.status().to_string());
    REQUIRE(demo.is_ok());
    for (const DemoReplay& replay : demo_replays()) {
        CHECK(instance->catalog().settings(project, replay.deployment)->task_type ==
              model::parse_task_type(replay.task_type));
    }
    // What lies ahead today is sent when its time comes.
    for (const store::DeploymentInfo& deployment : instance->store().deployments(project)) {
        for (const auto& block : instance->store().blocks(project, deployment.id, TimeRange{})) {
            CHECK(block->max_timestamp() <= instance->clock().now());
        }
    }
    const store::StoreStats stats = instance->store().stats();
    CHECK(stats.events > 10'000);
    CHECK(stats.labels > 10'000);
}
