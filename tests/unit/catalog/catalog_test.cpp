#include "catalog/catalog.h"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sqlite3.h>
#include <unistd.h>

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using catalog::Catalog;

namespace {

/// A folder of its own for each test, gone with it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "aiml042_catalog_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] std::string file() const { return path_ + "/catalog.db"; }

  private:
    std::string path_;
};

std::unique_ptr<Catalog> open(const TemporaryFolder& folder) {
    auto opened = Catalog::open(folder.file());
    INFO(opened.status().to_string());
    REQUIRE(opened.is_ok());
    return std::move(*opened);
}

catalog::ApiKey key_of(ProjectId project, char fill) {
    return {.key_id = std::string("key_") + fill,
            .project = project,
            .name = "test",
            .scopes = 3,
            .prefix = "aiml_ab",
            .hash = std::string(32, fill),
            .created_at = 5,
            .expires_at = 77,
            .revoked = false};
}

/// Changes the file behind the catalog's back.
void damage(const TemporaryFolder& folder, const char* sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(folder.file().c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
}

catalog::DeadLetter letter_of(ProjectId project, std::string item) {
    return {.id = 0,
            .project = project,
            .received_at = 9,
            .kind = "event",
            .code = "missing_field",
            .detail = "prediction is missing",
            .pointer = "/prediction",
            .item = std::move(item),
            .replayed = false};
}

}  // namespace

TEST_CASE("catalog: everything written is there after reopening, and the identity seed stays") {
    const TemporaryFolder folder;
    std::uint64_t seed = 0;
    ProjectId id{};
    {
        const auto catalog = open(folder);
        seed = catalog->identity_seed();
        auto project = catalog->create_project("default", 123);
        REQUIRE(project.is_ok());
        id = project->id;
        CHECK(project->public_id == "prj_default");
        REQUIRE(catalog->add_key(key_of(id, 'a')).is_ok());
        model::DeploymentSettings settings;
        settings.task_type = model::TaskType::kBinary;
        settings.positive_class = "";
        settings.threshold = 0.25;
        settings.cohort_keys = {"region", "with\nnewline"};
        settings.score_is = model::ScoreIs::kPredictedClass;
        REQUIRE(catalog->declare(id, "fraud", settings).is_ok());
        REQUIRE(catalog->set_retention(id, {.days = 30, .bytes = std::nullopt}).is_ok());
        REQUIRE(catalog->add_dead_letters({letter_of(id, std::string("\x00\xff{", 3))}).is_ok());
        CHECK(catalog->verify().is_ok());
    }
    const auto catalog = open(folder);
    CHECK(catalog->identity_seed() == seed);
    REQUIRE(catalog->projects().size() == 1);
    CHECK(catalog->project(id)->name == "default");
    CHECK(catalog->project(id)->created_at == 123);
    REQUIRE(catalog->keys().size() == 1);
    CHECK(catalog->keys()[0].hash == std::string(32, 'a'));
    CHECK(catalog->keys()[0].expires_at == 77);
    CHECK_FALSE(catalog->keys()[0].revoked);
    const auto settings = catalog->settings(id, "fraud").value();
    CHECK(settings.task_type == model::TaskType::kBinary);
    CHECK(settings.positive_class == "");
    CHECK(settings.threshold == 0.25);
    CHECK(settings.cohort_keys == std::vector<std::string>{"region", "with\nnewline"});
    CHECK(settings.score_is == model::ScoreIs::kPredictedClass);
    CHECK(catalog->retention(id).days == 30U);
    CHECK_FALSE(catalog->retention(id).bytes.has_value());
    auto letters = catalog->dead_letters(id, 0, 10);
    REQUIRE(letters.is_ok());
    REQUIRE(letters->size() == 1);
    CHECK((*letters)[0].item == std::string("\x00\xff{", 3));
    CHECK(catalog->dead_letter_count(id) == 1);
    CHECK(catalog->verify().is_ok());
}

TEST_CASE("catalog: the file can be read by nobody else") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    using std::filesystem::perms;
    CHECK(std::filesystem::status(folder.file()).permissions() ==
          (perms::owner_read | perms::owner_write));
}

TEST_CASE("catalog: a name is given once, project ids are never used twice") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    const auto first = catalog->create_project("a", 1);
    const auto second = catalog->create_project("b", 1);
    REQUIRE((first.is_ok() && second.is_ok()));
    CHECK(first->id != second->id);
    CHECK(first->public_id != second->public_id);
    CHECK(catalog->create_project("a", 1).code() == ErrorCode::kConflict);
    CHECK(catalog->create_project("", 1).code() == ErrorCode::kInvalidField);
    CHECK(catalog->create_project(std::string(257, 'x'), 1).code() == ErrorCode::kInvalidField);
}

TEST_CASE("catalog: revoking is of the own project's keys only, raises the version and survives") {
    const TemporaryFolder folder;
    ProjectId a{};
    {
        const auto catalog = open(folder);
        a = catalog->create_project("a", 1)->id;
        const ProjectId b = catalog->create_project("b", 1)->id;
        REQUIRE(catalog->add_key(key_of(a, 'a')).is_ok());
        const std::uint64_t before = catalog->keys_version();
        CHECK_FALSE(*catalog->revoke_key(b, "key_a"));
        CHECK(catalog->keys_version() == before);
        CHECK(*catalog->revoke_key(a, "key_a"));
        CHECK(catalog->keys_version() > before);
        CHECK(catalog->keys()[0].revoked);
    }
    CHECK(open(folder)->keys()[0].revoked);
}

