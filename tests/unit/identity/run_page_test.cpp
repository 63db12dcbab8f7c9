#include "identity/run_page.h"

#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/hash.h"
#include "entry_shapes.h"

using namespace aiml042;            // NOLINT(google-build-using-namespace)
using namespace aiml042::identity;  // NOLINT(google-build-using-namespace)

namespace {

constexpr PagePlace kPlace{.run = 0x1'0000'002AULL, .page = 7};

/// As many of `entries` as one page takes; returns how many those were.
std::size_t fill(std::span<const Entry> entries, std::string& page) {
    PageBuilder builder;
    std::size_t count = 0;
    while (count < entries.size() && builder.add(entries[count])) {
        ++count;
    }
    builder.finish(kPlace, page);
    return count;
}

/// On the heap and of the exact size, so that a sanitizer sees a read past the end.
Status decode(const std::string& page, std::vector<Entry>& out, const PagePlace& place = kPlace) {
    const auto exact = std::make_unique<char[]>(page.size());
    std::memcpy(exact.get(), page.data(), page.size());
    return decode_page(ByteView(exact.get(), page.size()), place, out);
}

void mend(std::string& page) {
    const std::uint32_t crc = crc32c(ByteView(page).substr(4));
    std::memcpy(page.data(), &crc, sizeof(crc));
}

/// A good page of three entries with other bytes from `at` on, and the right checksum.
std::string forged(std::size_t at, std::string_view bytes) {
    std::string page;
    fill(std::vector<Entry>{{1, 1, 20'000, 1'764'000'000},
                            {2, 2, 20'001, 1'764'000'001},
                            {9, 3, 20'009, 1'764'000'009}},
         page);
    page.replace(at, bytes.size(), bytes);
    mend(page);
    return page;
}

}  // namespace

// Every column has its width, its base and its end; any of them may be at its limit.
TEST_CASE("run_page: entries of any shape come back, all of them and one by one") {
    std::mt19937_64 random(11);
    for (int trial = 0; trial < 3'000; ++trial) {
        const std::vector<Entry> entries = random_entries(random, 1 + random() % 300);
        std::string page;
        const std::size_t count = fill(entries, page);
        CAPTURE(trial, count);
        REQUIRE(page.size() == kPageBytes);
        REQUIRE(count >= std::min<std::size_t>(entries.size(), 40));
        const std::span<const Entry> taken = std::span(entries).first(count);
        std::vector<Entry> back;
        REQUIRE(decode(page, back).is_ok());
        REQUIRE(std::ranges::equal(back, taken));
        for (std::size_t i = 0; i < count; i += 1 + random() % 9) {
            const Entry& wanted = taken[i];
            std::vector<Entry> found;
            REQUIRE(find_in_page(page, kPlace, wanted.key, wanted.check, found).is_ok());
            std::erase_if(back, [&](const Entry& entry) {
                return entry.key != wanted.key || entry.check != wanted.check;
            });
            REQUIRE(found == back);
            back.assign(taken.begin(), taken.end());
            found.clear();
            REQUIRE(find_in_page(page, kPlace, wanted.key, wanted.check ^ 1, found).is_ok());
            REQUIRE(std::ranges::all_of(
                found, [&](const Entry& entry) { return entry.check == (wanted.check ^ 1); }));
        }
    }
}

TEST_CASE("run_page: the extremes of every field fit a page side by side") {
    using Key = std::numeric_limits<std::uint64_t>;
    using Day = std::numeric_limits<std::int32_t>;
    using Word = std::numeric_limits<std::uint32_t>;
    const std::vector<Entry> entries{{0, 0, Day::max(), 0},
                                     {0, Word::max(), Day::min(), Word::max()},
                                     {1, 5, 0, 1},
                                     {Key::max(), 0, Day::min(), 0},
                                     {Key::max(), 0, Day::max(), Word::max()}};
    std::string page;
    REQUIRE(fill(entries, page) == entries.size());
    std::vector<Entry> back;
    REQUIRE(decode(page, back).is_ok());
    CHECK(back == entries);
    for (const Entry& entry : entries) {  // And alone.
        std::string single;
        REQUIRE(fill(std::span(&entry, 1), single) == 1);
        back.clear();
        REQUIRE(decode(single, back).is_ok());
        CHECK(back == std::vector{entry});
    }
}

