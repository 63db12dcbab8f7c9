#include "fold/applier.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "fixture.h"
#include "fold/record_fold.h"
#include "items.h"

using namespace aiml042;              // NOLINT(google-build-using-namespace)
using namespace aiml042::fold::test;  // NOLINT(google-build-using-namespace)
using codec::BatchKind;

namespace {

/// Gate, log and engine in one.
struct Bench {
    TemporaryFolder folder;
    MemoryLog log;
    MiniGate gate;
    std::unique_ptr<Engine> engine;

    Bench() { restart(); }

    void restart() {
        engine.reset();
        engine = std::make_unique<Engine>(folder.path("data"));
        engine->recover(log);
        engine->start();
    }

    Lsn events(const std::vector<std::string>& items, Timestamp arrival = kStart) {
        return submit(BatchKind::kEvents, items, arrival);
    }

    Lsn labels(const std::vector<std::string>& items, Timestamp arrival = kStart) {
        return submit(BatchKind::kLabels, items, arrival);
    }

    Lsn submit(BatchKind kind, const std::vector<std::string>& items, Timestamp arrival) {
        const Lsn last = gate.submit(kind, array_json(items), arrival, *engine->identities, log);
        if (last != 0) {
            engine->sink(log.records.back());
        }
        return last;
    }

    void check() const {
        const Content stored = content_of(*engine->store);
        CHECK(stored == expected_content(log, log.records.size()));
        std::vector<std::string> faults;
        CHECK(engine->store->verify([&](const std::string& fault) { faults.push_back(fault); })
                  .is_ok());
        CHECK(faults.empty());
    }

    [[nodiscard]] std::vector<std::string> classes(Lsn event) const {
        std::vector<std::string> names;
        Content content = content_of(*engine->store);
        for (const StoredLabel& label : content[event].labels) {
            names.push_back(label.class_text);
        }
        return names;
    }
};

using Names = std::vector<std::string>;

/// A history with every kind of label: after, before, twice, never, without deployment, over days
/// and deployments.
void tell_history(Bench& bench) {
    Timestamp arrival = kStart;
    for (int day = 0; day < 3; ++day) {
        const Timestamp time = kStart + day * kDay;
        const std::string d = std::to_string(day);
        bench.labels({label_json("alpha", "early" + d, "e1"), label_json("", "all" + d, "before")},
                     arrival += kMinute);
        bench.events({event_json("alpha", "a" + d, time),
                      event_json("beta", "a" + d, time, R"("y":true,"x":"text")"),
                      event_json("alpha", "early" + d, time + kHour),
                      event_json("alpha", "all" + d, time)},
                     arrival += kMinute);
        bench.labels({label_json("alpha", "a" + d, "l1"), label_json("alpha", "never" + d, "n")},
                     arrival += kMinute);
        bench.labels({label_json("", "a" + d, "both"),
                      label_json("alpha", "a" + d, "l2"),
                      label_json("alpha", "early" + d, "e2")},
                     arrival += kMinute);
        bench.events(
            {event_json("gamma", "all" + d, time - kDay), event_json("gamma", "a" + d, time)},
            arrival += kMinute);
        if (day > 0) {
            bench.labels({label_json("beta", "a" + std::to_string(day - 1), "late")},
                         arrival += kMinute);
        }
    }
}

}  // namespace

TEST_CASE("fold: a label finds its event after it, before it, more than once, or waits") {
    Bench bench;
    const Lsn event = bench.events({event_json("d", "r1", kStart)});
    bench.labels({label_json("d", "r1", "yes")});
    CHECK(bench.classes(event) == Names{"yes"});
    bench.labels({label_json("d", "r1", "no"), label_json("d", "r1", "maybe")});
    CHECK(bench.classes(event) == Names{"yes", "no", "maybe"});

    bench.labels({label_json("d", "r2", "early"),
                  label_json("d", "other", "never"),
                  label_json("e", "r2", "wrong")});
    const Lsn second = bench.events({event_json("d", "r2", kStart - 3 * kDay)});
    CHECK(bench.classes(second) == Names{"early"});
    bench.check();
    CHECK(bench.engine->store->peek_pending(model::identity_of(kProject, "d", "other", kSeed))
              .size() == 1);
    CHECK(
        bench.engine->store->peek_pending(model::identity_of(kProject, "d", "r2", kSeed)).empty());
}

