#include "damage.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/counter.h"

using namespace aiml042;
using namespace aiml042::store;
using namespace aiml042::store::test;

namespace {

struct Outcome {
    bool failed = false;    // Some call said so.
    bool wrong = false;     // A value came that was never stored.
    bool verified = false;  // verify() found it.
};

// Opens the store and reads everything; a wrong value without an error is what must never happen.
Outcome read_damaged(const std::string& folder,
                     const std::map<Lsn, Row>& wanted,
                     DeploymentId deployment) {
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
                const bool none = (!value.number && !value.text) ||
                                  (id == builtin::kShadow && value.number == 0.0);
                outcome.wrong = outcome.wrong ||
                                (known == at->second.end() ? !none : !(known->second == value));
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
    fill_and_seal(*store, feeder, random, 6'000);
    const DeploymentId deployment = feeder.id();
    store.reset();
    REQUIRE_FALSE(read_damaged(folder.path(), feeder.rows, deployment).failed);
    const std::vector<std::filesystem::path> files = files_of(folder);
    REQUIRE(files.size() >= 3);
    int failures = 0;
    constexpr int kFlips = 60;
    for (int flip = 0; flip < kFlips; ++flip) {
        const auto& file = files[static_cast<std::size_t>(flip) % files.size()];
        const std::uint64_t bit = random() % (std::filesystem::file_size(file) * 8);
        flip_bit(file, bit);
        const Outcome outcome = read_damaged(folder.path(), feeder.rows, deployment);
        INFO(file.string() << " bit " << bit);
        CHECK_FALSE(outcome.wrong);
        CHECK((!outcome.failed || outcome.verified));
        failures += outcome.failed ? 1 : 0;
        flip_bit(file, bit);
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
        feeder.append(random_event(random, lsn, kDamageStart), lsn, kDamageStart);
    }
    REQUIRE(store->seal(kDamageStart, 0).is_ok());
    store.reset();
    for (const auto& file : files_of(folder)) {
        if (const std::uint64_t size = std::filesystem::file_size(file); size > 8'000) {
            flip_bit(file, size / 2 * 8);
        }
    }
    store = open_store(folder.path());
    feeder.attach(*store);
    feeder.rows.clear();
    for (; lsn < 1'000;) {
        ++lsn;
        feeder.append(random_event(random, lsn, kDamageStart), lsn, kDamageStart);
    }
    REQUIRE(store->seal(kDamageStart, 0).is_ok());
    CHECK(store->head() == lsn + 1);
    const auto blocks = store->blocks(kProject, feeder.id(), {});
    REQUIRE(blocks.size() == 2);
    CHECK(blocks[0]->column(builtin::kScore).code() == ErrorCode::kCorruptBlock);
    CHECK(blocks[1]->column(builtin::kScore).is_ok());
    CHECK(blocks[1]->rows() == 500);
    CHECK_FALSE(store->verify([](const std::string&) {}).is_ok());
    // Sooner or later RocksDB merges its files and meets the damage: seals must go on.
    const Counter& met = counter("aiml042_store_damage_total", "");
    const std::uint64_t before = met.value();
    for (int after = 0, round = 0; after < 50; ++round) {
        REQUIRE(round < 2'000);
        for (const Timestamp day :
             {kDamageStart - kDay, kDamageStart + kDay}) {  // Its files span the damaged one.
            ++lsn;
            feeder.append(random_event(random, lsn, day), lsn, kDamageStart);
        }
        REQUIRE(store->seal(kDamageStart, 0).is_ok());
        CHECK(store->head() == lsn + 1);
        after += met.value() > before ? 1 : 0;
    }
}
