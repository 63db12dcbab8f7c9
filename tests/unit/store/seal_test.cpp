#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "base/limits.h"
#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;

// Events of one deployment with little in them, in order of time.
class Stream {
  public:
    explicit Stream(Store& store)
        : store_(store), id_(store.intern_deployment(kProject, "stream")) {}

    void append(std::uint64_t count, Timestamp day = kStart) {
        for (std::uint64_t i = 0; i < count; ++i) {
            ++lsn_;
            request_ = "r" + std::to_string(lsn_);
            model::EventRow row;
            row.request_id = request_;
            row.timestamp = day + static_cast<Timestamp>(lsn_);
            row.score = static_cast<double>(lsn_ % 100) / 100;
            store_.append(
                {day_of(day), kProject, id_}, row, {}, lsn_, kStart + static_cast<Timestamp>(lsn_));
        }
        store_.publish(lsn_);
    }

    [[nodiscard]] std::vector<std::uint32_t> block_rows() const {
        std::vector<std::uint32_t> rows;
        for (const auto& block : store_.blocks(kProject, id_, {})) {
            rows.push_back(block->rows());
        }
        return rows;
    }

    // Every sequence of `from` … lsn() is there once.
    void check_complete(const Store& store) const {
        std::vector<bool> seen(lsn_ + 1);
        for (const auto& block : store.blocks(kProject, id_, {})) {
            const auto sequences = block->column(builtin::kSequence);
            REQUIRE(sequences.is_ok());
            for (const std::int64_t s : (*sequences)->integers) {
                REQUIRE(s > 0);
                REQUIRE(static_cast<Lsn>(s) <= lsn_);
                REQUIRE_FALSE(seen[static_cast<std::size_t>(s)]);
                seen[static_cast<std::size_t>(s)] = true;
            }
        }
        REQUIRE(std::count(seen.begin(), seen.end(), true) == static_cast<std::ptrdiff_t>(lsn_));
    }

    [[nodiscard]] DeploymentId id() const { return id_; }

    [[nodiscard]] Lsn lsn() const { return lsn_; }

    [[nodiscard]] PartitionKey partition(Timestamp day = kStart) const {
        return {day_of(day), kProject, id_};
    }

  private:
    Store& store_;
    DeploymentId id_;
    std::string request_;
    Lsn lsn_ = 0;
};

}  // namespace

// A seal a minute must not leave thousands of tiny blocks, nor rewrite large ones every time.
TEST_CASE("seal: blocks are merged in tiers") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    std::uint64_t blocks_max = 0;
    for (int round = 0; round < 120; ++round) {
        stream.append(1'000);
        REQUIRE(store->seal(kStart, 0).is_ok());
        blocks_max = std::max<std::uint64_t>(blocks_max, stream.block_rows().size());
    }
    CHECK(blocks_max <= 8);
    for (const std::uint32_t rows : stream.block_rows()) {
        CHECK(rows <= limits::kGroupRowsMax);
    }
    stream.check_complete(*store);
    check_clean(*store);
    CHECK(store->stats().events == 120'000);
    store.reset();
    store = open_store(folder.path());
    stream.check_complete(*store);
    CHECK(store->stats().events == 120'000);
    check_clean(*store);
}

TEST_CASE("seal: a full block is followed by one that completes the last small one") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    constexpr auto kWhole = static_cast<std::uint32_t>(limits::kGroupRowsMax);
    stream.append(kWhole + 100);
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{kWhole, 100});
    REQUIRE(
        store->seal(kStart, 1'000 * kDay).is_ok());  // Because it is full, not because it is old.
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{kWhole, 100});
    stream.append(kWhole);
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{kWhole, 100, kWhole - 100, 100});
    REQUIRE(store->seal(kStart, 1'000 * kDay).is_ok());
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{kWhole, kWhole, 100});
    stream.check_complete(*store);
    check_clean(*store);
}

// What the log may be cut to: only what every partition has on disk.
TEST_CASE("seal: only old partitions are sealed, and head waits for the rest") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    CHECK(store->head() == 1);
    stream.append(10, kStart - kDay);  // Arrivals kStart + 1 … 10.
    stream.append(10, kStart);         // 11 … 20.
    CHECK(store->head() == 1);
    REQUIRE(store->seal(kStart + 1'005, 1'000).is_ok());
    CHECK(store->covered(stream.partition(kStart - kDay)) == 20);
    CHECK(store->covered(stream.partition(kStart)) == 0);
    CHECK(store->head() == 11);
    REQUIRE(store->seal(kStart + 1'005, 1'000).is_ok());
    CHECK(store->head() == 11);
    stream.append(1, kStart - kDay);
    REQUIRE(store->seal(kStart + 5'000, 1'000).is_ok());
    CHECK(store->head() == 22);
    CHECK(store->covered(stream.partition(kStart)) == 21);
    stream.check_complete(*store);
}