TEST_CASE(
    "fold: a label without a deployment goes to every event with its request_id, those to come "
    "too") {
    Bench bench;
    const Lsn one = bench.events({event_json("a", "r", kStart)});
    const Lsn two = bench.events({event_json("b", "r", kStart - kDay)});
    bench.labels({label_json("", "r", "x")});
    const Lsn three = bench.events({event_json("c", "r", kStart)});
    CHECK(bench.classes(one) == Names{"x"});
    CHECK(bench.classes(two) == Names{"x"});
    CHECK(bench.classes(three) == Names{"x"});
    bench.restart();
    const Lsn four = bench.events({event_json("d", "r", kStart)});
    CHECK(bench.classes(four) == Names{"x"});
    bench.check();
}

TEST_CASE("fold: after a clean stop nothing is replayed, and the log may go") {
    Bench bench;
    tell_history(bench);
    REQUIRE(bench.engine->fold->close().is_ok());
    CHECK(bench.engine->head == bench.log.next);
    CHECK(bench.engine->store->head() == bench.log.next);
    bench.restart();
    bench.check();
    const std::size_t before = bench.log.records.size();
    CHECK(bench.events({event_json("alpha", "a0", kStart + kDay)}) ==
          0);  // Still known, from the blocks.
    CHECK(bench.log.records.size() == before);
}

TEST_CASE(
    "fold: a crash after any record, with any mixture of sealed partitions, ends in the same "
    "store") {
    // The folder is copied while the engine runs: that is what a crash leaves, since nothing is
    // synced but by a seal.
    Bench bench;
    tell_history(bench);
    const MemoryLog whole = bench.log;
    int mixtures = 0;
    for (std::size_t sealed = 0; sealed <= whole.records.size(); ++sealed) {
        const TemporaryFolder live;
        const TemporaryFolder crashed;
        const std::size_t committed = std::min(whole.records.size(), sealed + sealed % 4);
        MemoryLog part;
        {
            Engine engine(live.path("data"));
            engine.start();
            for (std::size_t r = 0; r < committed; ++r) {
                const LoggedRecord& record = whole.records[r];
                auto reader = codec::BatchReader::open(record.payload);
                model::EventRow row;
                while (reader->kind() == BatchKind::kEvents && reader->next(row)) {
                    REQUIRE(engine.identities->insert(
                        row.identity, fold::day_of(row.timestamp), reader->arrival()));
                }
                engine.sink(record);
                part.records.push_back(record);
                part.next = record.first + record.count;
                if (r + 1 == sealed) {
                    // By age, so that old partitions are sealed and young ones are not; every fifth
                    // time all.
                    const Timestamp age = sealed % 5 == 0 ? 0 : 4 * kMinute;
                    const auto seal = [&](store::Store& s) {
                        return s.seal(reader->arrival(), age);
                    };
                    REQUIRE(engine.fold->run(seal).is_ok());
                    const auto partitions = engine.store->partitions(kProject);
                    const auto sealed_count = std::ranges::count_if(
                        partitions, [](const auto& info) { return info.bytes > 0; });
                    mixtures += sealed_count > 0 &&
                                        static_cast<std::size_t>(sealed_count) < partitions.size()
                                    ? 1
                                    : 0;
                    if (sealed % 3 == 0) {
                        REQUIRE(engine.identities->seal(kStart + kSecond).is_ok());
                    }
                }
            }
            std::filesystem::copy(
                live.path("data"), crashed.path("data"), std::filesystem::copy_options::recursive);
        }
        CAPTURE(sealed, committed);
        Engine again(crashed.path("data"));
        again.recover(part);
        CHECK(content_of(*again.store) == expected_content(part, part.records.size()));
        again.start();
        for (std::size_t r = committed; r < whole.records.size(); ++r) {
            again.sink(whole.records[r]);
        }
    }
    CHECK(mixtures > 3);
}

