#include "identity/run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/hash.h"
#include "base/time.h"
#include "entry_shapes.h"
#include "folder.h"
#include "identity/index.h"
#include "identity/manifest.h"
#include "identity/run_format.h"
#include "identity/run_writer.h"

using namespace aiml042;            // NOLINT(google-build-using-namespace)
using namespace aiml042::identity;  // NOLINT(google-build-using-namespace)

namespace {

std::shared_ptr<const Run> write(const Folder& folder,
                                 std::uint64_t id,
                                 const std::vector<Entry>& entries) {
    auto writer = RunWriter::create(folder.path(), id, entries.size());
    REQUIRE(writer.is_ok());
    for (const Entry& entry : entries) {
        REQUIRE(writer->add(entry).is_ok());
    }
    auto run = writer->finish();
    REQUIRE(run.is_ok());
    auto opened = Run::open(folder.path(), (*run)->info());
    REQUIRE(opened.is_ok());
    return std::move(*opened);
}

std::vector<Entry> all_of(const Run& run) {
    std::vector<Entry> entries;
    REQUIRE(run.read_pages(0, run.pages(), entries).is_ok());
    return entries;
}

/// A run as version 1 of the format had it.
RunInfo write_fixed(const Folder& folder, std::uint64_t id, const std::vector<Entry>& entries) {
    constexpr std::size_t kEach = 50;
    RunInfo info{.id = id, .entries = entries.size(), .arrival_min = 0xFFFF'FFFFU};
    RunTail tail;
    std::string pages;
    std::vector<std::uint64_t> keys;
    for (std::size_t i = 0; i < entries.size(); i += kEach) {
        const std::size_t count = std::min(kEach, entries.size() - i);
        std::string page;
        ByteWriter out(page);
        out.fixed(static_cast<std::uint32_t>(count));
        out.fixed(static_cast<std::uint32_t>(i / kEach));
        out.fixed(static_cast<std::uint32_t>(id));
        for (std::size_t k = i; k < i + count; ++k) {
            const Entry& entry = entries[k];
            out.fixed(entry.key);
            out.fixed(entry.check);
            out.fixed(entry.day);
            out.fixed(entry.arrival);
            info.arrival_min = std::min(info.arrival_min, entry.arrival);
            info.arrival_max = std::max(info.arrival_max, entry.arrival);
            keys.push_back(entry.key);
        }
        page.resize(kPageBytes - 4, '\0');
        ByteWriter(pages).fixed(crc32c(page));
        pages += page;
        tail.first_keys.push_back(entries[i].key);
    }
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    tail.shards.push_back(FuseFilter::build(keys, 0));
    std::ofstream(folder.path() + "/" + run_file_name(id), std::ios::binary)
        << encode_run_header(info, tail.first_keys.size(), RunVersion::kFixed) << pages
        << tail.encode() << encode_run_footer(id, tail.encode());
    return info;
}

}  // namespace

TEST_CASE("run: entries of any shape come back by page, by look-up, and through a merge") {
    std::mt19937_64 random(21);
    for (int trial = 0; trial < 40; ++trial) {
        CAPTURE(trial);
        const Folder folder;
        std::vector<std::vector<Entry>> parts;
        std::vector<std::shared_ptr<const Run>> runs;
        std::multiset<Entry> expected;
        for (std::uint64_t id = 1; id <= 3; ++id) {
            std::vector<Entry> entries = random_entries(random, 1 + random() % 1'500);
            if (id == 3) {  // Some are in two runs.
                const std::vector<Entry>& first = parts.front();
                std::copy_n(first.begin(), (first.size() + 1) / 2, std::back_inserter(entries));
                std::ranges::sort(entries);
            }
            entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
            const auto run = write(folder, id, entries);
            REQUIRE(run->verify().is_ok());
            REQUIRE(all_of(*run) == entries);
            REQUIRE(run->disk_bytes() == std::filesystem::file_size(run->path()));
            for (std::size_t i = 0; i < entries.size(); i += 1 + random() % 7) {
                const Entry& wanted = entries[i];
                std::vector<Entry> found;
                REQUIRE(run->may_contain(wanted.key));
                REQUIRE(run->find(wanted.key, wanted.check, found).is_ok());
                std::vector<Entry> alike;
                std::ranges::copy_if(entries, std::back_inserter(alike), [&](const Entry& entry) {
                    return entry.key == wanted.key && entry.check == wanted.check;
                });
                REQUIRE(found == alike);
            }
            parts.push_back(std::move(entries));
            runs.push_back(run);
        }
        std::set<Entry> kept;
        for (const auto& part : parts) {
            kept.insert(part.begin(), part.end());
        }
        const Entry dropped = *kept.begin();
        kept.erase(kept.begin());
        if (kept.empty()) {
            continue;
        }
        auto writer = RunWriter::create(folder.path(), 4, kept.size());
        REQUIRE(writer.is_ok());
        const auto drop = [&](const Entry& entry, std::uint64_t) { return entry == dropped; };
        REQUIRE(merge_runs(runs, drop, *writer).is_ok());
        const auto merged = writer->finish();
        REQUIRE(merged.is_ok());
        REQUIRE((*merged)->verify().is_ok());
        REQUIRE(std::ranges::equal(all_of(**merged), kept));
    }
}

// What the page directory narrows down to must reach over every page that begins with the key.
TEST_CASE("run: one key over many pages is found whole") {
    const Folder folder;
    std::vector<Entry> entries{{.key = 4, .check = 0, .day = 0, .arrival = 1}};
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        entries.push_back({.key = 5, .check = i / 1'000, .day = 3, .arrival = i});
    }
    entries.push_back({.key = 6, .check = 0, .day = 0, .arrival = 1});
    const auto run = write(folder, 1, entries);
    REQUIRE(run->pages() > 3);
    for (const std::uint32_t check : {0U, 1U}) {
        std::vector<Entry> found;
        REQUIRE(run->find(5, check, found).is_ok());
        CHECK(found.size() == 1'000);
    }
}

// A data directory of before the pages were packed must lose nothing.
TEST_CASE("run: version 1 is read, found damaged where it is, and merged into the new form") {
    std::mt19937_64 random(22);
    const Folder folder;
    std::vector<Entry> entries;
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        entries.push_back({.key = hash64(std::to_string(i)),
                           .check = static_cast<std::uint32_t>(random()),
                           .day = static_cast<std::int32_t>(i) - 500,
                           .arrival = 1'764'000'000 + i});
    }
    std::ranges::sort(entries);
    const RunInfo info = write_fixed(folder, 1, entries);
    const auto run = Run::open(folder.path(), info);
    REQUIRE(run.is_ok());
    CHECK((*run)->verify().is_ok());
    CHECK(all_of(**run) == entries);
    for (const Entry& entry : entries) {
        std::vector<Entry> found;
        REQUIRE((*run)->find(entry.key, entry.check, found).is_ok());
        REQUIRE(found == std::vector{entry});
        found.clear();
        REQUIRE((*run)->find(entry.key, entry.check + 1, found).is_ok());
        REQUIRE(found.empty());
    }

    Manifest manifest;
    manifest.next_run = 2;
    manifest.sealed_until = 1'765'000'000LL * kSecond;
    manifest.runs = {info};
    REQUIRE(manifest.store(folder.path()).is_ok());
    const auto index = Index::open({.folder = folder.path(), .merge_inline = true});
    REQUIRE(index.is_ok());
    CHECK((*index)->sealed_until() == manifest.sealed_until);
    CHECK((*index)->stats().sealed_entries == entries.size());
    const std::uint64_t before = (*index)->stats().disk_bytes;
    for (std::int32_t i = 0; i < 2; ++i) {  // The third run makes one of all.
        const Timestamp arrival = (1'765'000'000LL + i) * kSecond;
        REQUIRE((*index)->insert(Hash128{std::uint64_t{77} << i, 1}, 7, arrival));
        REQUIRE((*index)->seal(arrival + kSecond).is_ok());
    }
    CHECK((*index)->stats().runs == 1);
    CHECK((*index)->stats().sealed_entries == entries.size() + 2);
    CHECK((*index)->stats().disk_bytes < before);
    CHECK((*index)->verify().is_ok());
    for (const Entry& entry : entries) {
        REQUIRE((*index)->find(Hash128{entry.key, entry.check}) == std::vector{entry.day});
    }
}

TEST_CASE("run: a version that this program does not know is not read") {
    const Folder folder;
    const auto run = write(folder, 1, {{.key = 1, .check = 1, .day = 1, .arrival = 1}});
    for (const char version : {'\0', '\3'}) {
        std::string header = encode_run_header(run->info(), 1);
        header[8] = version;
        header.resize(kPageBytes - 4);
        ByteWriter(header).fixed(crc32c(header));
        std::fstream file(run->path(), std::ios::in | std::ios::out | std::ios::binary);
        file << header << std::flush;
        CHECK(Run::open(folder.path(), run->info()).status().code() == ErrorCode::kCorruptBlock);
    }
}
