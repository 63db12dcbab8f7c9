#include "app/config.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

using namespace aiml042;       // NOLINT(google-build-using-namespace)
using namespace aiml042::app;  // NOLINT(google-build-using-namespace)

namespace {

struct Loaded {
    Status status;
    Config config;
    std::vector<std::string> notes;
};

Loaded load(const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() / "aiml042_config_test.yaml";
    std::ofstream(path) << text;
    Loaded loaded;
    loaded.status = load_config(path.string(), loaded.config, loaded.notes);
    std::filesystem::remove(path);
    return loaded;
}

std::string fault(const std::string& text) {
    const Loaded loaded = load(text);
    const std::string& detail = loaded.status.detail();
    const std::size_t file = detail.rfind("test.yaml:");
    return file == std::string::npos ? detail : detail.substr(file + 10);
}

}  // namespace

TEST_CASE("config: the sample of the requirements loads, with a note for what is built in") {
    const Loaded loaded = load(
        "ingest:\n  max_body_kb: 256\n  rate_limit_rps: 2000\nstorage:\n  clickhouse:\n    hosts: "
        "[\"ch-1:9000\"]\n"
        "  postgres:\n    host: \"pg:5432\"\nllm_judge:\n  provider: \"openai\"\n  "
        "daily_budget_usd: 100\n");
    REQUIRE(loaded.status.is_ok());
    CHECK(loaded.config.ingest_max_body_kb == 256);
    CHECK(loaded.config.ingest_rate_limit_rps == 2000);
    CHECK(loaded.notes.size() == 3);
}

TEST_CASE("config: a fault names file, line, column, key and what was expected") {
    CHECK(fault("ingest:\n  max_body_kb: 2k\n") ==
          "2:16 ingest.max_body_kb: expected an integer from 1 to 8192, got \"2k\"");
    CHECK(fault("ingest:\n  max_body_kib: 2\n") ==
          "2:3 ingest.max_body_kib: unknown key (did you mean ingest.max_body_kb?)");
    CHECK(fault("server:\n  metrics_open: yes\n") ==
          "2:17 server.metrics_open: expected true or false, got \"yes\"");
    CHECK(fault("server: [1\n").starts_with("2:1 "));
    CHECK(fault("server: 5\n") == "1:9 server: expected a section with keys below it, got \"5\"");
    CHECK(fault("server: [5]\n") ==
          "1:9 server: expected a section with keys below it, got a list");
    CHECK(load("server:\nlog:\n  level: info\n").status.is_ok());
    const std::string twice = fault("log:\n  level: info\n  level: warn\n");
    CHECK(twice.starts_with("2:3"));
    CHECK(load("log:\n  level: info\n  level: warn\n")
              .status.detail()
              .find("test.yaml:3:3 log.level: given twice, first at ") != std::string::npos);
    CHECK(load("log:\n  level: info\nlog:\n  level: warn\n")
              .status.detail()
              .find("test.yaml:3:1 log: given twice, first at ") != std::string::npos);
    CHECK(fault("- 1\n").find("expected sections") != std::string::npos);
}

TEST_CASE("config: the environment overrides, and a wrong name is refused") {
    std::string body = "AIML042_INGEST__MAX_BODY_KB=300";
    std::string key = "AIML042_ADMIN_KEY=secret";
    std::array<char*, 3> good = {body.data(), key.data(), nullptr};
    Config config;
    REQUIRE(apply_environment(good.data(), config).is_ok());
    CHECK(config.ingest_max_body_kb == 300);
    std::string wrong = "AIML042_INGEST__MAX_BODY=300";
    std::array<char*, 2> bad = {wrong.data(), nullptr};
    CHECK(apply_environment(bad.data(), config).detail() ==
          "AIML042_INGEST__MAX_BODY: unknown variable (did you mean "
          "AIML042_INGEST__MAX_BODY_KB?)");
    const auto fault_of = [&](std::string line) {
        std::array<char*, 2> one = {line.data(), nullptr};
        return apply_environment(one.data(), config).detail();
    };
    CHECK(fault_of("AIML042_DATA_DIR=/x") ==
          "AIML042_DATA_DIR: unknown variable (did you mean AIML042_STORAGE__DATA_DIR?)");
    CHECK(fault_of("AIML042_ADMINKEY=x").find("AIML042_ADMIN_KEY") != std::string::npos);
    CHECK(fault_of("AIML042_WEATHER=x") == "AIML042_WEATHER: unknown variable");
    for (const char* other : {"AIML042_API_KEY=x",
                              "AIML042_SERVICE_HOST=x",
                              "AIML042_PORT=tcp://x",
                              "AIML042=x",
                              "AIML=x"}) {
        CHECK(fault_of(other).empty());
    }
}

TEST_CASE("config: configs/config.yaml is the printed sample and loads") {
    std::ifstream in(AIML_REPO_ROOT "/configs/config.yaml");
    std::stringstream text;
    text << in.rdbuf();
    CHECK(text.str() == sample_config());
    CHECK(load(sample_config()).status.is_ok());
}