// The bytes per entry that the README promises.
TEST_CASE("run_page: a page takes what its widths allow") {
    std::mt19937_64 random(12);
    std::vector<Entry> entries(
        kPageEntriesMax + 1, Entry{.key = 3, .check = 4, .day = 20'000, .arrival = 1'764'000'000});
    std::string page;
    CHECK(fill(entries, page) == kPageEntriesMax);
    std::uint64_t key = 0;
    std::exponential_distribution<double> step(1e7 / 0x1p64);
    for (Entry& entry : entries) {  // As far apart as 10^7 entries are, within two minutes.
        entry.key = key += static_cast<std::uint64_t>(step(random));
        entry.arrival += static_cast<std::uint32_t>(random() % 128);
    }
    page.clear();
    const std::size_t count = fill(entries, page);
    CHECK(count > 92);
    CHECK(count < 98);
    for (Entry& entry : entries) {  // Over 90 days the arrivals take more, the days still nothing.
        entry.arrival = 1'764'000'000 + static_cast<std::uint32_t>(random() % (90 * 86'400));
        entry.day = static_cast<std::int32_t>(entry.arrival / 86'400);
    }
    page.clear();
    CHECK(fill(entries, page) > 79);
}

TEST_CASE("run_page: a wrong bit, and a page of another place, is noticed") {
    const std::string page = forged(0, "");
    std::vector<Entry> out;
    REQUIRE(decode(page, out).is_ok());
    REQUIRE(out.size() == 3);
    out.clear();
    for (std::size_t bit = 0; bit < kPageBytes * 8; bit += 7) {
        std::string wrong = page;
        wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ 1 << bit % 8);
        REQUIRE(decode(wrong, out).code() == ErrorCode::kCorruptBlock);
    }
    CHECK(decode(page, out, {.run = kPlace.run, .page = 8}).code() == ErrorCode::kCorruptBlock);
    CHECK(decode(page, out, {.run = 43, .page = 7}).code() == ErrorCode::kCorruptBlock);
    CHECK(out.empty());
}

// The checksum is right, what it covers is not: the disk did not do this, but nothing may be read
// out of bounds because of it.
TEST_CASE("run_page: what is not well-formed is corrupt whatever its checksum says") {
    using namespace std::string_view_literals;
    const std::string page =
        GENERATE(forged(12, "\x00"sv),                 // No entry.
                 forged(12, "\xF9"sv),                 // More than can be.
                 forged(12, "\xF8\x01"sv),             // More than has room.
                 forged(13, "\x39"sv),                 // Widths that no writer
                 forged(13, "\x41"sv),                 // chooses.
                 forged(13, "\xFF"sv),                 //
                 forged(14, "\x21"sv),                 //
                 forged(15, "\x21"sv),                 //
                 forged(15, "\xFF"sv),                 //
                 forged(12, "\x80\x40\x20\x20"sv),     // Columns behind the end.
                 forged(12, "\x80\x20\x20\x20"sv),     //
                 forged(16, std::string(8, '\xFF')));  // Keys that wrap around.
    std::vector<Entry> out;
    CHECK(decode(page, out).code() == ErrorCode::kCorruptBlock);
    CHECK(find_in_page(page, kPlace, 1, 1, out).code() == ErrorCode::kCorruptBlock);
    CHECK(out.empty());
}

TEST_CASE("run_page: random bytes with a right checksum end in entries or in an error") {
    std::mt19937_64 random(13);
    std::size_t good = 0;
    for (int trial = 0; trial < 20'000; ++trial) {
        std::string page(kPageBytes, '\0');
        for (char& byte : page) {
            byte = static_cast<char>(random());
        }
        const PagePlace place{.run = kPlace.run,
                              .page = kPlace.page,
                              .version = trial % 2 == 0 ? RunVersion::kPacked : RunVersion::kFixed};
        const std::uint32_t at[] = {7, 42};
        std::memcpy(page.data() + (place.version == RunVersion::kFixed ? 8 : 4), at, sizeof(at));
        if (trial % 4 == 1) {  // A number of entries that may be.
            std::memcpy(page.data() + 4, "\x32\0\0", 4);
        }
        mend(page);
        std::vector<Entry> out;
        const Status status = decode(page, out, place);
        REQUIRE((status.is_ok() ? !out.empty() : out.empty()));
        REQUIRE((status.is_ok() || status.code() == ErrorCode::kCorruptBlock));
        good += status.is_ok() ? 1U : 0U;
    }
    CHECK(good >= 5'000);
}
