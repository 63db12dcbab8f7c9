#include "base/scrub.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <catch2/catch.hpp>

#include "damage.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

struct Pass {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    std::vector<ScrubFault> faults;
};

Pass scrub(const Store& store) {
    Pass pass;
    const Scrub tell{.pace =
                         [&](std::uint64_t bytes) {
                             pass.bytes += bytes;
                             return true;
                         },
                     .fault = [&](ScrubFault fault) { pass.faults.push_back(std::move(fault)); }};
    std::uint64_t last = 0;
    while (const auto file = store.scrub_file(last, tell)) {
        REQUIRE(*file > last);
        last = *file;
        ++pass.files;
    }
    return pass;
}

std::unique_ptr<Store> filled(const TemporaryFolder& folder, std::mt19937_64& random) {
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    fill_and_seal(*store, feeder, random, 20'000);
    return store;
}

}  // namespace

// The store stays open, with its files in the caches: what rots on the disk is seen all the same.
TEST_CASE("scrub: a flipped bit anywhere in the data of an open store is found") {
    const TemporaryFolder folder;
    std::mt19937_64 random(41);
    const auto store = filled(folder, random);
    const Pass clean = scrub(*store);
    CHECK(clean.faults.empty());
    std::uint64_t bytes = 0;
    const auto files = files_of(folder);
    for (const auto& file : files) {
        bytes += std::filesystem::file_size(file);
    }
    CHECK(clean.files == files.size());
    CHECK(clean.bytes > bytes / 2);
    CHECK(clean.bytes <= bytes * 2);
    for (int i = 0; i < 40; ++i) {
        const auto& file = files[static_cast<std::size_t>(i) % files.size()];
        // Behind the data is an index and RocksDB's description of the file, with padding.
        const std::uint64_t offset = random() % (std::filesystem::file_size(file) * 3 / 5);
        CAPTURE(file, offset);
        flip_bit(file, offset * 8);
        const Pass damaged = scrub(*store);
        REQUIRE_FALSE(damaged.faults.empty());
        CHECK(damaged.faults.front().file == file.filename().string());
        flip_bit(file, offset * 8);
    }
    CHECK(scrub(*store).faults.empty());
}

// Two columns of two blocks rot: both are named, and what lies between is read and fine.
TEST_CASE("scrub: each damaged column is named and the rest of the file is read") {
    const TemporaryFolder folder;
    std::mt19937_64 random(42);
    auto store = filled(folder, random);
    const auto files = files_of(folder);
    const auto largest = *std::ranges::max_element(
        files, {}, [](const auto& file) { return std::filesystem::file_size(file); });
    const std::uint64_t size = std::filesystem::file_size(largest);
    const std::uint64_t clean = scrub(*store).bytes;
    flip_bit(largest, size / 10 * 8);
    flip_bit(largest, size * 6 / 10 * 8);
    store.reset();
    store = open_store(folder.path());  // With nothing in its caches.
    const Pass pass = scrub(*store);
    REQUIRE(pass.faults.size() >= 2);
    CHECK(pass.bytes > clean / 4);
    CHECK(pass.bytes < clean);
    std::size_t unreadable = 0;
    const auto deployment = store->find_deployment(kProject, "model");
    REQUIRE(deployment.has_value());
    for (const auto& block : store->blocks(kProject, deployment->id, {})) {
        for (ColumnId id = 0; id < model::kFirstDynamicColumn + 8; ++id) {
            const auto column = block->column(id);
            CHECK((column.is_ok() || column.code() == ErrorCode::kCorruptBlock));
            if (!column.is_ok()) {
                ++unreadable;
                const std::string name =
                    "block " + std::to_string(block->id()) + ", column " + std::to_string(id);
                CHECK(std::ranges::any_of(pass.faults, [&](const ScrubFault& fault) {
                    return fault.item.ends_with(name);
                }));
            }
        }
    }
    CHECK(unreadable == pass.faults.size());
}

// The thread that scrubs is told to end in the middle of a file.
TEST_CASE("scrub: stops where its pace says so") {
    const TemporaryFolder folder;
    std::mt19937_64 random(43);
    const auto store = filled(folder, random);
    std::uint64_t calls = 0;
    const Scrub tell{.pace = [&](std::uint64_t /*bytes*/) { return ++calls < 3; },
                     .fault = [](const ScrubFault& /*fault*/) {}};
    CHECK(store->scrub_file(0, tell).has_value());
    CHECK(calls <= 3);
}