TEST_CASE("fold: replay from before the head changes nothing") {
    Bench bench;
    tell_history(bench);
    const Content before = content_of(*bench.engine->store);
    REQUIRE(bench.engine->fold->close().is_ok());
    bench.engine.reset();
    for (int round = 0; round < 2; ++round) {
        Engine engine(bench.folder.path("data"));
        REQUIRE(engine.fold->restore_identities().is_ok());
        for (const LoggedRecord& record : bench.log.records) {
            REQUIRE(engine.fold->apply(record.view()).is_ok());
        }
        CHECK(content_of(*engine.store) == before);
        engine.start();
        REQUIRE(engine.fold->close().is_ok());
        CHECK(content_of(*engine.store) == before);
    }
}

TEST_CASE("fold: requests are remembered over a crash, from the log, from blocks and from runs") {
    const int where = GENERATE(0, 1, 2);
    CAPTURE(where);
    Bench bench;
    bench.events({event_json("d", "r1", kStart), event_json("d", "r2", kStart)});
    if (where >= 1) {
        REQUIRE(bench.engine->fold->run([](store::Store& s) { return s.seal(kStart, 0); }).is_ok());
    }
    if (where >= 2) {
        REQUIRE(bench.engine->identities->seal(kStart + kSecond).is_ok());
    }
    const TemporaryFolder crashed;
    std::filesystem::copy(
        bench.folder.path("data"), crashed.path("data"), std::filesystem::copy_options::recursive);
    Engine again(crashed.path("data"));
    again.recover(bench.log);
    again.start();
    CHECK(again.identities->hot_entries() == (where == 2 ? 0 : 2));
    MemoryLog log = bench.log;
    MiniGate gate;
    CHECK(gate.submit(BatchKind::kEvents,
                      event_json("d", "r1", kStart),
                      kStart + kDay,
                      *again.identities,
                      log) == 0);
    CHECK(gate.submit(BatchKind::kEvents,
                      event_json("d", "r3", kStart),
                      kStart + kDay,
                      *again.identities,
                      log) != 0);
}

TEST_CASE("fold: a record that cannot be decoded is left out, what is around it stays") {
    Bench bench;
    const Lsn first = bench.events({event_json("d", "r1", kStart)});
    bench.engine->sink({.first = bench.log.next, .count = 5, .payload = "not a batch"});
    bench.log.next += 5;
    const Lsn next = bench.events({event_json("d", "r2", kStart), event_json("d", "r3", kStart)});
    LoggedRecord cut = bench.log.records.back();  // The same again, its last row cut short.
    cut.first = bench.log.next;
    cut.payload.resize(cut.payload.size() - 3);
    bench.engine->sink(cut);
    bench.log.next += cut.count;
    const Lsn last = bench.events({event_json("d", "r4", kStart)});
    const Content content = content_of(*bench.engine->store);
    CHECK(content.size() == 5);
    CHECK(content.count(first) == 1);
    CHECK(content.count(next) == 1);
    CHECK(content.count(cut.first) == 1);  // The row before the fault.
    CHECK(content.count(last) == 1);
    CHECK(bench.engine->store->visible() == last);
    bench.log.records.push_back({.first = 6, .count = 1, .payload = {}});
    CHECK(bench.engine->fold->close().is_ok());
}

