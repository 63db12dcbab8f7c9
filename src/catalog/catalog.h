// Business metadata in SQLite (WAL, synchronous=FULL): projects, API keys, declared deployments,
// retention, references, dead letters.
//
// Threads: all calls from any thread (one connection behind a mutex). Reads that a hot path needs
// are answered from immutable snapshots in memory; writes are durable on return.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "model/deployment.h"

namespace aiml042::catalog {

struct Project {
    ProjectId id{};
    std::string public_id;  // "prj_…"; what the API shows.
    std::string name;
    Timestamp created_at = 0;
};

struct ApiKey {
    std::string key_id;  // "key_…"
    ProjectId project{};
    std::string name;
    std::uint32_t scopes = 0;  // access::Scope bits.
    std::string prefix;        // First characters of the secret, to recognise it.
    std::string hash;          // SHA-256 of the secret, 32 bytes.
    Timestamp created_at = 0;
    std::optional<Timestamp> expires_at;
    bool revoked = false;
};

struct Retention {
    std::optional<std::uint32_t> days;
    std::optional<std::uint64_t> bytes;
};

struct DeadLetter {
    std::int64_t id = 0;
    ProjectId project{};
    Timestamp received_at = 0;
    std::string kind;  // "event" or "label"
    std::string code;
    std::string detail;
    std::string pointer;
    std::string item;  // As sent, cut at 16 KiB.
    bool replayed = false;
};

/// A version of what drift compares with.
struct Reference {
    std::int64_t id = 0;
    ProjectId project{};
    std::string deployment;
    std::string name;
    std::uint32_t version = 0;
    Timestamp created_at = 0;
    std::string source;  // JSON: what it was made of.
    std::uint64_t rows = 0;
};

struct ReferenceColumnRow {
    std::string name;
    std::string content;  // Bytes that the maker understands.
};

class Catalog {
  public:
    /// Opens or creates `path`, migrating forward; kConflict when it was written by a newer
    /// version.
    static Result<std::unique_ptr<Catalog>> open(const std::string& path);
    ~Catalog();
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    /// Random number made with the data directory, for identity hashes.
    [[nodiscard]] std::uint64_t identity_seed() const;

    Result<Project> create_project(std::string_view name, Timestamp now);
    [[nodiscard]] std::vector<Project> projects() const;
    [[nodiscard]] std::optional<Project> project(ProjectId id) const;

    Status add_key(const ApiKey& key);
    [[nodiscard]] std::vector<ApiKey> keys() const;  // All projects; from memory.
    Result<bool> revoke_key(ProjectId project, std::string_view key_id);  // False: no such key.
    /// Grows with every change of keys or projects; cheap to poll.
    [[nodiscard]] std::uint64_t keys_version() const;
    /// Reads the keys again when another process (`aiml042 keys`) has changed the file.
    /// Microseconds when none has.
    Status refresh_keys();

    /// Nothing where the deployment is not declared.
    [[nodiscard]] std::optional<model::DeploymentSettings> settings(
        ProjectId project, std::string_view deployment) const;
    Status declare(ProjectId project,
                   std::string_view deployment,
                   const model::DeploymentSettings& settings);

    [[nodiscard]] Retention retention(ProjectId project) const;
    Status set_retention(ProjectId project, const Retention& retention);

    /// Adds dead letters in one transaction; the oldest beyond `kDeadLettersMax` of the project are
    /// dropped.
    static constexpr std::uint32_t kDeadLettersMax = 10'000;
    Status add_dead_letters(const std::vector<DeadLetter>& letters);
    /// Newest first, ids below `before` (0: from the newest).
    Result<std::vector<DeadLetter>> dead_letters(ProjectId project,
                                                 std::int64_t before,
                                                 std::uint32_t limit) const;
    Result<std::optional<DeadLetter>> dead_letter(ProjectId project, std::int64_t id) const;
    Status mark_replayed(ProjectId project, std::int64_t id);
    Status delete_dead_letter(ProjectId project, std::int64_t id);
    [[nodiscard]] std::uint64_t dead_letter_count(ProjectId project) const;

    /// Stores a reference as the next version of its name, with its columns; `id` and `version` of
    /// the argument are not looked at. kCardinalityLimit beyond limits::kReferencesPerProjectMax.
    Result<Reference> add_reference(Reference reference,
                                    const std::vector<ReferenceColumnRow>& columns);
    /// Of a deployment, by name and version.
    Result<std::vector<Reference>> references(ProjectId project, std::string_view deployment) const;
    /// The content of a column; nothing when the reference has none of that name. kCorruptBlock.
    Result<std::optional<std::string>> reference_column(std::int64_t reference,
                                                        std::string_view name) const;
    Result<std::vector<std::string>> reference_columns(std::int64_t reference) const;
    Result<bool> delete_reference(ProjectId project, std::int64_t reference);  // False: none.

    /// SQLite's integrity check and our own row checks. For `verify`.
    Status verify() const;

  private:
    struct State;
    explicit Catalog(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::catalog
