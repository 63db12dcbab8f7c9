#include "identity/index.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "folder.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using identity::Folder;
using identity::Index;
using identity::IndexOptions;
namespace fs = std::filesystem;

namespace {

constexpr Timestamp kStart = 1'764'000'000LL * kSecond;

Hash128 id(std::uint64_t i) {
    return hash128(std::to_string(i), 99);
}

std::unique_ptr<Index> open(const Folder& folder, Timestamp horizon = 7 * kDay) {
    auto index =
        Index::open({.folder = folder.path(), .dedupe_horizon = horizon, .merge_inline = true});
    REQUIRE(index.is_ok());
    return std::move(*index);
}

void flip(const fs::path& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(stream.get() ^ 1);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
}

std::uint64_t pages_of(const fs::path& run) {
    std::ifstream stream(run, std::ios::binary);
    stream.seekg(32);
    std::uint64_t pages = 0;
    stream.read(reinterpret_cast<char*>(&pages), sizeof(pages));
    return pages;
}

using Days = std::vector<std::int32_t>;

}  // namespace

TEST_CASE(
    "identity: a repeat within the horizon is refused, hot and sealed alike; one beyond it is "
    "taken") {
    const Folder folder;
    const auto index = open(folder);
    const bool sealed = GENERATE(false, true);
    CAPTURE(sealed);
    CHECK(index->insert(id(1), 100, kStart));
    if (sealed) {
        REQUIRE(index->seal(kStart + kHour).is_ok());
        REQUIRE(index->stats().hot_entries == 0);
    }
    CHECK_FALSE(index->insert(id(1), 101, kStart));
    CHECK_FALSE(index->insert(id(1), 101, kStart + 7 * kDay));
    CHECK_FALSE(index->insert(id(1), 101, kStart - 400 * kDay));  // The clock went back.
    CHECK(index->find(id(1)) == Days{100});
    CHECK(index->insert(id(1), 107, kStart + 7 * kDay + kSecond));
    CHECK_FALSE(index->insert(id(1), 107, kStart + 7 * kDay + kSecond));
    CHECK(index->find(id(1)) == Days{107, 100});
    CHECK(index->find(id(2)).empty());
}

TEST_CASE("identity: equal keys with unequal check bits are two requests") {
    const Folder folder;
    const auto index = open(folder);
    const Hash128 a = id(1);
    const Hash128 b{a.high, a.low ^ 1};
    CHECK(index->insert(a, 1, kStart));
    CHECK(index->insert(b, 2, kStart));
    REQUIRE(index->seal(kStart + kHour).is_ok());
    CHECK_FALSE(index->insert(a, 3, kStart));
    CHECK_FALSE(index->insert(b, 3, kStart));
    CHECK(index->find(a) == Days{1});
    CHECK(index->find(b) == Days{2});
}

