#include <catch2/catch.hpp>

#include "base/hash.h"
#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;

LabelEntry waiting(Lsn sequence, Timestamp arrival = kStart) {
    LabelEntry entry;
    entry.sequence = sequence;
    entry.label_ts = kStart + 5;
    entry.arrival = arrival;
    entry.has_class = true;
    entry.class_text = "class " + std::to_string(sequence);
    entry.value = 0.5;
    entry.source = "feed";
    entry.remainder = R"({"a":1})";
    return entry;
}

void check_entry(const LabelEntry& entry, const LabelEntry& wanted) {
    CHECK(entry.sequence == wanted.sequence);
    CHECK(entry.label_ts == wanted.label_ts);
    CHECK(entry.arrival == wanted.arrival);
    CHECK(entry.has_class == wanted.has_class);
    CHECK(entry.class_text == wanted.class_text);
    CHECK(entry.value == wanted.value);
    CHECK(entry.source == wanted.source);
    CHECK(entry.remainder == wanted.remainder);
}

void append(Feeder& feeder, Lsn lsn, Timestamp timestamp = kStart) {
    Event event;
    event.request_id = "r" + std::to_string(lsn);
    event.timestamp = timestamp;
    feeder.append(event, lsn, kStart);
}

const Hash128 kIdentity{1, 2};
const Hash128 kOther{1, 3};  // The same upper half.

}  // namespace

TEST_CASE("pending: a label waits over a restart and is taken once") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    store->add_pending(kIdentity, waiting(1));
    store->add_pending(kIdentity, waiting(1));  // The same again.
    store->add_pending(kIdentity, waiting(2));
    store->add_pending(kOther, waiting(3));
    store->publish(3);
    CHECK(store->head() == 1);
    CHECK(store->peek_pending(kIdentity).size() == 2);
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(store->head() == 4);
    CHECK(store->covered_pending() == 3);
    store.reset();
    store = open_store(folder.path());
    CHECK(store->covered_pending() == 3);
    Feeder feeder(*store);
    const auto peeked = store->peek_pending(kIdentity);
    REQUIRE(peeked.size() == 2);
    check_entry(peeked[0], waiting(1));
    check_entry(peeked[1], waiting(2));
    append(feeder, 4);
    const auto taken = store->take_pending(kIdentity, feeder.partition(kStart));
    CHECK(taken.size() == 2);
    CHECK(store->take_pending(kIdentity, feeder.partition(kStart)).empty());
    CHECK(store->peek_pending(kIdentity).empty());
    CHECK(store->peek_pending(kOther).size() == 1);
    REQUIRE(store->seal(kStart, 0).is_ok());
    store.reset();
    store = open_store(folder.path());
    CHECK(store->peek_pending(kIdentity).empty());
    CHECK(store->peek_pending(kOther).size() == 1);
    check_clean(*store);
}

// The event that took a label is not sealed: after a crash it comes again from the log and must find the label again.
TEST_CASE("pending: a taken label stays until its partition is sealed") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    SECTION("the label was on disk when it was taken") {
        store->add_pending(kIdentity, waiting(1));
        store->publish(1);
        REQUIRE(store->seal(kStart, 0).is_ok());
    }
    SECTION("the label was in memory when it was taken") { store->add_pending(kIdentity, waiting(1)); }
    const PartitionKey young = feeder.partition(kStart);
    append(feeder, 10, kStart - kDay);  // Of another partition, old enough to be sealed alone.
    append(feeder, 11, kStart);
    REQUIRE(store->take_pending(kIdentity, young).size() == 1);
    LabelEntry entry = waiting(1);
    entry.event = 11;
    store->add_label(young, entry);
    store->publish(11);
    // Only what took no label is sealed.
    REQUIRE(store->drop_partition(feeder.partition(kStart - kDay)).is_ok());
    append(feeder, 12, kStart - 2 * kDay);
    store->publish(12);
    REQUIRE(store->seal(kStart, kDay).is_ok());
    CHECK(store->covered(young) == 0);
    CHECK(store->covered_pending() >= 11);
    CHECK(store->head() <= 11);
    copy_as_crashed(folder.path(), folder.path("crashed"));
    auto crashed = open_store(folder.path("crashed"));
    CHECK(crashed->peek_pending(kIdentity).size() == 1);
    REQUIRE(store->seal(kStart, 0).is_ok());
    store.reset();
    store = open_store(folder.path());
    CHECK(store->peek_pending(kIdentity).empty());
    CHECK(store->covered(young) == 12);
}

TEST_CASE("pending: old labels are dropped") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    store->add_pending(kIdentity, waiting(1, kStart));
    store->add_pending(kOther, waiting(2, kStart + kDay));
    REQUIRE(store->seal(kStart, 0).is_ok());
    store->add_pending(kIdentity, waiting(3, kStart));
    store->add_pending(kIdentity, waiting(4, kStart + kDay));
    CHECK(store->drop_pending_before(kStart + 1) == 2);
    CHECK(store->drop_pending_before(kStart + 1) == 0);
    CHECK(store->peek_pending(kIdentity).size() == 1);
    CHECK(store->peek_pending(kOther).size() == 1);
    REQUIRE(store->seal(kStart, 0).is_ok());
    store.reset();
    store = open_store(folder.path());
    CHECK(store->peek_pending(kIdentity).size() == 1);
    CHECK(store->peek_pending(kOther).size() == 1);
}
