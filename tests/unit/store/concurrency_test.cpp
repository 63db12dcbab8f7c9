#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;

// What a reader must see whatever the fold is doing: all rows up to a point that never goes back, each once, each with
// its own values, and labels that are the ones of their rows.
class Reader {
  public:
    Reader(const Store& store, DeploymentId deployment, const std::vector<std::atomic<bool>>& is_event)
        : store_(store), deployment_(deployment), is_event_(is_event) {}

    // False with `why` set when something is wrong.
    bool look(std::string& why) {
        const Lsn visible = store_.visible();
        std::vector<std::uint8_t> seen(kLsnMax + 1);
        Lsn highest = 0;
        std::uint64_t rows = 0;
        for (const auto& block : store_.blocks(kProject, deployment_, {})) {
            const auto sequences = block->column(builtin::kSequence);
            const auto scores = block->column(builtin::kScore);
            const auto requests = block->column(builtin::kRequestId);
            const auto labels = block->labels();
            if (!sequences.is_ok() || !scores.is_ok() || !requests.is_ok() || !labels.is_ok()) {
                why = sequences.status().to_string() + scores.status().to_string() + labels.status().to_string();
                return false;
            }
            rows += block->rows();
            for (std::size_t row = 0; row < block->rows(); ++row) {
                const auto sequence = static_cast<Lsn>((*sequences)->integers[row]);
                highest = std::max(highest, sequence);
                if (seen[sequence]++ != 0) {
                    why = "a row twice";
                    return false;
                }
                if ((*scores)->numbers[row] != static_cast<double>(sequence) ||
                    (*requests)->strings.at((*requests)->codes[row]) != "r" + std::to_string(sequence)) {
                    why = "a value of another row";
                    return false;
                }
                if ((*labels)->labelled[row] != 0 && (*labels)->values[row] != static_cast<double>(sequence)) {
                    why = "a label of another row";
                    return false;
                }
            }
        }
        for (Lsn sequence = 1; sequence <= std::max(visible, highest); ++sequence) {
            if (seen[sequence] == 0 && is_event_[sequence].load()) {
                why = "row " + std::to_string(sequence) + " is missing of " + std::to_string(visible);
                return false;
            }
        }
        if (rows < rows_) {
            why = "rows went away";
            return false;
        }
        rows_ = rows;
        return true;
    }

    static constexpr Lsn kLsnMax = 1 << 18;

  private:
    const Store& store_;
    DeploymentId deployment_;
    const std::vector<std::atomic<bool>>& is_event_;
    std::uint64_t rows_ = 0;
};

}  // namespace

// Run under the thread sanitizer too (preset tsan).
TEST_CASE("store: readers see every row once while rows are added, sealed and merged") {
    const TemporaryFolder folder;
    auto store = open_store(folder.path());
    const DeploymentId deployment = store->intern_deployment(kProject, "m");
    std::vector<std::atomic<bool>> is_event(Reader::kLsnMax + 1);  // The rest are labels.
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> looks{0};
    std::vector<std::string> faults(2);
    std::vector<std::thread> readers;
    for (std::string& fault : faults) {
        readers.emplace_back([&store, &is_event, &done, &looks, &fault, deployment] {
            Reader reader(*store, deployment, is_event);
            bool last = false;
            do {
                last = done.load();
                if (!reader.look(fault)) {
                    return;
                }
                looks.fetch_add(1);
                static_cast<void>(store->stats());
                static_cast<void>(store->partitions(kProject));
            } while (!last);
        });
    }
    std::mt19937_64 random(51);
    Lsn lsn = 0;
    std::uint64_t events = 0;
    for (int round = 0; (round < 60 || looks.load() < 20) && lsn < Reader::kLsnMax - 1'000; ++round) {
        for (std::uint64_t i = 0, n = 1 + random() % 300; i < n; ++i) {
            is_event[++lsn].store(true);
            ++events;
            const std::string request = "r" + std::to_string(lsn);
            model::EventRow row;
            row.request_id = request;
            row.timestamp = kStart - static_cast<Timestamp>(random() % 2) * kDay + static_cast<Timestamp>(random() % 1'000);
            row.score = static_cast<double>(lsn);
            store->append({day_of(row.timestamp), kProject, deployment}, row, {}, lsn, kStart);
        }
        store->publish(lsn);
        for (int i = 0; i < 50; ++i) {
            const Lsn event = 1 + random() % lsn;
            for (const Timestamp day : {kStart, kStart - kDay}) {
                const PartitionKey partition{day_of(day), kProject, deployment};
                const auto found = store->find_events(partition, "r" + std::to_string(event));
                REQUIRE(found.is_ok());
                if (!found->empty()) {
                    REQUIRE(*found == std::vector<Lsn>{event});
                    LabelEntry entry;
                    entry.event = event;
                    entry.sequence = ++lsn;
                    entry.value = static_cast<double>(event);
                    store->add_label(partition, entry);
                }
            }
        }
        store->publish(lsn);
        if (round % 3 == 0) {
            REQUIRE(store->seal(kStart, 0).is_ok());
        }
    }
    done.store(true);
    for (auto& reader : readers) {
        reader.join();
    }
    for (const std::string& fault : faults) {
        CHECK(fault == "");
    }
    CHECK(looks.load() >= 20);
    CHECK(count_rows(*store, deployment) == events);
    check_clean(*store);
}