TEST_CASE("identity: what was sealed is there after a restart, what was not is asked for again") {
    const Folder folder;
    {
        const auto index = open(folder);
        CHECK(index->sealed_until() == 0);
        for (std::uint64_t i = 0; i < 5'000; ++i) {
            REQUIRE(index->insert(id(i),
                                  static_cast<std::int32_t>(i % 9),
                                  kStart + static_cast<Timestamp>(i) * kSecond));
        }
        REQUIRE(index->seal(kStart + 3'000 * kSecond).is_ok());
        CHECK(index->sealed_until() == kStart + 3'000 * kSecond);
        CHECK(index->stats().hot_entries == 2'000);
        CHECK(index->stats().sealed_entries == 3'000);
        CHECK(index->verify().is_ok());
    }
    const auto index = open(folder);
    CHECK(index->sealed_until() == kStart + 3'000 * kSecond);
    CHECK(index->stats().sealed_entries == 3'000);
    for (std::uint64_t i = 0; i < 5'000; ++i) {
        REQUIRE(index->find(id(i)) ==
                (i < 3'000 ? Days{static_cast<std::int32_t>(i % 9)} : Days{}));
    }
    for (std::uint64_t i = 2'000; i < 5'000;
         ++i) {  // Overlaps with what is sealed: that is not doubled.
        index->restore(
            id(i), static_cast<std::int32_t>(i % 9), kStart + static_cast<Timestamp>(i) * kSecond);
    }
    CHECK(index->stats().hot_entries == 2'000);
    CHECK_FALSE(index->insert(id(4'999), 0, kStart + kDay));
    CHECK(index->verify().is_ok());
}

TEST_CASE("identity: many seals are merged into few runs that know the same") {
    const Folder folder;
    constexpr std::uint64_t kRounds = 40;
    constexpr std::uint64_t kEach = 500;
    {
        const auto index = open(folder);
        for (std::uint64_t round = 0; round < kRounds; ++round) {
            const Timestamp at = kStart + static_cast<Timestamp>(round) * kHour;
            for (std::uint64_t i = 0; i < kEach; ++i) {
                REQUIRE(index->insert(id(round * kEach + i), static_cast<std::int32_t>(round), at));
            }
            REQUIRE(index->seal(at + kSecond).is_ok());
            REQUIRE(index->stats().runs <= 3);
        }
        CHECK(index->stats().sealed_entries == kRounds * kEach);
        CHECK(folder.files(".run").size() == index->stats().runs);
        CHECK(index->verify().is_ok());
    }
    const auto index = open(folder);
    for (std::uint64_t i = 0; i < kRounds * kEach; ++i) {
        REQUIRE(index->find(id(i)) == Days{static_cast<std::int32_t>(i / kEach)});
    }
}

TEST_CASE(
    "identity: an erased entry is gone, hot or sealed, over restarts and merges; and may come "
    "again") {
    const Folder folder;
    auto index = open(folder);
    for (std::uint64_t i = 0; i < 100; ++i) {
        REQUIRE(index->insert(id(i), 5, kStart));
    }
    index->erase(id(0), 5);
    index->erase(id(1), 6);  // Another day: nothing.
    CHECK(index->find(id(0)).empty());
    CHECK(index->find(id(1)) == Days{5});
    REQUIRE(index->seal(kStart + kHour).is_ok());
    index->erase(id(2), 5);
    index->erase(id(3), 5);
    CHECK(index->stats().tombstones == 2);
    CHECK(index->find(id(2)).empty());
    CHECK(index->insert(id(3), 5, kStart + kHour));  // The same request again, the same day.
    CHECK(index->find(id(3)) == Days{5});

    index.reset();
    index = open(folder);
    CHECK(index->find(id(2)).empty());
    CHECK(index->find(id(3)).empty());  // Was hot, was not restored.
    index->restore(id(3), 5, kStart + kHour);
    CHECK(index->find(id(3)) == Days{5});
    REQUIRE(index->seal(kStart + 2 * kHour).is_ok());
    CHECK(index->insert(id(1'000), 7, kStart + 2 * kHour));
    CHECK(index->stats().tombstones == 2);  // The third run makes one of all, and they go.
    REQUIRE(index->seal(kStart + 9 * kHour).is_ok());
    CHECK(index->stats().runs == 1);
    CHECK(index->stats().tombstones == 0);
    CHECK(index->stats().sealed_entries == 99);  // 100, less 0, 2 and 3, then 3 again and 1,000.
    CHECK(index->find(id(2)).empty());
    CHECK(index->find(id(3)) == Days{5});
    CHECK(index->verify().is_ok());
}

TEST_CASE(
    "identity: an arrival behind the last seal lowers sealed_until durably, the next seal raises "
    "it again") {
    const Folder folder;
    auto index = open(folder);
    REQUIRE(index->insert(id(1), 1, kStart));
    REQUIRE(index->seal(kStart + kDay).is_ok());
    REQUIRE(index->insert(id(2), 2, kStart + kHour));
    const Timestamp lowered = index->sealed_until();
    CHECK(lowered <= kStart + kHour);
    index.reset();
    index = open(folder);
    CHECK(index->sealed_until() == lowered);
    index->restore(id(2), 2, kStart + kHour);
    REQUIRE(index->seal(kStart + kDay).is_ok());
    CHECK(index->sealed_until() == kStart + kDay);
    CHECK(index->find(id(2)) == Days{2});
    REQUIRE(index->seal(kStart).is_ok());  // Nothing is that old; the promise stays.
    CHECK(index->sealed_until() == kStart + kDay);
}

TEST_CASE("identity: spill empties the table without a promise") {
    const Folder folder;
    const auto index = open(folder);
    index->restore(id(1), 1, kStart);
    REQUIRE(index->spill().is_ok());
    CHECK(index->stats().hot_entries == 0);
    CHECK(index->sealed_until() == 0);
    CHECK(index->find(id(1)) == Days{1});
}

TEST_CASE("identity: leftovers of a crash are removed") {
    const Folder folder;
    {
        const auto index = open(folder);
        REQUIRE(index->insert(id(1), 1, kStart));
        REQUIRE(index->seal(kStart + kHour).is_ok());
    }
    // A run that was renamed but never got into the manifest, a half-written one, a half-written
    // manifest, and a torn tombstone.
    const fs::path run = folder.files(".run").front();
    fs::copy(run, folder.path() + "/00000077.run");
    std::ofstream(folder.path() + "/00000078.run.tmp") << "half";
    std::ofstream(folder.path() + "/manifest.tmp") << "half";
    std::ofstream(folder.path() + "/tombstones", std::ios::app) << "torn";
    const auto index = open(folder);
    CHECK(folder.files(".tmp").empty());
    CHECK(folder.files(".run") == std::vector{run});
    CHECK(fs::file_size(folder.path() + "/tombstones") == 0);
    CHECK(index->find(id(1)) == Days{1});
    CHECK(index->verify().is_ok());
}

TEST_CASE("identity: every flipped bit of a run is noticed, and its entries are asked for again") {
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    for (int trial = 0; trial == 0 || offset + 1 < size; ++trial) {
        const Folder folder;
        {
            const auto index = open(folder);
            for (std::uint64_t i = 0; i < 300; ++i) {
                REQUIRE(index->insert(id(i), 1, kStart + static_cast<Timestamp>(i) * kSecond));
            }
            REQUIRE(index->seal(kStart + kHour).is_ok());
        }
        const fs::path run = folder.files(".run").front();
        size = fs::file_size(run);
        offset = std::min(size - 1, static_cast<std::uint64_t>(trial) * 1'009);
        const bool in_pages = offset >= 1024 && offset < (1 + pages_of(run)) * 1024;
        flip(run, offset);
        CAPTURE(offset, size);
        set_log_level(LogLevel::kError);
        auto index = open(folder);
        CHECK(index->verify().code() == ErrorCode::kCorruptBlock);
        if (in_pages) {
            // Reads meet it, never a wrong answer; the next seal writes down that the run is to be
            // rebuilt.
            std::size_t known = 0;
            for (std::uint64_t i = 0; i < 300; ++i) {
                const Days days = index->find(id(i));
                CHECK((days.empty() || days == Days{1}));
                known += days.size();
            }
            CHECK(known < 300);
            REQUIRE(index->seal(kStart + kHour).is_ok());
            index.reset();
            index = open(folder);
        }
        CHECK(index->sealed_until() == kStart);
        CHECK(index->stats().sealed_entries == 0);
        for (std::uint64_t i = 0; i < 300; ++i) {
            index->restore(id(i), 1, kStart + static_cast<Timestamp>(i) * kSecond);
        }
        REQUIRE(index->seal(kStart + kHour).is_ok());
        CHECK(index->find(id(7)) == Days{1});
        CHECK(folder.files(".corrupt").size() == 1);
    }
}

TEST_CASE("identity: a run cut short or missing and a damaged manifest are noticed too") {
    const Folder folder;
    const auto fill = [&] {
        const auto index = open(folder);
        for (std::uint64_t i = 0; i < 300; ++i) {
            index->restore(id(i), 1, kStart);
        }
        REQUIRE(index->seal(kStart + kHour).is_ok());
    };
    fill();
    const fs::path run = folder.files(".run").front();
    SECTION("cut") {
        fs::resize_file(run, fs::file_size(run) - 5);
    }
    SECTION("missing") {
        fs::remove(run);
    }
    SECTION("manifest") {
        flip(folder.path() + "/manifest", 20);
    }
    CHECK(open(folder)->sealed_until() <= kStart);
    fill();
    CHECK(open(folder)->find(id(3)) == Days{1});
}

TEST_CASE(
    "identity: random histories agree with a model of every insert, erase, seal and restart") {
    struct Known {
        Timestamp arrival;
        std::int32_t day;
        bool sealed;
    };

    std::mt19937_64 random(42);
    const Folder folder;
    auto index = open(folder, kDay);
    std::multimap<std::uint64_t, Known> model;
    Timestamp now = kStart;
    for (int step = 0; step < 30'000; ++step) {
        now += static_cast<Timestamp>(random() % 60) * kSecond;
        const std::uint64_t key = random() % 2'000;
        const auto [begin, end] = model.equal_range(key);
        const auto dice = random() % 10'000;
        if (dice < 8'000) {
            const auto day = static_cast<std::int32_t>(random() % 4);
            const bool expected = std::none_of(
                begin, end, [&](const auto& item) { return now - item.second.arrival <= kDay; });
            REQUIRE(index->insert(id(key), day, now) == expected);
            if (expected) {
                model.emplace(key, Known{now, day, false});
            }
        } else if (dice < 9'900) {
            if (begin != end) {
                const std::int32_t day = begin->second.day;
                index->erase(id(key), day);
                for (auto it = begin; it != model.end() && it->first == key;) {
                    it = it->second.day == day ? model.erase(it) : std::next(it);
                }
            }
        } else if (dice < 9'970) {
            const Timestamp before = now - static_cast<Timestamp>(random() % 7'200) * kSecond;
            REQUIRE(index->seal(before).is_ok());
            REQUIRE(index->sealed_until() >= before);
            for (auto& [k, known] : model) {
                known.sealed = known.sealed || known.arrival < before;
            }
        } else {
            const Timestamp until = index->sealed_until();
            index.reset();
            index = open(folder, kDay);
            REQUIRE(index->sealed_until() == until);
            for (const auto& [k, known] : model) {
                if (known.arrival >= until) {
                    index->restore(id(k), known.day, known.arrival);
                }
            }
        }
        if (step % 10 == 0) {
            const std::uint64_t probe = random() % 2'000;
            const auto [from, to] = model.equal_range(probe);
            std::set<std::int32_t> expected;
            std::for_each(from, to, [&](const auto& item) { expected.insert(item.second.day); });
            const Days found = index->find(id(probe));
            REQUIRE(std::set(found.begin(), found.end()) == expected);
            REQUIRE(found.size() == expected.size());
        }
    }
    CHECK(index->verify().is_ok());
    CHECK(index->stats().runs <= 3);
}

TEST_CASE("identity: two inserters, a reader and a sealer at once lose and double nothing") {
    const Folder folder;
    auto opened = Index::open({.folder = folder.path()});  // With the background merger.
    REQUIRE(opened.is_ok());
    Index& index = **opened;
    constexpr std::uint64_t kIds = 40'000;
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> done{0};
    std::atomic<int> running{2};
    const auto insert_all = [&] {
        for (std::uint64_t i = 0; i < kIds; ++i) {
            const Timestamp at = kStart + static_cast<Timestamp>(i) * kSecond;
            taken += index.insert(id(i), static_cast<std::int32_t>(i % 5), at) ? 1 : 0;
            std::uint64_t before = done.load();
            while (before < i && !done.compare_exchange_weak(before, i)) {
            }
        }
        --running;
    };
    std::thread first(insert_all);
    std::thread second(insert_all);
    std::atomic<std::uint64_t> missed{0};
    std::thread reader([&] {
        std::mt19937_64 random(3);
        while (running > 0) {
            const std::uint64_t safe = done.load();
            const std::uint64_t i = safe == 0 ? 0 : random() % safe;
            index.lookahead().touch(id(i));
            missed +=
                i < safe && index.find(id(i)) != Days{static_cast<std::int32_t>(i % 5)} ? 1 : 0;
        }
    });
    std::uint64_t seals = 0;
    while (running > 0) {
        REQUIRE(index.seal(kStart + static_cast<Timestamp>(done.load()) * kSecond).is_ok());
        ++seals;
    }
    first.join();
    second.join();
    reader.join();
    CHECK(seals > 0);
    CHECK(taken == kIds);
    CHECK(missed == 0);
    CHECK(index.stats().hot_entries + index.stats().sealed_entries == kIds);
    CHECK(index.verify().is_ok());
}

// The scrub reads past the page cache while the index is in use; a run it finds bad is rebuilt by
// the next start.
TEST_CASE("identity: the scrub finds a flipped bit anywhere in a run") {
    const Folder folder;
    {
        const auto index = open(folder);
        for (std::uint64_t i = 0; i < 300; ++i) {
            REQUIRE(index->insert(id(i), 1, kStart + static_cast<Timestamp>(i) * kSecond));
        }
        REQUIRE(index->seal(kStart + kHour).is_ok());
    }
    const fs::path run = folder.files(".run").front();
    const std::uint64_t size = fs::file_size(run);
    const auto scrub = [](const Index& index) {
        std::vector<ScrubFault> faults;
        CHECK(
            index.scrub({.pace = [](std::uint64_t) { return true; },
                         .fault = [&](ScrubFault fault) { faults.push_back(std::move(fault)); }}));
        return faults;
    };
    const auto index = open(folder);
    CHECK(scrub(*index).empty());
    for (std::uint64_t offset = 0; offset < size; offset += 509) {
        CAPTURE(offset, size);
        flip(run, offset);
        const auto faults = scrub(*index);
        CHECK(faults.size() == 1);
        CHECK((faults.empty() || faults[0].file == run.filename().string()));
        flip(run, offset);
    }
    CHECK(scrub(*index).empty());
}