TEST_CASE(
    "fold: time moves seals and the head along; waiting labels are given up after their horizon") {
    Bench bench;
    bench.events({event_json("d", "r1", kStart)});
    bench.labels({label_json("d", "nobody", "n")});
    CHECK(bench.engine->head == 1);
    bench.engine->now = kStart + 2 * kMinute;
    bench.events({event_json("d", "r2", kStart)}, kStart + 2 * kMinute);
    const auto behind_the_seal = [&] {
        return bench.engine->fold->run([](store::Store&) { return Status(); }).is_ok();
    };
    REQUIRE(behind_the_seal());
    // RocksDB flushes in the background, and the head only counts what was: the next seals find it.
    for (int i = 0; i < 10'000 && bench.engine->head != bench.log.next; ++i) {
        bench.engine->now += 6 * kSecond;
        REQUIRE(behind_the_seal());
    }
    CHECK(bench.engine->head == bench.log.next);
    const Hash128 waiting = model::identity_of(kProject, "d", "nobody", kSeed);
    bench.engine->now = kStart + 500 * kDay;
    std::size_t left = 1;
    const auto count = [&](store::Store& s) {
        left = s.peek_pending(waiting).size();
        return Status();
    };
    REQUIRE(bench.engine->fold->run(count).is_ok());
    REQUIRE(bench.engine->fold->run(count).is_ok());
    CHECK(left == 0);
}

TEST_CASE("fold: errands run between groups; after close there are none") {
    Bench bench;
    const Lsn event =
        bench.events({event_json("d", "r1", kStart), event_json("d", "r2", kStart + 2 * kDay)});
    CHECK(content_of(*bench.engine->store).size() == 2);
    const auto partitions = bench.engine->store->partitions(kProject);
    REQUIRE(partitions.size() == 2);
    REQUIRE(bench.engine->fold
                ->run([&](store::Store& s) { return s.drop_partition(partitions.front().key); })
                .is_ok());
    const Content content = content_of(*bench.engine->store);
    CHECK(content.size() == 1);
    CHECK(content.count(event) == 1);
    REQUIRE(bench.engine->fold->close().is_ok());
    CHECK(bench.engine->fold->close().is_ok());
    bench.restart();  // Dropped stays dropped, whatever of it is in the log.
    CHECK(content_of(*bench.engine->store) == content);
}

TEST_CASE("fold: a committer, readers and errands at once") {
    const TemporaryFolder folder;
    MemoryLog log;
    MiniGate gate;
    Engine engine(folder.path("data"));
    engine.start();
    std::vector<LoggedRecord> records;
    constexpr int kRecords = 60;
    for (int r = 0; r < kRecords; ++r) {
        std::vector<std::string> items;
        for (int i = 0; i < 20; ++i) {
            items.push_back(event_json(
                "d" + std::to_string(i % 3), std::to_string(r * 20 + i), kStart + (i % 5) * kDay));
        }
        gate.submit(BatchKind::kEvents, array_json(items), kStart, *engine.identities, log);
        items.clear();
        for (int i = 0; i < 20; ++i) {
            items.push_back(label_json(
                i % 4 == 0 ? "" : "d" + std::to_string(i % 3), std::to_string(r * 20 + i), "c"));
        }
        gate.submit(BatchKind::kLabels, array_json(items), kStart, *engine.identities, log);
    }
    std::atomic<bool> done{false};
    std::thread committer([&] {
        for (const LoggedRecord& record : log.records) {
            auto bytes = std::make_shared<const std::string>(record.payload);
            engine.fold->sink(
                {.bytes = bytes, .records = {{record.first, record.count, ByteView(*bytes)}}});
        }
    });
    std::thread errands([&] {
        while (!done) {
            static_cast<void>(engine.fold->run([](store::Store& s) { return s.seal(kStart, 0); }));
            static_cast<void>(engine.identities->seal(kStart + kSecond));
        }
    });
    std::uint64_t last = 0;
    while (engine.store->visible() + 1 < log.next) {
        const Lsn visible = engine.store->visible();
        std::uint64_t rows = 0;
        for (const auto& deployment : engine.store->deployments(kProject)) {
            for (const auto& block : engine.store->blocks(kProject, deployment.id, TimeRange{})) {
                rows += block->rows();
            }
        }
        CHECK(rows >= last);  // What was seen stays seen.
        CHECK(visible <= engine.store->visible());
        last = rows;
    }
    committer.join();
    done = true;
    errands.join();
    CHECK(content_of(*engine.store) == expected_content(log, log.records.size()));
}
