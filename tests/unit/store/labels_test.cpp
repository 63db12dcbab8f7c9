#include <map>
#include <random>

#include <catch2/catch.hpp>

#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;

// Labels as a test remembers them.
class Book {
  public:
    void add(Store& store, const PartitionKey& partition, const LabelEntry& entry) {
        store.add_label(partition, entry);
        entries_[entry.event][entry.sequence] = entry;
    }

    [[nodiscard]] const LabelEntry* current(Lsn event, Timestamp as_of) const {
        const LabelEntry* best = nullptr;
        if (const auto at = entries_.find(event); at != entries_.end()) {
            for (const auto& [sequence, entry] : at->second) {
                best = entry.label_ts <= as_of ? &entry : best;
            }
        }
        return best;
    }

    [[nodiscard]] std::size_t events() const { return entries_.size(); }

    void check(const Store& store, DeploymentId deployment, Timestamp as_of) const {
        std::size_t labelled = 0;
        for (const auto& block : store.blocks(kProject, deployment, {})) {
            const auto labels = block->labels(as_of);
            INFO(labels.status().to_string());
            REQUIRE(labels.is_ok());
            const auto sequences = block->column(builtin::kSequence);
            REQUIRE(sequences.is_ok());
            const model::LabelColumns& columns = **labels;
            REQUIRE(columns.labelled.size() == block->rows());
            const auto remainders = block->label_remainders(as_of);
            REQUIRE(remainders.is_ok());
            const model::ColumnVector& texts = **remainders;
            REQUIRE(texts.codes.size() == block->rows());
            std::size_t in_block = 0;
            for (std::size_t row = 0; row < block->rows(); ++row) {
                const LabelEntry* wanted =
                    current(static_cast<Lsn>((*sequences)->integers[row]), as_of);
                REQUIRE((columns.labelled[row] != 0) == (wanted != nullptr));
                const std::uint32_t text = texts.codes[row];
                REQUIRE((text == model::kNullCode ? "" : texts.strings.at(text)) ==
                        (wanted == nullptr ? "" : std::string_view(wanted->remainder)));
                if (wanted == nullptr) {
                    REQUIRE(columns.label_ts[row] == 0);
                    REQUIRE(columns.class_codes[row] == model::kNullCode);
                    REQUIRE(std::isnan(columns.values[row]));
                    continue;
                }
                ++in_block;
                REQUIRE(columns.label_ts[row] == wanted->label_ts);
                REQUIRE((columns.class_codes[row] != model::kNullCode) == wanted->has_class);
                if (wanted->has_class) {
                    REQUIRE(columns.classes.at(columns.class_codes[row]) == wanted->class_text);
                }
                REQUIRE((std::isnan(columns.values[row]) ? std::isnan(wanted->value)
                                                         : columns.values[row] == wanted->value));
            }
            REQUIRE(columns.labelled_count == in_block);
            labelled += in_block;
        }
        if (as_of == kTimestampMax) {
            REQUIRE(labelled == entries_.size());
        }
    }

    void check_history(const Block& block, Lsn event) const {
        const auto history = block.label_history(event);
        REQUIRE(history.is_ok());
        const auto at = entries_.find(event);
        REQUIRE(history->size() == (at == entries_.end() ? 0 : at->second.size()));
        std::size_t i = 0;
        if (at != entries_.end()) {
            for (const auto& [sequence, wanted] : at->second) {
                const LabelEntry& entry = (*history)[i++];
                CHECK(entry.event == wanted.event);
                CHECK(entry.sequence == wanted.sequence);
                CHECK(entry.label_ts == wanted.label_ts);
                CHECK(entry.arrival == wanted.arrival);
                CHECK(entry.has_class == wanted.has_class);
                CHECK(entry.class_text == wanted.class_text);
                CHECK(entry.source == wanted.source);
                CHECK(entry.remainder == wanted.remainder);
            }
        }
    }

  private:
    std::map<Lsn, std::map<Lsn, LabelEntry>> entries_;
};

LabelEntry label(Lsn event, Lsn sequence, const char* class_text, Timestamp ts) {
    LabelEntry entry;
    entry.event = event;
    entry.sequence = sequence;
    entry.label_ts = ts;
    entry.arrival = ts + kSecond;
    entry.has_class = true;
    entry.class_text = class_text;
    return entry;
}

}  // namespace

