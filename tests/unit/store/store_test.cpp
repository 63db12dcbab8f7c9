#include "store/store.h"

#include <catch2/catch.hpp>

#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;  // 2023-11-15, 00:00.

}  // namespace

// The heart of it: what was appended is what is read, whether rows are open, sealed, merged or read
// after a restart.
TEST_CASE("store: rows come back whatever state they are in") {
    const TemporaryFolder folder;
    std::mt19937_64 random(42);
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    Lsn lsn = 0;
    const auto feed = [&](std::uint64_t count, Timestamp day) {
        for (std::uint64_t i = 0; i < count; ++i) {
            ++lsn;
            feeder.append(
                random_event(random, lsn, day), lsn, kStart + static_cast<Timestamp>(lsn));
        }
        store->publish(lsn);
    };
    const auto check = [&] {
        CHECK(read_all(*store, feeder.id()) == feeder.rows);
        check_clean(*store);
    };
    feed(150, kStart);
    feed(40, kStart - 30 * kDay);
    feed(30, -20'000 * kDay);  // 1915.
    check();
    CHECK(store->head() == 1);
    REQUIRE(store->seal(kStart, 0).is_ok());
    check();
    CHECK(store->head() == lsn + 1);
    feed(100, kStart);
    feed(500, kStart - 30 * kDay);
    CHECK(store->head() == 221);
    check();
    REQUIRE(store->seal(kStart, 0).is_ok());
    check();
    CHECK(store->blocks(kProject, feeder.id(), {}).size() ==
          3);  // One per day: small ones were merged.
    const auto before = store->partitions(kProject);
    store.reset();
    store = open_store(folder.path());
    feeder.attach(*store);
    check();
    CHECK(store->visible() == lsn);
    CHECK(store->head() == lsn + 1);
    CHECK(store->covered(feeder.partition(kStart)) == lsn);
    const auto after = store->partitions(kProject);
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        CHECK(after[i].key == before[i].key);
        CHECK(after[i].rows == before[i].rows);
        CHECK(after[i].bytes == before[i].bytes);
        CHECK(after[i].last_arrival == before[i].last_arrival);
    }
}
