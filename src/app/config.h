// The settings of a server: defaults, then the YAML file, then AIML042_* of the environment, then
// flags.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace aiml042::app {

/// Where a demo keeps its data unless a folder is given.
inline constexpr std::string_view kDemoFolder = "./data/demo";

/// One member per key of config_fields.inc; a "." of the key is a "_" here.
struct Config {
    std::string server_listen = "127.0.0.1:8042";
    std::uint64_t server_threads = 0;
    std::vector<std::string> server_allowed_hosts;
    std::uint64_t server_connections_max = 10'000;
    bool server_metrics_open = false;
    std::uint64_t server_drain_s = 10;
    std::string storage_data_dir = "./data";
    std::uint64_t storage_free_bytes_min = 1ULL << 30;
    std::uint64_t storage_memtable_mb = 256;
    std::uint64_t storage_cache_mb = 0;
    std::uint64_t storage_seal_age_s = 60;
    std::uint64_t storage_scrub_s = 7 * 24 * 3'600;
    std::uint64_t storage_scrub_mb_s = 32;
    std::uint64_t ingest_max_body_kb = 8 * 1024;
    std::uint64_t ingest_rate_limit_rps = 0;
    std::uint64_t ingest_rate_limit_items = 0;
    std::uint64_t ingest_dedupe_horizon_h = 168;
    std::uint64_t query_exact_rows_max = 262'144;
    std::uint64_t query_rows_max = 200'000'000;
    std::uint64_t query_cell_mb = 256;
    std::uint64_t query_threads = 0;
    std::vector<std::string> plugins_files;
    std::uint64_t retention_days = 0;
    std::uint64_t retention_bytes = 0;
    std::string log_level = "info";
};

/// Reads `path` into `config`. Every fault is one line, "file:line:column key: what was expected,
/// what was found"; a key given twice is one. Sections of other systems that the sample of the
/// requirements has (storage.clickhouse …) are accepted and named in `notes`: the store is built
/// in.
Status load_config(const std::string& path, Config& config, std::vector<std::string>& notes);

/// Applies AIML042_SECTION__KEY of the environment (`ingest.max_body_kb` is
/// AIML042_INGEST__MAX_BODY_KB). Any other name that begins with AIML042_ is refused, unless it is
/// read elsewhere (AIML042_ADMIN_KEY …) or made by Kubernetes for a service called aiml042.
Status apply_environment(char** environment, Config& config);

/// The file configs/config.yaml: every key with its default, bounds and meaning.
[[nodiscard]] std::string sample_config();

}  // namespace aiml042::app