// Late, early, replaced, never: whatever the state of rows and labels, each row has the label a
// plain map says.
TEST_CASE("labels: random histories join as a recomputation does") {
    const TemporaryFolder folder;
    std::mt19937_64 random(11);
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    Book book;
    Lsn lsn = 0;
    std::vector<std::pair<Lsn, PartitionKey>> events;
    for (int round = 0; round < 30; ++round) {
        for (int i = 0; i < 60; ++i) {
            const Timestamp day = kStart - static_cast<Timestamp>(random() % 3) * 5 * kDay;
            const Event event = random_event(random, ++lsn, day);
            feeder.append(event, lsn, kStart + static_cast<Timestamp>(lsn));
            events.emplace_back(lsn, feeder.partition(event.timestamp));
        }
        for (int i = 0; i < 80; ++i) {
            const auto& [event, partition] = events[random() % events.size()];
            LabelEntry entry =
                label(event, ++lsn, "", kStart + static_cast<Timestamp>(random() % 1'000));
            entry.has_class = random() % 3 != 0;
            entry.class_text = entry.has_class ? (random() % 2 == 0 ? "yes" : "nö") : "";
            entry.value =
                random() % 2 == 0 ? model::kMissing : static_cast<double>(random() % 100) / 4;
            entry.source = random() % 2 == 0 ? "" : "human";
            entry.remainder = random() % 4 == 0
                                  ? R"({"relevance":{"x":)" + std::to_string(lsn) + "}}"
                                  : std::string();
            book.add(*store, partition, entry);
        }
        store->publish(lsn);
        if (random() % 2 == 0) {
            REQUIRE(store->seal(kStart, 0).is_ok());
        }
        if (round % 10 == 9) {
            REQUIRE(store->seal(kStart, 0).is_ok());
            store.reset();
            store = open_store(folder.path());
            feeder.attach(*store);
        }
        book.check(*store, feeder.id(), kTimestampMax);
        book.check(*store, feeder.id(), kStart + static_cast<Timestamp>(random() % 1'000));
        book.check(*store, feeder.id(), kStart - 1);
    }
    for (const auto& block : store->blocks(kProject, feeder.id(), {})) {
        const auto sequences = block->column(builtin::kSequence);
        REQUIRE(sequences.is_ok());
        for (std::size_t row = 0; row < block->rows(); row += 17) {
            book.check_history(*block, static_cast<Lsn>((*sequences)->integers[row]));
        }
    }
    check_clean(*store);
    CHECK(read_all(*store, feeder.id()) == feeder.rows);
}

// Caches are keyed by (id, version): a label that changes rows must change the version of their
// block, and of no other.
TEST_CASE("labels: the version of a block grows when its labels change") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    std::mt19937_64 random(12);
    Lsn lsn = 0;
    const auto feed = [&](Timestamp day) {
        ++lsn;
        feeder.append(random_event(random, lsn, day), lsn, kStart);
        store->publish(lsn);
    };
    feed(kStart - kDay);
    REQUIRE(store->seal(kStart, 0).is_ok());
    feed(kStart);
    const auto blocks = [&] { return store->blocks(kProject, feeder.id(), {}); };
    const auto before = blocks();
    REQUIRE(before.size() == 2);
    CHECK(before[0]->sealed());
    CHECK_FALSE(before[1]->sealed());
    CHECK((*before[0]->labels())->labelled_count == 0);
    store->add_label(feeder.partition(kStart - kDay), label(1, ++lsn, "a", kStart));
    store->publish(lsn);
    auto after = blocks();
    CHECK(after[0]->id() == before[0]->id());
    CHECK(after[0]->version() > before[0]->version());
    CHECK(after[1]->version() == before[1]->version());
    CHECK((*after[0]->labels())->labelled_count == 1);
    store->add_label(feeder.partition(kStart), label(2, ++lsn, "b", kStart));
    store->publish(lsn);
    CHECK(blocks()[1]->version() > after[1]->version());
    after = blocks();
    // The same label again changes nothing.
    store->add_label(feeder.partition(kStart), label(2, lsn, "b", kStart));
    CHECK(blocks()[1]->version() == after[1]->version());
    feed(kStart);
    CHECK(blocks()[1]->version() > after[1]->version());
    CHECK(blocks()[1]->rows() == 2);
    CHECK(after[1]->rows() == 1);
    CHECK(store->stats().labels == 2);
    CHECK(store->stats(feeder.partition(kStart).project).labels == 2);
    const StoreStats other = store->stats(ProjectId{999});
    CHECK(other.labels == 0);
    CHECK(other.events == 0);
}

// A class that only a replaced label had is not among the classes of a block.
TEST_CASE("labels: replaced classes disappear") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    std::mt19937_64 random(13);
    feeder.append(random_event(random, 1, kStart), 1, kStart);
    store->add_label(feeder.partition(kStart), label(1, 2, "wrong", kStart));
    store->add_label(feeder.partition(kStart), label(1, 3, "right", kStart));
    store->publish(3);
    const auto labels = store->blocks(kProject, feeder.id(), {})[0]->labels();
    REQUIRE(labels.is_ok());
    REQUIRE((*labels)->classes.size() == 1);
    CHECK((*labels)->classes.at(0) == "right");
}

// Many seals of few labels: chunks are merged, nothing is lost, and relabelled events count once in
// the end.
TEST_CASE("labels: chunks are kept few") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    std::mt19937_64 random(14);
    Book book;
    Lsn lsn = 0;
    for (; lsn < 2'000;) {
        ++lsn;
        feeder.append(random_event(random, lsn, kStart), lsn, kStart);
    }
    std::size_t size = 4'096;
    for (int round = 0; round < 40; ++round) {
        // Shrinking rounds are what tiers do not merge by themselves.
        size = size <= 1 ? 512 : size / 5 + 1;
        for (std::size_t i = 0; i < size; ++i) {
            book.add(*store,
                     feeder.partition(kStart),
                     label(1 + random() % 2'000, ++lsn, random() % 2 == 0 ? "a" : "b", kStart));
        }
        REQUIRE(store->seal(kStart, 0).is_ok());
    }
    book.check(*store, feeder.id(), kTimestampMax);
    check_clean(*store);
    store.reset();
    store = open_store(folder.path());
    feeder.attach(*store);
    book.check(*store, feeder.id(), kTimestampMax);
    check_clean(*store);
}

TEST_CASE("labels: events are found by request_id, open and sealed") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    const PartitionKey partition = feeder.partition(kStart);
    Lsn lsn = 0;
    const auto feed = [&](const std::string& request) {
        Event event;
        event.request_id = request;
        event.timestamp = kStart + static_cast<Timestamp>(1'000 - lsn);
        ++lsn;
        feeder.append(event, lsn, kStart);
        return lsn;
    };
    const auto find = [&](const std::string& request) {
        auto found = store->find_events(partition, request);
        REQUIRE(found.is_ok());
        return *found;
    };
    CHECK(find("a").empty());
    const Lsn a = feed("a");
    const Lsn b = feed("b");
    CHECK(find("a") == std::vector<Lsn>{a});
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(find("a") == std::vector<Lsn>{a});
    CHECK(find("c").empty());
    const Lsn c = feed("c");
    const Lsn again = feed("a");
    CHECK(find("a") == std::vector<Lsn>{a, again});
    const std::vector<EventLookup> ids = {{"c", {}}, {"nobody", {}}, {"b", {}}, {"a", {}}};
    const auto check_batch = [&] {
        const auto found = store->find_events(partition, ids);
        REQUIRE(found.is_ok());
        const std::vector<FoundEvent> wanted = {{0, c}, {2, b}, {3, a}, {3, again}};
        CHECK(*found == wanted);
    };
    check_batch();
    REQUIRE(store->seal(kStart, 0).is_ok());  // Merges the two.
    check_batch();
    const std::vector<EventLookup> timed = {{"a", kStart}, {"a", kStart + kSecond}, {"a", {}}};
    const auto found = store->find_events(partition, timed);
    REQUIRE(found.is_ok());
    CHECK(*found == std::vector<FoundEvent>{{0, a}, {0, again}, {2, a}, {2, again}});
    CHECK(find("a") == std::vector<Lsn>{a, again});
    CHECK(find("b") == std::vector<Lsn>{b});
    CHECK(find("nobody").empty());
    for (int i = 0; i < 300; ++i) {
        feed("more-" + std::to_string(i));
    }
    REQUIRE(store->seal(kStart, 0).is_ok());
    for (int i = 0; i < 300; ++i) {
        CHECK(find("more-" + std::to_string(i)).size() == 1);
    }
    check_batch();
}
