#include "catalog/catalog.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "catalog/catalog_state.h"
#include "catalog/migrations.h"
#include "os/entropy.h"

namespace aiml042::catalog {

namespace {

constexpr std::int64_t kApplicationId = 0x61696D6C;  // "aiml"

/// "prj_" and 10 letters; the first project, "default", is easy to type.
std::string make_public_id(std::string_view name, bool first) {
    static constexpr std::string_view kLetters =
        "abcdefghijkmnpqrstuvwxyz23456789";  // 32, none alike.
    if (first && name == "default") {
        return "prj_default";
    }
    std::string id = "prj_";
    std::array<char, 10> bytes{};
    os::random_bytes(bytes);
    for (const char byte : bytes) {
        id.push_back(kLetters[static_cast<unsigned char>(byte) % kLetters.size()]);
    }
    return id;
}

}  // namespace

// --- Opening -----------------------------------------------------------------------------------

Status Catalog::State::migrate() {
    AIML_ASSIGN(const std::int64_t application, database->query_integer("PRAGMA application_id"));
    AIML_ASSIGN(const std::int64_t version, database->query_integer("PRAGMA user_version"));
    if (application != 0 && application != kApplicationId) {
        return {ErrorCode::kConflict, "the file is a database of another program"};
    }
    const auto steps = migrations();
    const auto newest = static_cast<std::int64_t>(steps.size());
    if (version > newest) {
        return {ErrorCode::kConflict,
                "the catalog has schema " + std::to_string(version) + ", this program knows " +
                    std::to_string(newest) + ": it was written by a newer version"};
    }
    for (std::int64_t step = version; step < newest; ++step) {
        Transaction transaction(*database);
        AIML_TRY(transaction.status());
        AIML_TRY(database->execute(steps[static_cast<std::size_t>(step)]));
        const std::string set = "PRAGMA user_version=" + std::to_string(step + 1) +
                                "; PRAGMA application_id=" + std::to_string(kApplicationId);
        AIML_TRY(database->execute(set.c_str()));
        AIML_TRY(transaction.commit());
    }
    return Status::ok();
}

Status Catalog::State::load() {
    Statement find(*database, "SELECT value FROM meta WHERE name = 'identity_seed'");
    AIML_ASSIGN(const bool known, find.step());
    if (known) {
        const std::string stored = find.text_at(0);
        ByteReader reader(stored);
        identity_seed = reader.fixed<std::uint64_t>();
        const auto check = reader.fixed<std::uint32_t>();
        if (!reader.ok() || check != crc32c(ByteView(stored).substr(0, sizeof(std::uint64_t)))) {
            return {ErrorCode::kCorruptBlock, "the identity seed of the catalog is damaged"};
        }
    } else {
        identity_seed = os::random_u64();
        std::string stored;
        ByteWriter writer(stored);
        writer.fixed(identity_seed);
        writer.fixed(crc32c(stored));
        Statement insert(*database, "INSERT INTO meta (name, value) VALUES ('identity_seed', ?)");
        AIML_TRY(insert.blob(stored).run());
    }
    AIML_TRY(load_projects());
    AIML_TRY(load_keys());
    AIML_TRY(load_deployments());
    AIML_TRY(load_retention());
    return load_dead_letter_counts();
}

Status Catalog::State::load_projects() {
    Statement rows(*database,
                   "SELECT id, public_id, name, created_at, row_check FROM projects ORDER BY id");
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            return Status::ok();
        }
        Project project{.id = ProjectId{static_cast<std::uint32_t>(rows.integer_at(0))},
                        .public_id = rows.text_at(1),
                        .name = rows.text_at(2),
                        .created_at = rows.integer_at(3)};
        if (row_check(project) != rows.integer_at(4)) {
            log_error("catalog_row_damaged", {{"table", "projects"}, {"id", raw(project.id)}});
            ++damaged_rows;
        }
        projects.push_back(std::move(project));
    }
}

// A damaged row is kept, so that it can be seen, but lets nobody in.
Status Catalog::State::load_keys() {
    Statement rows(*database,
                   "SELECT key_id, project, name, scopes, prefix, hash, created_at, expires_at, "
                   "revoked, row_check "
                   "FROM api_keys ORDER BY created_at, key_id");
    std::vector<ApiKey> found;
    while (true) {
        AIML_ASSIGN(const bool more, rows.step());
        if (!more) {
            keys = std::move(found);
            return Status::ok();
        }
        ApiKey key{.key_id = rows.text_at(0),
                   .project = ProjectId{static_cast<std::uint32_t>(rows.integer_at(1))},
                   .name = rows.text_at(2),
                   .scopes = static_cast<std::uint32_t>(rows.integer_at(3)),
                   .prefix = rows.text_at(4),
                   .hash = rows.text_at(5),
                   .created_at = rows.integer_at(6),
                   .expires_at = rows.optional_integer_at(7),
                   .revoked = rows.integer_at(8) != 0};
        if (row_check(key) != rows.integer_at(9)) {
            log_error("catalog_row_damaged", {{"table", "api_keys"}, {"key_id", key.key_id}});
            key.revoked = true;
            ++damaged_rows;
        }
        found.push_back(std::move(key));
    }
}

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}

Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& path) {
    auto state = std::make_unique<State>();
    AIML_ASSIGN(state->database, Database::open(path));
    Status ready = state->migrate();
    if (ready.is_ok()) {
        const WriteLock memory(state->memory_mutex);
        ready = state->load();
    }
    if (!ready.is_ok()) {
        return std::move(ready).with_context(path);
    }
    return std::unique_ptr<Catalog>(
        new Catalog(std::move(state)));  // NOLINT: the constructor is private.
}

