// Inside of catalog: the connection with its mutex, and what is kept in memory.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "catalog/catalog.h"
#include "catalog/database.h"

namespace aiml042::catalog {

/// CRC-32C over the columns of a row, each with its type and length, so that no two rows have the
/// same bytes.
class RowCheck {
  public:
    RowCheck& integer(std::optional<std::int64_t> value);
    RowCheck& real(std::optional<double> value);
    RowCheck& text(std::string_view value);
    RowCheck& text(const std::optional<std::string>& value);

    [[nodiscard]] std::int64_t value() const { return crc32c(bytes_); }

  private:
    std::string bytes_;
};

[[nodiscard]] std::int64_t row_check(const Project& project);
[[nodiscard]] std::int64_t row_check(const ApiKey& key);
[[nodiscard]] std::int64_t row_check(ProjectId project,
                                     std::string_view deployment,
                                     const model::DeploymentSettings& settings);
[[nodiscard]] std::int64_t row_check(ProjectId project, const Retention& retention);
[[nodiscard]] std::int64_t row_check(const DeadLetter& letter);
[[nodiscard]] std::int64_t row_check(const Reference& reference);

[[nodiscard]] std::string pack_strings(const std::vector<std::string>& strings);
[[nodiscard]] std::vector<std::string> unpack_strings(ByteView packed);

inline constexpr std::string_view kDeadLetterColumns =
    "id, project, received_at, kind, code, detail, pointer, item, replayed, row_check";

/// The dead letter at a row of kDeadLetterColumns.
[[nodiscard]] DeadLetter read_dead_letter(const Statement& row);

struct Catalog::State {
    using DeploymentKey = std::pair<std::uint32_t, std::string>;

    Status migrate();
    Status load() AIML_REQUIRES(memory_mutex);
    Status load_projects() AIML_REQUIRES(memory_mutex);

    /// Reads all keys; `keys` is what it was when that fails.
    Status load_keys() AIML_REQUIRES(memory_mutex);
    Status load_deployments() AIML_REQUIRES(memory_mutex);
    Status load_retention() AIML_REQUIRES(memory_mutex);
    Status load_dead_letter_counts() AIML_REQUIRES(memory_mutex);

    /// Reads every reference and its columns against their checks.
    Status verify_references();

    // The connection. Held for the time of a write or a dead-letter read; never together with
    // `memory_mutex`, except that a writer takes `memory_mutex` inside to show what it wrote.
    Mutex mutex;
    std::unique_ptr<Database> database;

    std::uint64_t identity_seed = 0;
    std::uint64_t damaged_rows = 0;                        // Seen by load().
    std::int64_t data_version AIML_GUARDED_BY(mutex) = 0;  // SQLite's, when the keys were read.
    std::atomic<std::uint64_t> keys_version{1};

    mutable SharedMutex memory_mutex;
    std::vector<Project> projects AIML_GUARDED_BY(memory_mutex);
    std::vector<ApiKey> keys AIML_GUARDED_BY(memory_mutex);
    std::map<DeploymentKey, model::DeploymentSettings> deployments AIML_GUARDED_BY(memory_mutex);
    std::map<std::uint32_t, Retention> retention AIML_GUARDED_BY(memory_mutex);
    // How many each project has.
    std::map<std::uint32_t, std::uint64_t> dead_letters AIML_GUARDED_BY(memory_mutex);
};

}  // namespace aiml042::catalog
