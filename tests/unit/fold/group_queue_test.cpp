#include "fold/group_queue.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "fixture.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using fold::GroupQueue;
using fold::test::Engine;
using fold::test::TemporaryFolder;

namespace {

constexpr std::chrono::milliseconds kLong{20'000};

wal::CommittedGroup group(Lsn first, std::size_t size) {
    auto bytes = std::make_shared<const std::string>(size, 'x');
    return {.bytes = bytes, .records = {{first, 1, ByteView(*bytes)}}};
}

}  // namespace

TEST_CASE("group queue: order is kept and a full queue makes the committer wait") {
    GroupQueue queue(100);
    queue.push(group(1, 60));
    std::atomic<bool> pushed{false};
    std::thread committer([&] {
        queue.push(group(2, 60));
        pushed = true;
        queue.push(group(3, 500));  // Larger than the bound: alone.
        queue.push(group(4, 1));
    });
    CHECK(queue.bytes() == 60);
    CHECK_FALSE(pushed);  // Holds however late the thread starts: there is no room.
    for (Lsn expected = 1; expected <= 4; ++expected) {
        GroupQueue::Item item = queue.next(kLong);
        REQUIRE(item.group.has_value());
        CHECK(item.group->records.front().first == expected);
        CHECK(queue.bytes() <= 500);
    }
    committer.join();
    CHECK(queue.bytes() == 0);
    CHECK_FALSE(queue.next(std::chrono::milliseconds(0)).closed);
}

TEST_CASE("group queue: small groups wait for company, but for no longer than they should") {
    GroupQueue queue(1'000, std::chrono::seconds(20));
    SECTION("until there are enough bytes") {
        queue.push(group(1, 100));
        std::thread committer([&] {
            queue.push(group(2, 300));
            queue.push(group(3, 200));
        });
        for (Lsn expected = 1; expected <= 3; ++expected) {
            CHECK(queue.next(kLong).group->records.front().first == expected);
        }
        committer.join();
    }
    SECTION("until there is an errand, which goes first") {
        queue.push(group(1, 100));
        std::thread errand(
            [&] { CHECK(queue.run([](store::Store&) { return Status(); }).is_ok()); });
        GroupQueue::Item item = queue.next(kLong);
        REQUIRE(item.errand.has_value());
        const TemporaryFolder folder;
        Engine engine(folder.path("data"));
        CHECK_NOTHROW((*item.errand)(*engine.store));
        errand.join();
    }
    SECTION("until the queue is closed") {
        queue.push(group(1, 100));
        std::thread closer([&] { queue.close(); });
        CHECK(queue.next(kLong).group.has_value());
        CHECK(queue.next(kLong).closed);
        closer.join();
    }
}

TEST_CASE("group queue: close lets out what is in, and lets no one wait for ever") {
    GroupQueue queue(10);
    queue.push(group(1, 10));
    std::thread committer([&] { queue.push(group(2, 10)); });
    queue.close();
    committer.join();
    CHECK(queue.next(kLong).group.has_value());
    CHECK(queue.next(kLong).closed);
    CHECK(queue.wait_closed(kLong));
    CHECK(queue.run([](store::Store&) { return Status(); }).code() == ErrorCode::kDraining);
}