std::uint64_t Catalog::identity_seed() const {
    return state_->identity_seed;
}

std::uint64_t Catalog::keys_version() const {
    return state_->keys_version.load(std::memory_order_acquire);
}

// --- Projects ----------------------------------------------------------------------------------

Result<Project> Catalog::create_project(std::string_view name, Timestamp now) {
    if (name.empty() || name.size() > limits::kNameBytesMax) {
        return Status(ErrorCode::kInvalidField,
                      "a project name has 1 to " + std::to_string(limits::kNameBytesMax) + " bytes",
                      "/name");
    }
    const MutexLock lock(state_->mutex);
    const std::vector<Project> before = projects();
    if (std::ranges::any_of(before, [name](const Project& p) { return p.name == name; })) {
        return Status(ErrorCode::kConflict, "there is a project of this name already", "/name");
    }
    if (before.size() >= limits::kProjectsMax) {
        return Status(ErrorCode::kCardinalityLimit,
                      "there are " + std::to_string(limits::kProjectsMax) + " projects already");
    }
    Project project{.id = ProjectId{before.empty() ? 1 : raw(before.back().id) + 1},
                    .public_id = make_public_id(name, before.empty()),
                    .name = std::string(name),
                    .created_at = now};
    Statement insert(
        *state_->database,
        "INSERT INTO projects (id, public_id, name, created_at, row_check) VALUES (?, ?, ?, ?, ?)");
    AIML_TRY(insert.integer(raw(project.id))
                 .text(std::string_view(project.public_id))
                 .text(std::string_view(project.name))
                 .integer(project.created_at)
                 .integer(row_check(project))
                 .run());
    const WriteLock memory(state_->memory_mutex);
    state_->projects.push_back(project);
    state_->keys_version.fetch_add(1, std::memory_order_release);
    return project;
}

std::vector<Project> Catalog::projects() const {
    const ReadLock memory(state_->memory_mutex);
    return state_->projects;
}

std::optional<Project> Catalog::project(ProjectId id) const {
    const ReadLock memory(state_->memory_mutex);
    const auto found = std::ranges::find(state_->projects, id, &Project::id);
    return found == state_->projects.end() ? std::nullopt : std::optional<Project>(*found);
}

// --- Keys --------------------------------------------------------------------------------------

Status Catalog::add_key(const ApiKey& key) {
    AIML_CHECK(key.hash.size() == 32);
    const MutexLock lock(state_->mutex);
    const auto of_project = std::ranges::count(keys(), key.project, &ApiKey::project);
    if (static_cast<std::size_t>(of_project) >= limits::kKeysPerProjectMax) {
        return {ErrorCode::kCardinalityLimit,
                "the project has " + std::to_string(limits::kKeysPerProjectMax) +
                    " keys already, revoked ones included"};
    }
    Statement insert(*state_->database,
                     "INSERT INTO api_keys (key_id, project, name, scopes, prefix, hash, "
                     "created_at, expires_at, revoked, "
                     "row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    AIML_TRY(insert.text(std::string_view(key.key_id))
                 .integer(raw(key.project))
                 .text(std::string_view(key.name))
                 .integer(key.scopes)
                 .text(std::string_view(key.prefix))
                 .blob(key.hash)
                 .integer(key.created_at)
                 .integer(key.expires_at)
                 .integer(key.revoked ? 1 : 0)
                 .integer(row_check(key))
                 .run());
    AIML_TRY(state_->database->checkpoint());
    const WriteLock memory(state_->memory_mutex);
    state_->keys.push_back(key);
    state_->keys_version.fetch_add(1, std::memory_order_release);
    return Status::ok();
}

Status Catalog::refresh_keys() {
    const MutexLock lock(state_->mutex);
    Statement version(*state_->database, "PRAGMA data_version");
    AIML_TRY(version.step().status());
    if (version.integer_at(0) == state_->data_version) {
        return Status::ok();
    }
    const WriteLock memory(state_->memory_mutex);
    AIML_TRY(state_->load_keys());
    state_->data_version = version.integer_at(0);
    state_->keys_version.fetch_add(1, std::memory_order_release);
    return Status::ok();
}

std::vector<ApiKey> Catalog::keys() const {
    const ReadLock memory(state_->memory_mutex);
    return state_->keys;
}

Result<bool> Catalog::revoke_key(ProjectId project, std::string_view key_id) {
    const MutexLock lock(state_->mutex);
    const std::vector<ApiKey> before = keys();
    const auto found = std::ranges::find_if(
        before, [&](const ApiKey& key) { return key.project == project && key.key_id == key_id; });
    if (found == before.end()) {
        return false;
    }
    ApiKey revoked = *found;
    revoked.revoked = true;
    Statement update(*state_->database,
                     "UPDATE api_keys SET revoked = 1, row_check = ? WHERE key_id = ?");
    AIML_TRY(update.integer(row_check(revoked)).text(key_id).run());
    AIML_TRY(state_->database->checkpoint());
    const WriteLock memory(state_->memory_mutex);
    const auto kept = std::ranges::find(state_->keys, revoked.key_id, &ApiKey::key_id);
    AIML_CHECK(kept != state_->keys.end());
    kept->revoked = true;
    state_->keys_version.fetch_add(1, std::memory_order_release);
    return true;
}

}  // namespace aiml042::catalog