TEST_CASE("seal: the memory bound seals the oldest") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path(), 1 << 20);
    Stream stream(*store);
    for (int i = 0; i < 40; ++i) {
        stream.append(1'000, kStart + i * kDay);
    }
    CHECK(store->stats().open_bytes > 1 << 20);
    REQUIRE(store->seal(kStart, 1'000 * kDay).is_ok());
    CHECK(store->stats().open_bytes < 1 << 20);
    CHECK(store->stats().open_bytes > 0);
    CHECK(store->covered(stream.partition(kStart)) == 40'000);
    CHECK(store->covered(stream.partition(kStart + 39 * kDay)) == 0);
    stream.check_complete(*store);
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(store->stats().open_bytes == 0);
}

// A copy of the folder is what a crash leaves: rows that were not sealed are missing, and covered()
// says which, so that the log brings back exactly these.
TEST_CASE("seal: after a crash the log's rest makes the store whole") {
    const TemporaryFolder folder;
    std::mt19937_64 random(21);
    auto store = open_store(folder.path());
    Feeder feeder(*store);

    struct Logged {
        Event event;
        Lsn lsn;
    };

    std::vector<Logged> log;
    Lsn lsn = 0;
    for (int crash = 0; crash < 12; ++crash) {
        const std::uint64_t steps = random() % 5;
        for (std::uint64_t step = 0; step <= steps; ++step) {
            for (std::uint64_t i = 0, n = random() % 200; i < n; ++i) {
                ++lsn;
                const Timestamp day = kStart - static_cast<Timestamp>(random() % 4) * kDay;
                log.push_back({random_event(random, lsn, day), lsn});
                feeder.append(log.back().event, lsn, kStart + static_cast<Timestamp>(lsn));
            }
            store->publish(lsn);
            const Timestamp age = random() % 3 == 0 ? 0 : static_cast<Timestamp>(random() % 300);
            REQUIRE(store->seal(kStart + static_cast<Timestamp>(lsn), age).is_ok());
        }
        for (std::uint64_t i = 0, n = random() % 200; i < n; ++i) {  // Never sealed.
            ++lsn;
            log.push_back({random_event(random, lsn, kStart), lsn});
            feeder.append(log.back().event, lsn, kStart + static_cast<Timestamp>(lsn));
        }
        const Lsn head = store->head();
        const std::string copy = folder.path("crash" + std::to_string(crash));
        copy_as_crashed(folder.path(crash == 0 ? "store" : "crash" + std::to_string(crash - 1)),
                        copy);
        store.reset();
        store = open_store(copy);
        feeder.attach(*store);
        for (const Logged& logged : log) {  // The replay.
            if (logged.lsn >= head &&
                logged.lsn > store->covered(feeder.partition(logged.event.timestamp))) {
                feeder.append(
                    logged.event, logged.lsn, kStart + static_cast<Timestamp>(logged.lsn));
            }
        }
        store->publish(lsn);
        CHECK(read_all(*store, feeder.id()) == feeder.rows);
        check_clean(*store);
    }
}

// A disk that takes no more bytes: the seal fails, nothing is lost or doubled, and it succeeds once
// there is room again.
TEST_CASE("seal: a failed write is tried again") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    stream.append(5'000);
    REQUIRE(store->seal(kStart, 0).is_ok());
    const Lsn head = store->head();
    stream.append(70'000);
    REQUIRE(std::signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit small = before;
    small.rlim_cur = 2'000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const Status failed = store->seal(kStart, 0);
    const Status again = store->seal(kStart, 0);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK_FALSE(failed.is_ok());
    CHECK_FALSE(again.is_ok());
    CHECK(store->head() == head);
    {
        INFO("stage 1");
        stream.check_complete(*store);
    }
    stream.append(100);
    const Status good = store->seal(kStart, 0);
    INFO(failed.to_string() << "; " << again.to_string() << "; " << good.to_string());
    REQUIRE(good.is_ok());
    CHECK(store->head() == stream.lsn() + 1);
    {
        INFO("stage 2");
        stream.check_complete(*store);
    }
    check_clean(*store);
    store.reset();
    store = open_store(folder.path());
    {
        INFO("stage 3");
        stream.check_complete(*store);
    }
    check_clean(*store);
}

TEST_CASE("seal: a sequence that is sealed is not added again") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    std::mt19937_64 random(22);
    const Event event = random_event(random, 1, kStart);
    feeder.append(event, 1, kStart);
    REQUIRE(store->seal(kStart, 0).is_ok());
    feeder.append(event, 1, kStart);
    store->publish(1);
    CHECK(count_rows(*store, feeder.id()) == 1);
}

TEST_CASE("seal: a dropped partition is gone for readers, for a restart and on disk") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    stream.append(20'000, kStart - kDay);
    stream.append(100, kStart);
    REQUIRE(store->seal(kStart, 0).is_ok());
    stream.append(50, kStart - kDay);
    LabelEntry entry;
    entry.event = 1;
    entry.sequence = stream.lsn() + 1;
    store->add_label(stream.partition(kStart - kDay), entry);
    auto held = store->blocks(kProject, stream.id(), {kStart - kDay, kStart});
    REQUIRE(held.size() == 2);
    REQUIRE(store->drop_partition(stream.partition(kStart - kDay)).is_ok());
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{100});
    CHECK(store->partitions(kProject).size() == 1);
    CHECK(store->stats().events == 100);
    CHECK(store->stats().labels == 0);
    CHECK(store->stats().open_bytes == 0);
    REQUIRE(store->seal(kStart, 0).is_ok());
    REQUIRE(store->seal(kStart, 0).is_ok());
    // Who holds a block reads on.
    CHECK((*held[0]->column(builtin::kLatencyMs)) == nullptr);
    const auto scores = held[0]->column(builtin::kScore);
    REQUIRE(scores.is_ok());
    CHECK((*scores)->numbers.size() == 20'000);
    REQUIRE(held[0]->labels().is_ok());
    // New rows of that day may come in the meantime, and stay.
    stream.append(5, kStart - kDay);
    held.clear();
    store.reset();
    store = open_store(folder.path());
    Stream again(*store);
    CHECK(again.block_rows() == std::vector<std::uint32_t>{100});
    CHECK(store->covered(stream.partition(kStart - kDay)) == stream.lsn() - 4);
    check_clean(*store);
}

TEST_CASE("seal: the last arrival of a partition counts rows that are not sealed, or not visible") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    std::mt19937_64 random(7);
    const Event event = random_event(random, 1, kStart - kDay);
    const PartitionKey old = feeder.partition(kStart - kDay);
    CHECK(store->last_arrival(old) == 0);
    feeder.append(event, 1, kStart);
    CHECK(store->last_arrival(old) == kStart);
    store->publish(1);
    REQUIRE(store->partitions(kProject).size() == 1);
    CHECK(store->partitions(kProject)[0].last_arrival == kStart);
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(store->partitions(kProject)[0].last_arrival == kStart);
    // Another one comes for that day, long after: retention must know of it before it is sealed.
    feeder.append(event, 2, kStart + 2 * kDay);
    CHECK(store->last_arrival(old) == kStart + 2 * kDay);
    CHECK(store->partitions(kProject)[0].last_arrival == kStart);
    store->publish(2);
    CHECK(store->partitions(kProject)[0].last_arrival == kStart + 2 * kDay);
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(store->partitions(kProject)[0].last_arrival == kStart + 2 * kDay);
    CHECK(store->last_arrival(old) == kStart + 2 * kDay);
}

TEST_CASE("seal: rows added after a drop survive the clean-up") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    stream.append(5'000, kStart);
    REQUIRE(store->seal(kStart, 0).is_ok());
    REQUIRE(store->drop_partition(stream.partition()).is_ok());
    stream.append(10, kStart);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(store->seal(kStart, 0).is_ok());
    }
    CHECK(stream.block_rows() == std::vector<std::uint32_t>{10});
    store.reset();
    store = open_store(folder.path());
    Stream again(*store);
    CHECK(again.block_rows() == std::vector<std::uint32_t>{10});
    check_clean(*store);
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        bytes += file.path().extension() == ".sst" ? file.file_size() : 0;
    }
    CHECK(bytes < 20'000);
}

TEST_CASE("seal: blocks come by day, inside a range only") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Stream stream(*store);
    for (const bool sealed : {true, false}) {
        for (const int day : {3, -20'000, 0, 1, 40'000}) {
            stream.append(10, kStart + day * kDay);
        }
        if (sealed) {
            REQUIRE(store->seal(kStart, 0).is_ok());
        }
    }
    const auto days = [&](TimeRange range) {
        std::vector<int> found;
        for (const auto& block : store->blocks(kProject, stream.id(), range)) {
            found.push_back(
                static_cast<int>((floor_to(block->min_timestamp(), kDay) - kStart) / kDay));
        }
        return found;
    };
    CHECK(days({}) == std::vector<int>{-20'000, -20'000, 0, 0, 1, 1, 3, 3, 40'000, 40'000});
    CHECK(days({kStart, kStart + kDay}) == std::vector<int>{0, 0});
    CHECK(days({kStart + kHour, kStart + kDay}).empty());
    CHECK(days({kStart + kDay, kStart + 4 * kDay}) == std::vector<int>{1, 1, 3, 3});
    CHECK(days({kStart, kStart}).empty());
    CHECK(store->blocks(ProjectId{8}, stream.id(), {}).empty());
}

TEST_CASE("store: names keep their ids, per project, over a restart") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    const DeploymentId a = store->intern_deployment(ProjectId{1}, "a");
    const DeploymentId same_name = store->intern_deployment(ProjectId{2}, "a");
    CHECK(a != same_name);
    CHECK(store->intern_deployment(ProjectId{1}, "a") == a);
    const model::ColumnKey number{ColumnKind::kFeature, ValueType::kNumber, "ü"};
    const model::ColumnKey text{ColumnKind::kFeature, ValueType::kString, "ü"};
    const auto number_id = store->intern_column(a, number);
    const auto text_id = store->intern_column(a, text);
    REQUIRE(number_id.has_value());
    REQUIRE(text_id.has_value());
    CHECK(*number_id != *text_id);
    REQUIRE(store->seal(kStart, 0).is_ok());
    store.reset();
    store = open_store(folder.path());
    CHECK(store->intern_deployment(ProjectId{1}, "a") == a);
    CHECK(store->intern_deployment(ProjectId{2}, "a") == same_name);
    CHECK(store->intern_column(a, number) == number_id);
    const auto info = store->find_deployment(ProjectId{1}, "a");
    REQUIRE(info.has_value());
    CHECK(info->schema->find(ColumnKind::kFeature, "ü").size() == 2);
    CHECK(info->schema->find(ColumnKind::kMetadata, "ü").empty());
    CHECK(store->deployments(ProjectId{2}).size() == 1);
    CHECK_FALSE(store->find_deployment(ProjectId{3}, "a").has_value());
    for (std::size_t i = 2; i < limits::kColumnsPerDeploymentMax; ++i) {
        REQUIRE(
            store->intern_column(a, {ColumnKind::kFeature, ValueType::kNumber, std::to_string(i)})
                .has_value());
    }
    CHECK_FALSE(store->intern_column(a, {ColumnKind::kFeature, ValueType::kNumber, "one too many"})
                    .has_value());
    CHECK(store->intern_column(a, text) == text_id);
}

TEST_CASE("store: wait_visible waits for publish") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    CHECK(store->wait_visible(0, 0));
    CHECK_FALSE(store->wait_visible(1, 1));
    store->publish(5);
    CHECK(store->wait_visible(5, 0));
    CHECK(store->visible() == 5);
}