TEST_CASE("catalog: two keys of one secret or id conflict") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    const ProjectId a = catalog->create_project("a", 1)->id;
    REQUIRE(catalog->add_key(key_of(a, 'a')).is_ok());
    CHECK(catalog->add_key(key_of(a, 'a')).code() == ErrorCode::kConflict);
    auto same_hash = key_of(a, 'b');
    same_hash.hash = std::string(32, 'a');
    CHECK(catalog->add_key(same_hash).code() == ErrorCode::kConflict);
    CHECK(catalog->keys().size() == 1);
}

// A flipped bit brought a revoked key back to life in a measurement: the row's check has to notice.
TEST_CASE("catalog: a damaged key row lets nobody in and verify tells") {
    const TemporaryFolder folder;
    {
        const auto catalog = open(folder);
        const ProjectId a = catalog->create_project("a", 1)->id;
        REQUIRE(catalog->add_key(key_of(a, 'a')).is_ok());
        REQUIRE(catalog->revoke_key(a, "key_a").is_ok());
    }
    damage(folder, "UPDATE api_keys SET revoked = 0");
    const auto catalog = open(folder);
    REQUIRE(catalog->keys().size() == 1);
    CHECK(catalog->keys()[0].revoked);
    CHECK(catalog->verify().code() == ErrorCode::kCorruptBlock);
}

TEST_CASE(
    "catalog: a damaged retention row deletes nothing, a damaged dead letter is found by verify") {
    const TemporaryFolder folder;
    ProjectId a{};
    {
        const auto catalog = open(folder);
        a = catalog->create_project("a", 1)->id;
        REQUIRE(catalog->set_retention(a, {.days = 300, .bytes = 5}).is_ok());
        REQUIRE(catalog->add_dead_letters({letter_of(a, "x")}).is_ok());
    }
    damage(folder, "UPDATE retention SET days = 3");
    CHECK_FALSE(open(folder)->retention(a).days.has_value());
    damage(folder, "DELETE FROM retention; UPDATE dead_letters SET item = x'79'");
    CHECK(open(folder)->verify().code() == ErrorCode::kCorruptBlock);
}

TEST_CASE("catalog: keys that cannot be read again stay what they were, until they can") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    const ProjectId a = catalog->create_project("a", 1)->id;
    REQUIRE(catalog->add_key(key_of(a, 'k')).is_ok());
    REQUIRE(catalog->refresh_keys().is_ok());
    damage(folder, "UPDATE api_keys SET revoked = 1; ALTER TABLE api_keys RENAME TO hidden");
    CHECK_FALSE(catalog->refresh_keys().is_ok());
    CHECK_FALSE(catalog->refresh_keys().is_ok());
    REQUIRE(catalog->keys().size() == 1);
    CHECK_FALSE(catalog->keys()[0].revoked);
    damage(folder, "ALTER TABLE hidden RENAME TO api_keys");
    REQUIRE(catalog->refresh_keys().is_ok());
    REQUIRE(catalog->keys().size() == 1);
    CHECK(catalog->keys()[0].revoked);
}

TEST_CASE("catalog: what a newer program or another one wrote is refused") {
    const TemporaryFolder folder;
    { const auto catalog = open(folder); }
    damage(folder, "PRAGMA user_version = 9999");
    CHECK(Catalog::open(folder.file()).code() == ErrorCode::kConflict);
    damage(folder, "PRAGMA user_version = 1; PRAGMA application_id = 7");
    CHECK(Catalog::open(folder.file()).code() == ErrorCode::kConflict);
}

TEST_CASE("catalog: dead letters page newest first and stay within their project") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    const ProjectId a = catalog->create_project("a", 1)->id;
    const ProjectId b = catalog->create_project("b", 1)->id;
    for (int i = 0; i < 5; ++i) {
        REQUIRE(catalog->add_dead_letters({letter_of(a, std::to_string(i)), letter_of(b, "other")})
                    .is_ok());
    }
    const auto first = catalog->dead_letters(a, 0, 3);
    REQUIRE(first->size() == 3);
    CHECK((*first)[0].item == "4");
    const auto rest = catalog->dead_letters(a, (*first)[2].id, 3);
    REQUIRE(rest->size() == 2);
    CHECK((*rest)[1].item == "0");
    const std::int64_t id = (*first)[0].id;
    CHECK_FALSE((*catalog->dead_letter(b, id)).has_value());
    CHECK(catalog->delete_dead_letter(b, id).code() == ErrorCode::kNotFound);
    CHECK(catalog->mark_replayed(b, id).code() == ErrorCode::kNotFound);
    REQUIRE(catalog->mark_replayed(a, id).is_ok());
    CHECK((*catalog->dead_letter(a, id))->replayed);
    CHECK(catalog->verify().is_ok());
    REQUIRE(catalog->delete_dead_letter(a, id).is_ok());
    CHECK(catalog->dead_letter_count(a) == 4);
    CHECK(catalog->dead_letter_count(b) == 5);
}

TEST_CASE("catalog: the oldest dead letters give way, long items are cut") {
    const TemporaryFolder folder;
    const auto catalog = open(folder);
    const ProjectId a = catalog->create_project("a", 1)->id;
    std::vector<catalog::DeadLetter> letters;
    for (std::uint32_t i = 0; i < Catalog::kDeadLettersMax + 3; ++i) {
        letters.push_back(letter_of(a, std::to_string(i)));
    }
    letters.push_back(letter_of(a, std::string(20'000, 'x')));
    REQUIRE(catalog->add_dead_letters(letters).is_ok());
    CHECK(catalog->dead_letter_count(a) == Catalog::kDeadLettersMax);
    const auto all = catalog->dead_letters(a, 0, Catalog::kDeadLettersMax + 10);
    REQUIRE(all->size() == Catalog::kDeadLettersMax);
    CHECK(all->front().item == std::string(16'384, 'x'));
    CHECK(all->back().item == "4");
}
