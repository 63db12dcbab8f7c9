#include "os/file.h"

#include <array>
#include <set>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/entropy.h"
#include "os/folder_lock.h"
#include "temp_folder.h"

namespace aiml042::os {

using test::TempFolder;

TEST_CASE("file: what is written is read, whole and in part") {
    const TempFolder folder;
    auto file = File::open(folder.path() + "/a", FileMode::kCreate);
    REQUIRE(file);
    REQUIRE(file->write_at(0, "hello"));
    REQUIRE(file->write_at(3, "ps!"));
    REQUIRE(file->sync());
    CHECK(*file->size() == 6);
    std::array<char, 10> out{};
    const auto got = file->read_at(1, out.data(), out.size());
    REQUIRE(got);
    CHECK(std::string_view(out.data(), *got) == "elps!");
    CHECK(*file->read_at(100, out.data(), out.size()) == 0);
}

// The scrub reads whole files so, of any length, and may stop in between.
TEST_CASE("file: read_cold gives every byte in order and stops when told") {
    const TempFolder folder;
    const std::string path = folder.path() + "/a";
    CHECK(read_cold(path, [](std::uint64_t, ByteView) { return Status(); }).code() ==
          ErrorCode::kNotFound);
    for (const std::size_t size : {std::size_t{0},
                                   std::size_t{1},
                                   std::size_t{4'096},
                                   std::size_t{256 * 1024},
                                   std::size_t{700'001}}) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = static_cast<char>(i * 7 % 251);
        }
        REQUIRE(write_file_durably(folder.path(), "a", text));
        std::string back;
        REQUIRE(read_cold(path, [&](std::uint64_t offset, ByteView bytes) {
            CHECK(offset == back.size());
            back += bytes;
            return Status();
        }));
        CHECK(back == text);
    }
    int calls = 0;
    const auto stop = [&](std::uint64_t, ByteView) {
        ++calls;
        return Status(ErrorCode::kDraining, "enough");
    };
    CHECK(read_cold(path, stop).code() == ErrorCode::kDraining);
    CHECK(calls == 1);
}

TEST_CASE("file: modes say what must exist") {
    const TempFolder folder;
    const std::string path = folder.path() + "/a";
    CHECK(File::open(path, FileMode::kRead).code() == ErrorCode::kNotFound);
    CHECK(File::open(path, FileMode::kReadWrite).code() == ErrorCode::kNotFound);
    REQUIRE(File::open(path, FileMode::kCreate));
    const auto again = File::open(path, FileMode::kCreate);
    CHECK(again.code() == ErrorCode::kStorageFailed);
    CHECK(again.status().detail().find(path) != std::string::npos);
    REQUIRE(write_file_durably(folder.path(), "a", "text"));
    REQUIRE(File::open(path, FileMode::kReplace));
    CHECK(*read_file(path, 10) == "");
}

TEST_CASE("file: each write durable, on a sector boundary, after a reservation") {
    const TempFolder folder;
    auto file = File::open(folder.path() + "/a", FileMode::kCreate, Durability::kEachWrite);
    REQUIRE(file);
    REQUIRE(file->reserve(4 * limits::kSectorBytes));
    alignas(limits::kSectorBytes) std::array<char, limits::kSectorBytes> sector{};
    sector.fill('x');
    REQUIRE(file->write_at(limits::kSectorBytes, {sector.data(), sector.size()}));
    REQUIRE(file->sync());
    const auto all = read_file(folder.path() + "/a", 1 << 20);
    REQUIRE(all);
    REQUIRE(all->size() == 4 * limits::kSectorBytes);
    CHECK((*all)[0] == '\0');
    CHECK((*all)[limits::kSectorBytes] == 'x');
    CHECK((*all)[2 * limits::kSectorBytes] == '\0');
}

TEST_CASE("file: memory that is not aligned still gets written durably") {
    // File systems differ in what O_DIRECT asks for: a refusal must not become a failure.
    const TempFolder folder;
    auto file = File::open(folder.path() + "/a", FileMode::kCreate, Durability::kEachWrite);
    REQUIRE(file);
    REQUIRE(file->write_at(0, "not a sector"));
    REQUIRE(file->sync());
    CHECK(*read_file(folder.path() + "/a", 100) == "not a sector");
}

TEST_CASE("file: a full device is kDiskFull") {
    auto full = File::open("/dev/full", FileMode::kReadWrite);
    if (!full) {
        WARN("skipped: /dev/full is not there");
        return;
    }
    CHECK(full->write_at(0, "x").code() == ErrorCode::kDiskFull);
}

TEST_CASE("folder: made with those above, listed in order, removed twice without complaint") {
    const TempFolder folder;
    const std::string deep = folder.path() + "/x/y/z";
    REQUIRE(create_folder(deep));
    REQUIRE(create_folder(deep));
    REQUIRE(write_file_durably(deep, "b", "2"));
    REQUIRE(write_file_durably(deep, "a", "1"));
    REQUIRE(write_file_durably(deep, "a", "one"));
    CHECK(*list_folder(deep) == std::vector<std::string>{"a", "b"});
    CHECK(*read_file(deep + "/a", 3) == "one");
    CHECK(read_file(deep + "/a", 2).code() == ErrorCode::kTooLarge);
    REQUIRE(rename_file(deep + "/a", deep + "/b"));
    CHECK_FALSE(file_exists(deep + "/a"));
    CHECK(*read_file(deep + "/b", 3) == "one");
    REQUIRE(remove_file(deep + "/b"));
    REQUIRE(remove_file(deep + "/b"));
    REQUIRE(sync_folder(deep));
    CHECK(list_folder(folder.path() + "/none").code() == ErrorCode::kNotFound);
    CHECK(create_folder("/dev/null/x").code() == ErrorCode::kStorageFailed);
    CHECK(*free_bytes(deep) > 0);
}

TEST_CASE("entropy: numbers differ") {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(random_u64());
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("folder lock: one holder, named when another asks") {
    const TempFolder folder;
    auto held = FolderLock::take(folder.path());
    REQUIRE(held);
    const auto second = FolderLock::take(folder.path());
    CHECK(second.code() == ErrorCode::kConflict);
    CHECK(second.status().detail().find("process " + std::to_string(::getpid())) !=
          std::string::npos);
    FolderLock moved = std::move(*held);
    CHECK_FALSE(FolderLock::take(folder.path()));
    moved = FolderLock();
    CHECK(FolderLock::take(folder.path()));
    CHECK(FolderLock::take(folder.path() + "/none").code() == ErrorCode::kStorageFailed);
}

TEST_CASE("folder lock: the kernel lets go when the holder dies") {
    const TempFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = FolderLock::take(folder.path());
        ::_exit(held ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WEXITSTATUS(status) == 0);
    CHECK(FolderLock::take(folder.path()));
}

}  // namespace aiml042::os
