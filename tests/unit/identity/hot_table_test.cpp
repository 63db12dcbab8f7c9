#include "identity/hot_table.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "base/hash.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using identity::Entry;
using identity::HotTable;

namespace {

Entry entry(std::uint64_t i, std::int32_t day, std::uint32_t arrival) {
    const Hash128 hash = hash128(std::to_string(i), 5);
    return {.key = hash.high,
            .check = static_cast<std::uint32_t>(hash.low),
            .day = day,
            .arrival = arrival};
}

std::multiset<std::pair<std::int32_t, std::uint32_t>> find(const HotTable& table, const Entry& of) {
    std::multiset<std::pair<std::int32_t, std::uint32_t>> found;
    table.find(of.key, of.check, [&](std::int32_t day, std::uint32_t arrival) {
        found.emplace(day, arrival);
    });
    return found;
}

}  // namespace

TEST_CASE("hot table: random inserts, erasures and seals agree with a map") {
    std::mt19937_64 random(20'251'125);
    HotTable table;
    std::map<std::uint64_t, std::set<std::pair<std::int32_t, std::uint32_t>>> model;
    constexpr std::uint64_t kIds = 3'000;
    for (int step = 0; step < 60'000; ++step) {
        const std::uint64_t id = random() % kIds;
        const auto day = static_cast<std::int32_t>(random() % 7) - 3;
        const auto dice = random() % 1000;
        if (dice < 600) {
            const auto arrival = static_cast<std::uint32_t>(1 + random() % 1000);
            if (model[id].emplace(day, arrival).second) {
                table.insert(entry(id, day, arrival));
            }
        } else if (dice < 999) {
            auto& known = model[id];
            const auto first =
                std::ranges::find_if(known, [&](const auto& item) { return item.first == day; });
            const HotTable::Erased erased =
                table.erase(entry(id, day, 0).key, entry(id, day, 0).check, day);
            REQUIRE(erased.found == (first != known.end()));
            if (erased.found) {  // Which of several of one day goes is not promised: take the
                                 // model's from the table.
                const auto left = find(table, entry(id, day, 0));
                std::set<std::pair<std::int32_t, std::uint32_t>> now(left.begin(), left.end());
                REQUIRE(now.size() + 1 == known.size());
                REQUIRE(std::ranges::includes(known, now));
                known = now;
            }
        } else {
            const auto before = static_cast<std::uint32_t>(random() % 500);
            std::vector<Entry> out;
            table.copy_before(before, out);
            std::size_t expected = 0;
            for (auto& [key, known] : model) {
                expected +=
                    std::erase_if(known, [&](const auto& item) { return item.second < before; });
            }
            CHECK(out.size() == expected);
            table.drop_copied();
        }
    }
    std::size_t size = 0;
    for (std::uint64_t id = 0; id < kIds; ++id) {
        const auto found = find(table, entry(id, 0, 0));
        CHECK(std::set(found.begin(), found.end()) == model[id]);
        size += model[id].size();
    }
    CHECK(table.size() == size);
    CHECK(size > 100);
}

TEST_CASE("hot table: an erased entry that a seal has copied says so, and kept copies stay") {
    HotTable table;
    table.insert(entry(1, 10, 100));
    table.insert(entry(2, -10, 200));
    std::vector<Entry> out;
    table.copy_before(150, out);
    REQUIRE(out == std::vector{entry(1, 10, 100)});
    CHECK(table.erase(entry(1, 0, 0).key, entry(1, 0, 0).check, 10).copied);
    table.insert(entry(1, 10, 100));  // Came again after the copy: not part of the seal.
    table.drop_copied();
    CHECK(find(table, entry(1, 0, 0)).size() == 1);
    out.clear();
    table.copy_before(1000, out);
    CHECK(out.size() == 2);
    table.keep_copied();
    table.drop_copied();
    CHECK(table.size() == 2);
    CHECK(find(table, entry(2, 0, 0)).begin()->first == -10);
}

TEST_CASE("hot table: memory per entry stays within 20 / 0.7 and half more, and is given back") {
    HotTable table;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        table.insert(entry(i, 0, i < 99'000 ? 1 : 2));
        if (i > 1'000) {
            REQUIRE(table.memory_bytes() < 44 * (i + 1));
        }
    }
    std::vector<Entry> out;
    table.copy_before(2, out);
    table.drop_copied();
    CHECK(table.size() == 1'000);
    for (int seal = 0; seal < 12; ++seal) {
        table.drop_copied();
    }
    CHECK(table.size() == 1'000);
    CHECK(table.memory_bytes() <= 40'000);
}
