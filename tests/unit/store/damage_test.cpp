#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

constexpr Timestamp kStart = 1'700'006'400 * kSecond;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

struct Outcome {
    bool failed = false;     // Some call said so.
    bool wrong = false;      // A value came that was never stored.
    bool verified = false;   // verify() found it.
};

// Opens the store and reads everything; a wrong value without an error is what must never happen.
Outcome read_damaged(const std::string& folder, const std::map<Lsn, Row>& wanted, DeploymentId deployment) {
    Outcome outcome;
    auto opened = Store::open({.folder = folder});
    if (!opened.is_ok()) {
        outcome.failed = true;
        outcome.verified = true;
        return outcome;
    }
    const Store& store = **opened;
    std::size_t rows = 0;
    for (const auto& block : store.blocks(kProject, deployment, {})) {
        const auto sequences = block->column(builtin::kSequence);
        if (!sequences.is_ok()) {
            CHECK(sequences.code() == ErrorCode::kCorruptBlock);
            outcome.failed = true;
            continue;
        }
        rows += block->rows();
        for (ColumnId id = 0; id < model::kFirstDynamicColumn + 8; ++id) {
            const auto column = block->column(id);
            if (!column.is_ok()) {
                CHECK(column.code() == ErrorCode::kCorruptBlock);
                outcome.failed = true;
                continue;
            }
            for (std::size_t row = 0; *column != nullptr && row < block->rows(); ++row) {
                const auto value = value_at(**column, row);
                const auto at = wanted.find(static_cast<Lsn>((*sequences)->integers[row]));
                if (at == wanted.end()) {
                    outcome.wrong = true;
                    continue;
                }
                const auto known = at->second.find(id);
                const bool none = (!value.number && !value.text) || (id == builtin::kShadow && value.number == 0.0);
                outcome.wrong = outcome.wrong || (known == at->second.end() ? !none : !(known->second == value));
            }
        }
        const auto labels = block->labels();
        if (!labels.is_ok()) {
            outcome.failed = true;
        } else {
            for (std::size_t row = 0; row < block->rows(); ++row) {
                const bool odd = (*sequences)->integers[row] % 2 == 1;
                outcome.wrong = outcome.wrong || ((*labels)->labelled[row] != 0) != odd;
            }
        }
    }
    outcome.wrong = outcome.wrong || (!outcome.failed && rows != wanted.size());
    outcome.verified = !store.verify([](const std::string&) {}).is_ok();
    return outcome;
}

}  // namespace

// Bits rot anywhere in the table files: every reader gets an error or the true value.
TEST_CASE("store: a flipped bit is an error, never a wrong value") {
    const TemporaryFolder folder;
    std::mt19937_64 random(31);
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    Lsn lsn = 0;
    for (int i = 0; i < 6'000; ++i) {
        ++lsn;
        feeder.append(random_event(random, lsn, i % 3 == 0 ? kStart - kDay : kStart), lsn, kStart);
    }
    for (Lsn event = 1; event <= 6'000; event += 2) {
        LabelEntry entry;
        entry.event = event;
        entry.sequence = ++lsn;
        entry.value = 1.0;
        store->add_label(feeder.partition(static_cast<Timestamp>(*feeder.rows[event][builtin::kTimestamp].number)), entry);
    }
    REQUIRE(store->seal(kStart, 0).is_ok());
    const DeploymentId deployment = feeder.id();
    store.reset();
    REQUIRE_FALSE(read_damaged(folder.path(), feeder.rows, deployment).failed);
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        if (file.path().extension() == ".sst") {
            files.push_back(file.path());
        }
    }
    std::sort(files.begin(), files.end());
    REQUIRE(files.size() >= 3);
    int failures = 0;
    constexpr int kFlips = 60;
    for (int flip = 0; flip < kFlips; ++flip) {
        const auto& file = files[static_cast<std::size_t>(flip) % files.size()];
        const std::string good = read_file(file);
        std::string bad = good;
        const std::size_t bit = random() % (bad.size() * 8);
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        write_file(file, bad);
        const Outcome outcome = read_damaged(folder.path(), feeder.rows, deployment);
        INFO(file.string() << " bit " << bit);
        CHECK_FALSE(outcome.wrong);
        CHECK((!outcome.failed || outcome.verified));
        failures += outcome.failed ? 1 : 0;
        write_file(file, good);
    }
    CHECK(failures > kFlips / 3);
    CHECK_FALSE(read_damaged(folder.path(), feeder.rows, deployment).failed);
}

// Damage must not stop the server from taking new rows of that day.
TEST_CASE("store: new rows are not merged with a damaged block") {
    const TemporaryFolder folder;
    std::mt19937_64 random(32);
    auto store = open_store(folder.path());
    Feeder feeder(*store);
    Lsn lsn = 0;
    for (; lsn < 500;) {
        ++lsn;
        feeder.append(random_event(random, lsn, kStart), lsn, kStart);
    }
    REQUIRE(store->seal(kStart, 0).is_ok());
    store.reset();
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        std::string bytes = read_file(entry.path());
        if (entry.path().extension() == ".sst" && bytes.size() > 8'000) {
            bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
            write_file(entry.path(), bytes);
        }
    }
    store = open_store(folder.path());
    feeder.attach(*store);
    feeder.rows.clear();
    for (; lsn < 1'000;) {
        ++lsn;
        feeder.append(random_event(random, lsn, kStart), lsn, kStart);
    }
    REQUIRE(store->seal(kStart, 0).is_ok());
    CHECK(store->head() == lsn + 1);
    const auto blocks = store->blocks(kProject, feeder.id(), {});
    REQUIRE(blocks.size() == 2);
    CHECK(blocks[0]->column(builtin::kScore).code() == ErrorCode::kCorruptBlock);
    CHECK(blocks[1]->column(builtin::kScore).is_ok());
    CHECK(blocks[1]->rows() == 500);
    CHECK_FALSE(store->verify([](const std::string&) {}).is_ok());
}
